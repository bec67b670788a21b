//! What the exit code of a process is made of.

use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::event::CheckRecord;
use crate::exit::Exit;
use crate::outcome::Outcome;

/// The worst that happened so far, and what ran.
#[derive(Debug)]
pub(crate) struct Tally(Mutex<Counts>);

#[derive(Debug, Clone, Copy)]
struct Counts {
    worst: Exit,
    ran: u64,
    failures: u64,
}

impl Default for Tally {
    fn default() -> Self {
        Self(Mutex::new(Counts { worst: Exit::Passed, ran: 0, failures: 0 }))
    }
}

impl Tally {
    /// Takes something that happened beside the checks into account.
    pub(crate) fn note(&self, exit: Exit) {
        let mut counts = self.counts();
        counts.worst = counts.worst.max(exit);
    }

    /// Takes a check into account.
    pub(crate) fn count(&self, record: &CheckRecord) {
        let missing = record.required.is_some();
        self.note(if missing { Exit::NeedMissing } else { weight(&record.outcome, &record.debris) });
        let mut counts = self.counts();
        match record.outcome {
            Outcome::Skipped { .. } | Outcome::Blocked { .. } => {}
            Outcome::Passed => counts.ran += 1,
            Outcome::Failed(_) | Outcome::Broken { .. } => {
                counts.ran += 1;
                counts.failures += 1;
            }
        }
    }

    /// How often something failed or broke.
    pub(crate) fn failures(&self) -> u64 {
        self.counts().failures
    }

    /// The exit code of a process that is the whole run.
    pub(crate) fn of_a_run(&self) -> Exit {
        let Counts { worst, ran, .. } = *self.counts();
        if ran == 0 { worst.max(Exit::NothingRan) } else { worst }
    }

    /// The exit code of a process that runs one check of many: that this one is skipped is no news for the whole.
    pub(crate) fn of_one_check(&self) -> Exit {
        self.counts().worst
    }

    fn counts(&self) -> MutexGuard<'_, Counts> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What an outcome and its debris mean for the exit code.
pub(crate) fn weight(outcome: &Outcome, debris: &[String]) -> Exit {
    let left = if debris.is_empty() { Exit::Passed } else { Exit::Debris };
    left.max(match outcome {
        Outcome::Passed | Outcome::Skipped { .. } | Outcome::Blocked { .. } => Exit::Passed,
        Outcome::Failed(_) => Exit::Failed,
        Outcome::Broken { .. } => Exit::Broken,
    })
}
