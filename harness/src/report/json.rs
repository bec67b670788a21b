//! `report.json`: the run for programs.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::Serialize;

use crate::event::{CheckRecord, StageRecord};
use crate::report::{Report, Trigger};
use crate::spec::{Clause, Spec};
use crate::suite::Presence;

#[derive(Serialize)]
struct Document<'a> {
    began: Option<Timestamp>,
    seconds: f64,
    interrupted: bool,
    checks: Vec<&'a CheckRecord>,
    unfinished: Vec<&'a str>,
    clauses: Vec<Answered<'a>>,
    stages: &'a [StageRecord],
    needs: &'a BTreeMap<String, Presence>,
    triggers: &'a [Trigger],
    environment: &'a BTreeMap<String, String>,
    debris: Vec<Left<'a>>,
}

/// A clause and the checks of this run that answer to it.
#[derive(Serialize)]
struct Answered<'a> {
    #[serde(flatten)]
    clause: &'a Clause,
    checks: Vec<&'a str>,
}

#[derive(Serialize)]
struct Left<'a> {
    of: &'a str,
    what: &'a str,
}

/// The document, with every clause of `spec` and the checks that answer to it.
pub fn render(report: &Report, spec: &Spec) -> String {
    let document = Document {
        began: report.began,
        seconds: report.seconds(),
        interrupted: report.interrupted,
        checks: report.checks.values().collect(),
        unfinished: report.unfinished.keys().map(String::as_str).collect(),
        clauses: spec.clauses.iter().map(|clause| answered(clause, report)).collect(),
        stages: &report.stages,
        needs: &report.needs,
        triggers: &report.triggers,
        environment: &report.environment,
        debris: report.debris().map(|(of, what)| Left { of, what }).collect(),
    };
    serde_json::to_string_pretty(&document).expect("maps have text keys and numbers are finite")
}

fn answered<'a>(clause: &'a Clause, report: &'a Report) -> Answered<'a> {
    let answering = report.checks.values().filter(|check| check.clauses.contains(&clause.id));
    Answered { clause, checks: answering.map(|check| check.name.as_str()).collect() }
}
