//! What happens in a run, as typed events. The engine writes them; every report is a function of them.

use std::collections::BTreeMap;
use std::path::PathBuf;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::outcome::Outcome;
use crate::suite::Presence;

/// One line of the event log.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "event")]
pub enum Event {
    /// A process of the run begins.
    RunStarted {
        /// When.
        at: Timestamp,
        /// How many checks it was asked to run.
        selected: usize,
    },
    /// A need was asked about.
    NeedProbed {
        /// Its name.
        need: String,
        /// The answer.
        #[serde(flatten)]
        presence: Presence,
    },
    /// A stage is being brought up.
    StageStarted {
        /// Its name.
        stage: String,
        /// When.
        at: Timestamp,
    },
    /// A stage is up, or will not be.
    StageEnded(StageRecord),
    /// A check begins.
    CheckStarted {
        /// Its name.
        check: String,
        /// When.
        at: Timestamp,
    },
    /// A check has its outcome.
    CheckEnded(Box<CheckRecord>),
    /// A rule ordered a rollback.
    Triggered {
        /// The rule.
        trigger: String,
        /// What was read that set it off.
        why: String,
    },
    /// Where the run happened.
    Environment {
        /// Names and values.
        values: BTreeMap<String, String>,
    },
    /// Somebody asked the run to end.
    Interrupted {
        /// When.
        at: Timestamp,
    },
    /// A process of the run ends.
    RunEnded {
        /// When.
        at: Timestamp,
        /// Its exit code.
        exit: u8,
    },
}

/// What became of one check, with all that a report says of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CheckRecord {
    /// Its name.
    pub name: String,
    /// Its claim.
    pub claim: String,
    /// The clauses that ask for it.
    pub clauses: Vec<String>,
    /// What it cannot do without.
    pub needs: Vec<String>,
    /// The stage that it asks for.
    pub stage: Option<String>,
    /// What became of it.
    #[serde(flatten)]
    pub outcome: Outcome,
    /// The need whose absence is the failure, because this run requires it.
    pub required: Option<String>,
    /// When it began.
    pub at: Timestamp,
    /// How long its body took.
    pub seconds: f64,
    /// What it made and could not remove.
    pub debris: Vec<String>,
    /// The command that runs it again.
    pub rerun: String,
    /// The folder with its evidence, where it left any.
    pub evidence: Option<PathBuf>,
    /// Whether it was asked for; otherwise another check wanted it to pass first.
    pub selected: bool,
    /// The source file that declares it.
    pub file: String,
    /// The line in it.
    pub line: u32,
}

/// What became of one stage.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct StageRecord {
    /// Its name.
    pub stage: String,
    /// What became of it.
    #[serde(flatten)]
    pub outcome: Outcome,
    /// When it began.
    pub at: Timestamp,
    /// How long it took.
    pub seconds: f64,
    /// What it made and could not remove.
    pub debris: Vec<String>,
    /// The folder with its evidence, where it left any.
    pub evidence: Option<PathBuf>,
}
