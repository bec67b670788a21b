//! The program `reinstall` as people use it. In a lab of its own.
#![expect(clippy::unwrap_used, reason = "in a test, failing is how to say it")]

#[macro_use]
#[path = "../../../fixtures/tests/in_a_lab/mod.rs"]
mod in_a_lab;
#[path = "../person/mod.rs"]
mod person;

mod client;
mod emergency;
mod whole;

use std::process::ExitCode;

use fixtures::lab::packages::Suite;
use libtest_mimic::Trial;

fn main() -> ExitCode {
    // They share the engine, and each takes its cache away.
    in_a_lab::main(Suite::Trixie, Some(1), trials)
}

fn trials() -> Vec<Trial> {
    trials![
        emergency::a_run_that_fails_is_rolled_back_by_itself,
        emergency::a_selected_builder_that_builds_nothing_gives_way_to_the_engines_own,
        emergency::an_engine_that_is_dead_is_started_in_an_emergency,
        emergency::the_classic_builder_is_named_where_it_is_all_that_builds,
        whole::another_plan_than_the_one_agreed_to_changes_nothing,
        whole::nothing_is_asked_of_a_builder_that_builds,
        whole::what_was_agreed_to_is_done_once_watched_and_can_be_taken_back,
    ]
}
