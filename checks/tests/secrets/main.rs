//! No secret in any artefact: a canary in every place that can hold a credential, everything done that the program can do, and
//! then every byte of what it said and wrote looked through. In a lab of its own.
#![expect(clippy::unwrap_used, reason = "in a test, failing is how to say it")]

#[macro_use]
#[path = "../../../fixtures/tests/in_a_lab/mod.rs"]
mod in_a_lab;

mod canary;
mod found;
mod owner;
mod planted;
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
        whole::a_reinstall_and_its_rollback_show_no_secret,
        whole::checks_and_their_reports_show_no_secret,
        whole::what_goes_wrong_is_told_without_secrets,
    ]
}
