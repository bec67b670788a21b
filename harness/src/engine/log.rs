//! The events of this process: in the run's log for every report, and in memory for this process's own end.

use std::sync::{Mutex, PoisonError};

use crate::event::Event;
use crate::run_folder::RunFolder;

/// Takes events down.
#[derive(Debug, Default)]
pub(crate) struct Log {
    own: Mutex<Own>,
}

#[derive(Debug, Default)]
struct Own {
    events: Vec<Event>,
    trouble: Option<String>,
}

impl Log {
    pub(crate) fn append(&self, folder: &RunFolder, event: Event) {
        let written = folder.append(&event);
        let mut own = self.own.lock().unwrap_or_else(PoisonError::into_inner);
        if let Err(error) = written {
            own.trouble.get_or_insert(format!("cannot write {}: {error}", folder.events().display()));
        }
        own.events.push(event);
    }

    /// What this process did so far.
    pub(crate) fn own(&self) -> Vec<Event> {
        self.own.lock().unwrap_or_else(PoisonError::into_inner).events.clone()
    }

    /// Why the run's log is not whole, where it is not.
    pub(crate) fn trouble(&self) -> Option<String> {
        self.own.lock().unwrap_or_else(PoisonError::into_inner).trouble.clone()
    }
}
