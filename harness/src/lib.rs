//! How claims are declared, selected, scheduled, judged and reported; how measurements are compared. Knows no Docker.
//!
//! | module | what it is for |
//! |---|---|
//! | [`outcome`] | what became of a check |
//! | [`mod@expect`] | comparisons that say what was expected and found |
//! | [`wait`] | waiting for a condition |
//! | [`process`] | child processes that end with their caller's interest |
//! | [`scope`] | what a running check has to itself |

pub mod expect;
pub mod outcome;
pub mod process;
pub mod scope;
pub mod wait;

pub use expect::expect;
pub use outcome::{Doing, Failure, Outcome, Stop, Verdict};
pub use process::Tool;
pub use scope::Scope;
pub use wait::{Look, until};
