//! The program `reinstall` as people use it: typed, killed, typed again. In a lab of its own.
#![expect(clippy::unwrap_used, reason = "in a test, failing is how to say it")]

#[macro_use]
#[path = "../../../fixtures/tests/in_a_lab/mod.rs"]
mod in_a_lab;

mod client;
mod crash;
mod whole;

use std::path::Path;
use std::process::ExitCode;

use fixtures::lab::packages::Suite;
use libtest_mimic::Trial;

fn main() -> ExitCode {
    // They share the engine, and each takes its cache away.
    in_a_lab::main(Suite::Trixie, Some(1), trials)
}

fn trials() -> Vec<Trial> {
    let mut trials = trials![
        crash::a_backup_that_is_killed_leaves_no_builder_stopped,
        crash::a_run_that_is_killed_is_resumed_to_the_end,
        crash::a_run_that_is_killed_is_rolled_back,
        whole::another_plan_than_the_one_agreed_to_changes_nothing,
        whole::nothing_is_asked_of_a_builder_that_builds,
        whole::what_was_agreed_to_is_done_once_and_can_be_taken_back,
    ];
    let long = trials![crash::a_run_that_is_killed_at_any_record_comes_home];
    trials.extend(long.into_iter().map(|trial| trial.with_ignored_flag(true)));
    trials
}

/// The program under test.
fn program() -> &'static Path {
    Path::new(env!("CARGO_BIN_EXE_reinstall"))
}
