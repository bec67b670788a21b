//! What the exit code of a process is made of.

use std::sync::{Mutex, PoisonError};

use crate::event::CheckRecord;
use crate::exit::Exit;
use crate::outcome::Outcome;

/// The worst that happened so far, and whether anything ran.
#[derive(Debug)]
pub(crate) struct Tally(Mutex<(Exit, Ran)>);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ran {
    Nothing,
    Something,
}

impl Default for Tally {
    fn default() -> Self {
        Self(Mutex::new((Exit::Passed, Ran::Nothing)))
    }
}

impl Tally {
    pub(crate) fn note(&self, exit: Exit) {
        let mut tally = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        tally.0 = tally.0.max(exit);
    }

    /// Counts a check.
    pub(crate) fn count(&self, record: &CheckRecord) {
        let missing = record.required.is_some();
        self.note(if missing { Exit::NeedMissing } else { weight(&record.outcome, &record.debris) });
        if !matches!(record.outcome, Outcome::Skipped { .. } | Outcome::Blocked { .. }) {
            self.0.lock().unwrap_or_else(PoisonError::into_inner).1 = Ran::Something;
        }
    }

    /// The exit code of a process that is the whole run.
    pub(crate) fn of_a_run(&self) -> Exit {
        match *self.0.lock().unwrap_or_else(PoisonError::into_inner) {
            (worst, Ran::Nothing) => worst.max(Exit::NothingRan),
            (worst, Ran::Something) => worst,
        }
    }

    /// The exit code of a process that runs one check of many: that this one is skipped is no news for the whole.
    pub(crate) fn of_one_check(&self) -> Exit {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).0
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
