//! The events of this process: in the run's log for every report, and in memory for this process's own end.

use std::sync::{Mutex, PoisonError};

use crate::event::{Event, StageRecord};
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

    /// What became of a stage that this process tried.
    pub(crate) fn stage(&self, name: &str) -> Option<StageRecord> {
        self.own().into_iter().find_map(|event| match event {
            Event::StageEnded(record) if record.stage == name => Some(record),
            _ => None,
        })
    }

    /// The stages that this process brought up, in words.
    pub(crate) fn up(&self) -> String {
        let stages = self.own().into_iter().filter_map(|event| match event {
            Event::StageEnded(record) if record.outcome.is_passed() => Some(record.stage),
            _ => None,
        });
        let stages: Vec<String> = stages.collect();
        if stages.is_empty() { "no stage".into() } else { format!("the stages {}", stages.join(", ")) }
    }

    /// Why the run's log is not whole, where it is not.
    pub(crate) fn trouble(&self) -> Option<String> {
        self.own.lock().unwrap_or_else(PoisonError::into_inner).trouble.clone()
    }
}
