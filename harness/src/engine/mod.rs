//! The engine: from a command line to verdicts, events and an exit code.

mod body;
mod check;
mod interrupt;
mod list;
mod log;
mod needs;
mod once;
mod plan;
mod program;
mod run;
mod stage;
mod tally;
mod turn;

pub use list::{Listing, listing};
pub use plan::faults;
pub use program::{Program, run};
