//! What people read in a terminal. All of it but the verdicts, which libtest-mimic prints, goes to standard error, so that
//! standard output is what any Rust test prints.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::Write as _;
use std::path::Path;

use textwrap::Options;

use crate::event::{CheckRecord, StageRecord};
use crate::exit::Exit;
use crate::outcome::{Failure, Outcome};
use crate::report::Report;
use crate::text::{clip, one_line};

/// The width that texts are wrapped to; commands and paths are not.
const WIDTH: usize = 80;
/// The most characters of one value that a message shows; `report.json` has more.
const SHOWN: usize = 1_000;
/// The most characters of an outcome that has to fit into a line.
pub(crate) const LINE: usize = 200;

/// Prints a line to standard error; that nobody reads it is no reason to stop.
pub(crate) fn say(line: &str) {
    let _ = writeln!(std::io::stderr(), "{line}");
}

/// A duration as people say it.
pub(crate) fn seconds(seconds: f64) -> String {
    if seconds < 60.0 {
        return format!("{seconds:.1} s");
    }
    format!("{} min {:.0} s", (seconds / 60.0).floor(), seconds % 60.0)
}

/// What to read about a check that did not pass: the claim, what was found instead, and what to do next.
pub fn message(record: &CheckRecord) -> String {
    let mut text = textwrap::fill(&record.claim, WIDTH);
    text.push('\n');
    if matches!(record.outcome, Outcome::Broken { .. }) {
        text.push_str("\n  We could not tell whether it holds.");
    }
    details(&mut text, &record.outcome, &record.debris, record.evidence.as_deref());
    verbatim(&mut text, "run again", &record.rerun);
    text
}

/// What to read about a stage: how long it took, and what went wrong.
pub fn stage_message(record: &StageRecord) -> String {
    let word = if record.outcome.is_passed() { "up" } else { record.outcome.word() };
    let mut text = format!("stage {}: {word} after {}", record.stage, seconds(record.seconds));
    let evidence = record.evidence.as_deref().filter(|_| !record.outcome.is_passed());
    details(&mut text, &record.outcome, &record.debris, evidence);
    text
}

/// What to read about a promise that was broken, a part per line.
pub fn failure(failure: &Failure) -> String {
    let mut text = String::new();
    broken_promise(&mut text, failure);
    text
}

fn broken_promise(text: &mut String, failure: &Failure) {
    prose(text, "looked at", &failure.looked_at);
    prose(text, "expected", &failure.expected);
    prose(text, "found", &failure.found);
    failure.cause.iter().for_each(|cause| prose(text, "cause", cause));
    failure.remedy.iter().for_each(|remedy| verbatim(text, "remedy", remedy));
}

fn details(text: &mut String, outcome: &Outcome, debris: &[String], evidence: Option<&Path>) {
    match outcome {
        Outcome::Failed(failure) => broken_promise(text, failure),
        Outcome::Broken { doing, why } => {
            if !doing.is_empty() {
                prose(text, "while", doing);
            }
            prose(text, "because", why);
        }
        // What there is to say about these fits into the line that names them.
        Outcome::Passed | Outcome::Skipped { .. } | Outcome::Blocked { .. } => {}
    }
    debris.iter().for_each(|left| prose(text, "left", left));
    evidence.iter().for_each(|folder| verbatim(text, "evidence", &folder.display().to_string()));
}

fn prose(text: &mut String, label: &str, value: &str) {
    let (first, rest) = (format!("  {label:<10} "), " ".repeat(13));
    let options = Options::new(WIDTH).initial_indent(&first).subsequent_indent(&rest);
    let _ = write!(text, "\n{}", textwrap::fill(&clip(value, SHOWN), options).trim_end());
}

fn verbatim(text: &mut String, label: &str, value: &str) {
    let _ = write!(text, "\n  {label:<10} {value}");
}

/// The last lines: how many of each outcome, which needs were absent, which stages came up, what was left, where to read
/// more.
pub fn summary(report: &Report, exit: Exit, run: &Path) -> String {
    let mut text = format!("{} in {}: {}", counts(report), seconds(report.seconds()), exit.meaning());
    for (need, count) in absent(report) {
        let _ = write!(text, "\n  skipped for want of {need}: {count}");
    }
    let stages: Vec<String> = report.stages.iter().map(stage).collect();
    if !stages.is_empty() {
        let line = format!("stages: {}", stages.join(", "));
        let _ = write!(text, "\n{}", textwrap::fill(&line, indented()));
    }
    for record in report.checks.values().filter(|record| !record.selected && !record.outcome.is_passed()) {
        let why = one_line(&record.outcome.to_string(), LINE);
        let line = format!("wanted first by others: {} {}: {why}", record.name, record.outcome.word());
        let _ = write!(text, "\n{}", textwrap::fill(&line, indented()));
    }
    for (of, what) in report.debris() {
        let _ = write!(text, "\n  left by {of}: {what}");
    }
    let _ = write!(text, "\n  reports: {}/{{junit.xml,report.json,events.jsonl}}", run.display());
    text
}

fn indented() -> Options<'static> {
    Options::new(WIDTH).initial_indent("  ").subsequent_indent("    ")
}

fn stage(record: &StageRecord) -> String {
    match record.outcome {
        Outcome::Passed => format!("{} {}", record.stage, seconds(record.seconds)),
        ref other => format!("{} {}", record.stage, other.word()),
    }
}

fn counts(report: &Report) -> String {
    let mut counts = BTreeMap::new();
    for record in report.checks.values() {
        *counts.entry(record.outcome.word()).or_insert(0) += 1;
    }
    let order = ["passed", "failed", "broken", "blocked", "skipped"];
    let said: Vec<String> =
        order.iter().filter_map(|word| counts.get(word).map(|count| format!("{count} {word}"))).collect();
    if said.is_empty() { "no check".into() } else { said.join(", ") }
}

fn absent(report: &Report) -> BTreeMap<&str, usize> {
    let mut absent = BTreeMap::new();
    for record in report.checks.values() {
        if let Outcome::Skipped { need, .. } = &record.outcome {
            *absent.entry(need.as_str()).or_insert(0) += 1;
        }
    }
    absent
}
