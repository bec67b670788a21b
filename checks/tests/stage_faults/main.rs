//! Every check that is no `validate::` turns red, for its own reason and nobody else's: the stages leave their evidence once, in a
//! lab; then one thing of it, or of what it is about, is made otherwise, and the checks look again. `table.toml` says which of them
//! have to see it.
#![expect(clippy::unwrap_used, reason = "in a test, failing is how to say it")]

#[expect(unused_macros, reason = "what is tried is in a table")]
#[path = "../../../fixtures/tests/in_a_lab/mod.rs"]
mod in_a_lab;

mod case;
mod judged;
mod ran;
mod table;
mod tampered;

use std::process::ExitCode;

use fixtures::lab::packages::Suite;
use libtest_mimic::Trial;

fn main() -> ExitCode {
    match judged::asked() {
        Some(asked) => judged::answer(&asked),
        None => in_a_lab::main(Suite::Trixie, Some(2), trials),
    }
}

fn trials() -> Vec<Trial> {
    let mut trials = table::trials();
    trials.extend(tampered::trials());
    trials
}
