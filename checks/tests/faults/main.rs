//! The suite on live installations, in a lab: each broken in one way and called so with its cause, odd ones called sound,
//! and none different afterwards. What is wrong with a command line needs no lab.
#![expect(clippy::unwrap_used, reason = "in a test, failing is how to say it")]

mod bad_input;
mod oddities;
mod program;
mod refusals;
mod table;

use std::process::ExitCode;

use fixtures::lab::packages::Suite;
use fixtures::lab::{Lab, around, run_if_asked};
use libtest_mimic::{Arguments, Trial};

use program::RUNTIME;

fn main() -> ExitCode {
    if let Some(code) = run_if_asked() {
        return code;
    }
    let mut arguments = Arguments::from_args();
    if arguments.list || Lab::is_here() {
        // What is waited for is the engine more than the processor.
        arguments.test_threads.get_or_insert(4);
        return libtest_mimic::run(&arguments, trials()).exit_code();
    }
    RUNTIME.block_on(around::run_again_inside(Suite::Trixie)).unwrap()
}

fn trials() -> Vec<Trial> {
    let mut trials = bad_input::trials();
    trials.extend(table::trials());
    trials.extend(oddities::trials());
    trials.extend(refusals::trials());
    trials
}
