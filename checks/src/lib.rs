//! The suite: each scenario of the specification as named checks over an installation.
//!
//! | module | what it is for |
//! |---|---|
//! | [`cli`] | the command line of a run of checks, and from it to a verdict |
//! | [`commands`] | the program `reinstall` |
//! | [`target`] | which installation is meant: the user's own, or a lab |
//! | [`lab`] | getting into a lab |
//! | [`suite`] | needs, stages and context, as the harness asks for them |
//! | [`cx`] | what the body of a check gets |
//! | `building` | verbs for builds: what is built, by which builder, what was built already |
//! | `traces` | leaving nothing behind on a live installation |
//! | [`stages`] | how each stage is brought up, and the evidence that it leaves |
//! | the others | the checks, a folder per requirement |

mod building;
pub mod cli;
pub mod commands;
pub mod cx;
mod journals;
pub mod lab;
mod live;
mod need;
mod needs;
mod own_builder;
mod papers;
mod stage;
pub mod stages;
pub mod suite;
pub mod target;
mod traces;

mod backup;
mod backup_files;
mod clean;
mod disruption;
mod document;
mod evidence;
mod install;
mod rollback;
mod validate;

pub use cx::{Asked, Cx};
pub use need::Need;
pub use stage::Stage;
pub use suite::Suite;

/// Every check, in no order; the harness sorts them.
#[harness::linkme::distributed_slice]
#[linkme(crate = harness::linkme)]
pub static CHECKS: [harness::Check<Suite>];

/// The clauses that the checks answer to.
pub const SPEC: &str = include_str!("../spec.toml");
