//! Reports: functions of the events of a run.

pub mod human;
pub mod json;
pub mod junit;

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, BufRead, BufReader};
use std::path::Path;

use jiff::Timestamp;
use serde::Serialize;

use crate::args::Dialect;
use crate::event::{CheckRecord, Event, StageRecord};
use crate::run_folder::{RunFolder, write_whole};
use crate::spec::Spec;
use crate::suite::Presence;

/// What is known about a run from its events.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Report {
    /// When it began, once anything has.
    pub began: Option<Timestamp>,
    /// When the last thing of it happened.
    pub ended: Option<Timestamp>,
    /// Its checks by name.
    pub checks: BTreeMap<String, CheckRecord>,
    /// Checks that began and have no outcome: they are running, or their process was killed. With the time of beginning.
    pub unfinished: BTreeMap<String, Timestamp>,
    /// Its stages in the order of their ends.
    pub stages: Vec<StageRecord>,
    /// The answers to its needs.
    pub needs: BTreeMap<String, Presence>,
    /// The rules that ordered a rollback.
    pub triggers: Vec<Trigger>,
    /// Where it happened.
    pub environment: BTreeMap<String, String>,
    /// Whether somebody asked it to end.
    pub interrupted: bool,
}

/// A rule that ordered a rollback.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Trigger {
    /// The rule.
    pub trigger: String,
    /// What was read that set it off.
    pub why: String,
}

impl Report {
    /// Reads the event log of a run. A line that a killed process left half written is passed over.
    ///
    /// # Errors
    /// When the log cannot be read.
    pub fn from_events(path: &Path) -> io::Result<Self> {
        let mut report = Self::default();
        for line in BufReader::new(File::open(path)?).split(b'\n') {
            if let Ok(event) = serde_json::from_slice(&line?) {
                report.take(event);
            }
        }
        Ok(report)
    }

    /// The report of these events.
    pub fn of(events: impl IntoIterator<Item = Event>) -> Self {
        let mut report = Self::default();
        events.into_iter().for_each(|event| report.take(event));
        report
    }

    fn take(&mut self, event: Event) {
        match event {
            Event::RunStarted { at, .. } => {
                self.began.get_or_insert(at);
            }
            Event::NeedProbed { need, presence } => {
                self.needs.insert(need, presence);
            }
            Event::StageStarted { .. } => {}
            Event::StageEnded(record) => self.take_stage(record),
            Event::CheckStarted { check, at } => {
                // Somebody runs it again, so what was known of it no longer holds.
                self.checks.remove(&check);
                self.unfinished.insert(check, at);
            }
            Event::CheckEnded(record) => {
                self.unfinished.remove(&record.name);
                self.checks.insert(record.name.clone(), *record);
            }
            Event::Triggered { trigger, why } => self.triggers.push(Trigger { trigger, why }),
            Event::Environment { values } => self.environment.extend(values),
            Event::Interrupted { .. } => self.interrupted = true,
            Event::RunEnded { at, .. } => self.ended = Some(at),
        }
    }

    /// Each of several processes ends with a tear-down of its own; the debris of all of them counts.
    fn take_stage(&mut self, mut record: StageRecord) {
        if let Some(known) = self.stages.iter().position(|known| known.stage == record.stage) {
            record.debris.splice(0..0, self.stages.remove(known).debris);
        }
        self.stages.push(record);
    }

    /// Everything that was left behind, with whose it is.
    pub fn debris(&self) -> impl Iterator<Item = (&str, &str)> {
        let of_checks = self.checks.values().map(|record| (record.name.as_str(), &record.debris));
        let of_stages = self.stages.iter().map(|record| (record.stage.as_str(), &record.debris));
        of_checks.chain(of_stages).flat_map(|(of, left)| left.iter().map(move |what| (of, what.as_str())))
    }

    /// Seconds from the beginning to the last known moment.
    pub fn seconds(&self) -> f64 {
        match (self.began, self.ended) {
            (Some(began), Some(ended)) => ended.duration_since(began).as_secs_f64().max(0.0),
            _ => 0.0,
        }
    }
}

/// Reports that could not be written.
#[derive(Debug, thiserror::Error)]
pub enum ReportError {
    /// The events could not be read, or a file not be written.
    #[error("cannot write {path}: {source}")]
    Io {
        /// The file.
        path: String,
        /// Why.
        source: io::Error,
    },
}

/// Writes `report.json` and `junit.xml` of a run anew from its events, and the JUnit report to `junit` as well. Processes
/// that share the run take turns.
///
/// # Errors
/// Names the file that cannot be written.
pub fn write(
    run: &RunFolder,
    spec: &Spec,
    junit: Option<&Path>,
    dialect: Dialect,
) -> Result<(), ReportError> {
    let lock = run.path().join("report.lock");
    let _turn = named(&lock, || File::create(&lock).and_then(|file| file.lock().map(|()| file)))?;
    let report = named(&run.events(), || Report::from_events(&run.events()))?;
    let json = run.path().join("report.json");
    named(&json, || write_whole(&json, json::render(&report, spec).as_bytes()))?;
    let xml = junit::render(&report, dialect);
    for path in [run.path().join("junit.xml").as_path()].into_iter().chain(junit) {
        named(path, || write_whole(path, xml.as_bytes()))?;
    }
    Ok(())
}

fn named<T>(path: &Path, work: impl FnOnce() -> io::Result<T>) -> Result<T, ReportError> {
    work().map_err(|source| ReportError::Io { path: path.display().to_string(), source })
}
