//! Every way to break a reinstall: after each, one command brings the installation to committed or to what it was, no byte is
//! lost, and nothing of somebody else's is touched.
//!
//! | `REINSTALL_SWEEP` | what is tried |
//! |---|---|
//! | not set | a few of each fault, drawn by chance |
//! | `all` | all, in several labs side by side |
//! | `kill`, `eio/run/purge` | the cases whose names begin so |
//! | a name, or several with a comma between | the cases of these names |
//!
//! After `REINSTALL_SWEEP_MINUTES` nothing more is begun: one minute for what is drawn by chance, as long as it takes for the rest.
//! `REINSTALL_SWEEP_LABS` is how many labs there are.
//! `REINSTALL_SWEEP_SEED` repeats what was drawn by chance; it is printed. A case's name says all about it:
//! `kill/run/purge/record-4/back/twice` is `kill -9` of `reinstall run` when the fourth record of its purge is in the journal;
//! `reinstall rollback` follows, which is killed too, and then `reinstall resume`.
#![expect(clippy::unwrap_used, reason = "in a test, failing is how to say it")]

#[macro_use]
#[path = "../../../fixtures/tests/in_a_lab/mod.rs"]
mod in_a_lab;
#[path = "../person/mod.rs"]
mod person;
#[macro_use]
mod words;

mod attempt;
mod begun;
mod blow;
mod case;
mod damage;
mod dice;
mod disk;
mod every;
mod foreign;
mod labs;
mod outcome;
mod sweep;
mod swept;
mod watched;

use std::process::ExitCode;

use fixtures::lab::packages::Suite;
use fixtures::lab::{Lab, run_if_asked};
use libtest_mimic::Arguments;

fn main() -> ExitCode {
    // A lab's own processes are this program too.
    if let Some(code) = run_if_asked() {
        return code;
    }
    let only_lists = Arguments::from_args().list;
    match labs::wanted().filter(|_| !only_lists && !Lab::is_here()) {
        Some(count) => labs::side_by_side(count),
        None => in_a_lab::main(Suite::Trixie, Some(1), || {
            trials![sweep::whatever_breaks_it_one_command_brings_it_home]
        }),
    }
}
