//! How claims are declared, selected, scheduled, judged and reported; how measurements are compared. Knows no Docker.
//!
//! | module | what it is for |
//! |---|---|
//! | [`suite`] | what a suite declares: needs, stages, checks |
//! | [`mod@spec`] | the clauses that a suite answers to |
//! | [`args`] | the command line |
//! | [`mod@engine`] | from a command line to verdicts, events and an exit code |
//! | [`exit`] | the exit codes |
//! | [`outcome`] | what became of a check |
//! | [`mod@expect`] | comparisons that say what was expected and found |
//! | [`wait`] | waiting for a condition |
//! | [`process`] | child processes that end with their caller's interest |
//! | [`scope`] | what a running check has to itself |
//! | [`event`] | what happens in a run, as data |
//! | [`report`] | what is made of it: terminal, JUnit, JSON |
//! | [`run_folder`] | where it is kept |

//!
//! A suite, small but whole (`doc/suite.rs`):
//! ```
#![doc = include_str!("../doc/suite.rs")]
//! ```

pub mod args;
pub mod engine;
pub mod event;
pub mod exit;
pub mod expect;
pub mod outcome;
pub mod process;
pub mod report;
pub mod run_folder;
pub mod scope;
pub mod spec;
pub mod suite;
mod text;
pub mod wait;

pub use args::{HarnessArgs, complain, parse, vet};
pub use engine::{Program, faults, listing, run};
pub use exit::Exit;
pub use expect::expect;
pub use harness_macros::check;
pub use outcome::{Doing, Failure, Outcome, Stop, Verdict};
pub use process::Tool;
pub use run_folder::RunFolder;
pub use scope::Scope;
pub use spec::Spec;
pub use suite::{Check, Name, Presence, Stage, Suite, Touch};
pub use wait::{Look, until};

#[doc(hidden)]
pub use linkme;

/// What the compiler refuses in the suite of the example above.
#[cfg(doctest)]
mod refused {
    macro_rules! refused {
        ($name:ident, $check:literal) => {
            #[doc = concat!("```compile_fail\n", include_str!("../doc/suite.rs"), $check, "\n```")]
            mod $name {}
        };
    }
    refused!(
        a_misspelt_need,
        "/// It is.\n#[harness::check(needs(Boldness), within = \"1s\")] async fn it_is(_: &Cx) -> Verdict { Ok(()) }"
    );
    refused!(
        a_misspelt_stage,
        "/// It is.\n#[harness::check(stage = Pitchd, within = \"1s\")] async fn it_is(_: &Cx) -> Verdict { Ok(()) }"
    );
    refused!(
        a_body_with_another_context,
        "/// It is.\n#[harness::check(within = \"1s\")] async fn it_is(_: &u8) -> Verdict { Ok(()) }"
    );
}
