//! A misbehaving suite, and the tests that hold the harness's verdicts on it against a table of right answers.
//!
//! The same program plays both parts: with `BAD_SUITE` set it is the suite, otherwise it runs itself as the suite.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on should say where")]

mod answers;
mod clean;
mod exits;
mod golden;
mod interrupts;
mod program;
mod suite;
mod surfaces;
mod validate;

use std::process::ExitCode;

use libtest_mimic::{Arguments, Trial};

pub(crate) use suite::{BadSuite as Suite, CHECKS, Cx, Need, Stage};

macro_rules! tests {
    ($($module:ident :: { $($name:ident),* $(,)? })*) => {
        vec![$($(Trial::test(concat!(stringify!($module), "::", stringify!($name)), || {
            $module::$name();
            Ok(())
        })),*),*]
    };
}

fn main() -> ExitCode {
    if std::env::var_os("BAD_SUITE").is_some() {
        return suite::main().into();
    }
    let tests = tests! {
        surfaces::{
            every_surface_agrees_with_the_table_one_check_at_a_time,
            every_surface_agrees_with_the_table_with_checks_side_by_side,
            every_surface_agrees_with_the_table_with_one_process_per_check,
            what_a_check_started_has_ended_with_it,
            the_report_says_which_checks_answer_to_a_clause,
        }
        exits::{
            all_passed_is_0,
            a_broken_promise_is_1,
            a_broken_suite_is_2,
            wrong_usage_is_3_with_one_line_and_nothing_started,
            nothing_selected_is_4,
            nothing_but_skips_is_4,
            a_required_need_that_is_missing_is_5,
            debris_is_6,
            verdicts_that_nobody_reads_are_2_and_no_panic,
            a_failed_check_that_nobody_selected_counts,
            an_empty_variable_is_an_absent_one,
            a_run_with_nothing_has_one_case_that_says_so,
        }
        interrupts::{
            an_interrupt_ends_the_run_in_order,
            a_second_interrupt_ends_it_at_once,
            a_killed_run_can_still_be_reported,
        }
        golden::{
            what_people_read_is_as_recorded,
            listing_shows_claims_and_touches_nothing,
            the_junit_report_is_as_recorded,
        }
    };
    libtest_mimic::run(&Arguments::from_args(), tests).exit_code()
}
