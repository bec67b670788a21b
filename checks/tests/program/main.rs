//! The program `reinstall` as people use it. In a lab of its own.
#![expect(clippy::unwrap_used, reason = "in a test, failing is how to say it")]

#[macro_use]
#[path = "../../../fixtures/tests/in_a_lab/mod.rs"]
mod in_a_lab;
#[path = "../person/mod.rs"]
mod person;

mod client;
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
        whole::another_plan_than_the_one_agreed_to_changes_nothing,
        whole::nothing_is_asked_of_a_builder_that_builds,
        whole::what_was_agreed_to_is_done_once_and_can_be_taken_back,
    ]
}
