//! The JUnit report, in the profile that every common reader accepts: flat suites, one per requirement, and one of the
//! stages. Written by quick-junit, which escapes and cleans texts and rounds times; junit-report passes control characters
//! and `]]>` through, leaves failure bodies empty and knows no properties. Two things are done here: `testsuites@skipped` is
//! taken out again, which Jenkins' junit-10.xsd refuses, and timestamps have neither zone nor fraction.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use quick_junit::{NonSuccessKind, TestCase, TestCaseStatus, TestSuite};

use crate::args::Dialect;
use crate::event::{CheckRecord, StageRecord};
use crate::outcome::Outcome;
use crate::report::{Report, human};
use crate::text::{clip, one_line};

/// The most characters of a case's body, of its output and of one attribute: together less than 100,000 for a case.
const BODY: usize = 80_000;
const OUTPUT: usize = 10_000;
const ATTRIBUTE: usize = 1_000;

/// The document. It has at least one case: where nothing ran, one that says so.
pub fn render(report: &Report, dialect: Dialect) -> String {
    let mut document = quick_junit::Report::new("reinstall");
    document.set_time(duration(report.seconds()));
    for (name, cases) in suites(report, dialect) {
        document.add_test_suite(suite(name, cases, report));
    }
    let text = document.to_string().expect("writing to memory, in UTF-8");
    without_skipped(&text)
}

fn suites(report: &Report, dialect: Dialect) -> BTreeMap<&str, Vec<TestCase>> {
    let mut suites: BTreeMap<&str, Vec<TestCase>> = BTreeMap::new();
    for record in report.checks.values() {
        suites.entry(requirement(&record.name)).or_default().push(check(record, dialect));
    }
    for name in report.unfinished.keys() {
        suites.entry(requirement(name)).or_default().push(unfinished(name));
    }
    for record in &report.stages {
        suites.entry("stages").or_default().push(stage(record));
    }
    if suites.is_empty() {
        suites.insert("run", vec![nothing_ran()]);
    }
    suites
}

fn suite(name: &str, cases: Vec<TestCase>, report: &Report) -> TestSuite {
    let mut suite = TestSuite::new(name);
    suite.set_time(cases.iter().filter_map(|case| case.time).sum());
    let began = report.began.unwrap_or_default().strftime("%Y-%m-%dT%H:%M:%S").to_string();
    let extra = [("timestamp", began.as_str()), ("hostname", "localhost"), ("id", name), ("package", name)];
    let file = report.checks.values().find(|check| requirement(&check.name) == name);
    let extra = extra.into_iter().chain(file.map(|check| ("file", check.file.as_str())));
    suite.extra.extend(extra.map(|(key, value)| (key.into(), value.into())));
    for (key, value) in &report.environment {
        suite.add_property((clean(key, ATTRIBUTE).as_str(), clean(value, ATTRIBUTE).as_str()));
    }
    suite.add_test_cases(cases);
    suite
}

fn check(record: &CheckRecord, dialect: Dialect) -> TestCase {
    let status = status(&record.outcome, || human::message(record));
    let mut case = case(&record.name, status, record.seconds);
    let evidence = record.evidence.as_deref().filter(|_| record.outcome.needs_attention());
    let mut out: Vec<String> = evidence.and_then(attachment).into_iter().collect();
    out.push(record.claim.clone());
    out.extend(record.debris.iter().map(|left| format!("left behind: {left}")));
    case.set_system_out(clean(&out.join("\n"), OUTPUT));
    if dialect == Dialect::Rich {
        let place = [("file", record.file.clone()), ("line", record.line.to_string())];
        case.extra.extend(place.map(|(key, value)| (key.into(), value.into())));
        case.add_property(("claim", clean(&record.claim, ATTRIBUTE).as_str()));
        case.add_property(("clauses", record.clauses.join(" ").as_str()));
        case.add_property(("rerun", clean(&record.rerun, ATTRIBUTE).as_str()));
    }
    case
}

/// The first file of the evidence, in the notation that GitLab and Jenkins read, its path relative to the repository.
fn attachment(evidence: &Path) -> Option<String> {
    let files = evidence.read_dir().ok()?.flatten().map(|entry| entry.path());
    let file = files.filter(|path| path.is_file()).min()?;
    let repository = file.ancestors().find(|folder| folder.join(".git").exists());
    let path = repository.and_then(|folder| file.strip_prefix(folder).ok()).unwrap_or(&file);
    let path = path.display().to_string();
    (!path.contains(['[', ']', '|'])).then(|| format!("[[ATTACHMENT|{path}]]"))
}

/// A log that was tampered with may hold any number.
fn duration(seconds: f64) -> Duration {
    Duration::try_from_secs_f64(seconds).unwrap_or_default()
}

fn stage(record: &StageRecord) -> TestCase {
    let status = status(&record.outcome, || human::stage_message(record));
    case(&format!("stages::{}", record.stage), status, record.seconds)
}

fn unfinished(name: &str) -> TestCase {
    let doing = String::new();
    let outcome =
        Outcome::Broken { doing, why: "it began and has no outcome: it is running, or was killed".into() };
    case(name, status(&outcome, String::new), 0.0)
}

fn nothing_ran() -> TestCase {
    let mut skipped = TestCaseStatus::skipped();
    skipped.set_message("nothing ran").set_description("nothing ran: no check has an outcome");
    case("run::nothing_ran", skipped, 0.0)
}

/// A case of a check or stage: its class is all of its name but the last part.
fn case(name: &str, status: TestCaseStatus, seconds: f64) -> TestCase {
    let (class, own) = name.rsplit_once("::").unwrap_or((name, name));
    let mut case = TestCase::new(own, status);
    case.set_classname(class).set_time(duration(seconds));
    case
}

/// The status with its message, which also begins its body: readers that show the body do not show the message.
fn status(outcome: &Outcome, details: impl FnOnce() -> String) -> TestCaseStatus {
    let mut status = match outcome {
        Outcome::Passed => return TestCaseStatus::success(),
        Outcome::Skipped { .. } | Outcome::Blocked { .. } => TestCaseStatus::skipped(),
        Outcome::Failed(_) => TestCaseStatus::non_success(NonSuccessKind::Failure),
        Outcome::Broken { .. } => TestCaseStatus::non_success(NonSuccessKind::Error),
    };
    let message = clean(&one_line(&outcome.to_string(), ATTRIBUTE), ATTRIBUTE);
    let body = clean(&format!("{message}\n\n{}", details()), BODY);
    status.set_message(message).set_type(outcome.word()).set_description(body);
    status
}

/// The first part of a name is its requirement.
fn requirement(name: &str) -> &str {
    name.split("::").next().unwrap_or(name)
}

/// The text without what XML 1.0 cannot hold and quick-junit lets through, cut to `most` characters. Never empty, because
/// readers show an empty body as raw data.
fn clean(text: &str, most: usize) -> String {
    let kept: String = text.chars().filter(|c| !matches!(c, '\u{fffe}' | '\u{ffff}')).collect();
    let kept = clip(&kept, most);
    if kept.trim().is_empty() { "(no text)".into() } else { kept }
}

/// Takes the attribute `skipped` out of the root element.
fn without_skipped(document: &str) -> String {
    let root = document.find("<testsuites").expect("quick-junit writes the root element");
    let from =
        document[root..].find(" skipped=\"").map(|at| root + at).expect("quick-junit writes this attribute");
    let to = from + " skipped=\"".len();
    let end = document[to..].find('"').map(|at| to + at + 1).expect("attributes have an end");
    format!("{}{}", &document[..from], &document[end..])
}
