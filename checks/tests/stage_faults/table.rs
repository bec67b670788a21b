//! Which checks see what, as data; and whether every check is seen to fail.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::RwLock;

use checks::CHECKS;
use harness::{Stop, Verdict};
use libtest_mimic::{Failed, Trial};
use serde::Deserialize;

use crate::case::Case;
use crate::judged::verdicts;
use crate::ran::RUN;
use crate::tampered::{self, Tampering};

/// The checks that are proved elsewhere: each by the faults that are planted on a live installation.
const ELSEWHERE: &str = "validate::";

/// The engine and what is on it.
static SHARED: RwLock<()> = RwLock::new(());

/// The file `table.toml`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Table {
    /// Checks that build, change something or take long, and so run only where a tampering names them.
    dear: BTreeSet<String>,
    /// For each tampering the checks that it turns red, and what each of them says.
    red: BTreeMap<String, BTreeMap<String, String>>,
}

impl Table {
    pub(crate) fn read() -> Self {
        toml::from_str(include_str!("table.toml")).unwrap()
    }

    /// The checks that run over every case.
    pub(crate) fn cheap(&self) -> Vec<&'static str> {
        ours().filter(|name| !self.dear.contains(*name)).collect()
    }

    fn row(&self, name: &str) -> BTreeMap<String, String> {
        self.red.get(name).cloned().unwrap_or_default()
    }
}

/// The names of the checks that this program answers for.
fn ours() -> impl Iterator<Item = &'static str> {
    CHECKS.iter().map(|check| check.name()).filter(|name| !name.starts_with(ELSEWHERE))
}

pub(crate) fn trials() -> Vec<Trial> {
    vec![
        Trial::test("every check is turned red by something", every_check_is_covered),
        Trial::test("every row of the table is a tampering, and every tampering a row", rows_are_tamperings),
        Trial::test("what nobody has touched turns nothing red", || compare(&RUN.verdicts, BTreeMap::new())),
    ]
}

/// Makes a case otherwise by `tamper`, and looks whether just those checks turn red that the row `name` says.
pub(crate) fn seen(name: &str, tamper: Tampering) -> Result<(), Failed> {
    let table = Table::read();
    let wanted = table.row(name);
    // What all cases share is meddled with while no other one is looked at.
    let (_alone, _beside);
    match tampered::is_alone(name) {
        true => _alone = SHARED.write()?,
        false => _beside = SHARED.read()?,
    }
    let mut case = Case::of(&RUN);
    tamper(&mut case);
    let mut looking: BTreeSet<&str> = wanted.keys().map(String::as_str).collect();
    if tampered::is_with_evidence(name) {
        looking.extend(table.cheap());
    }
    let looking: Vec<&str> = looking.into_iter().collect();
    compare(&verdicts(&case.evidence(), &case.lab(), case.variables(), &looking), wanted)
}

/// Whether just the checks in `wanted` fail, each saying so.
fn compare(verdicts: &BTreeMap<String, Verdict>, mut wanted: BTreeMap<String, String>) -> Result<(), Failed> {
    let mut wrong = Vec::new();
    for (check, verdict) in verdicts {
        let said = wanted.remove(check);
        if !is_right(verdict, said.as_deref()) {
            wrong.push(format!("{check} should say {said:?}, and says: {}", words(verdict)));
        }
    }
    wrong.extend(wanted.into_keys().map(|check| format!("{check}: no such check")));
    if wrong.is_empty() { Ok(()) } else { Err(wrong.join("\n").into()) }
}

/// A check that should fail fails saying so; that it cannot tell is not enough.
fn is_right(verdict: &Verdict, said: Option<&str>) -> bool {
    match (verdict, said) {
        (Ok(()), None) => true,
        (Err(Stop::Failed(failure)), Some(said)) => failure.to_string().contains(said),
        _ => false,
    }
}

fn words(verdict: &Verdict) -> String {
    match verdict {
        Ok(()) => "it passes".into(),
        Err(Stop::Failed(failure)) => failure.to_string(),
        Err(Stop::Broken(why)) => format!("it cannot tell: {why}"),
    }
}

fn every_check_is_covered() -> Result<(), Failed> {
    let table = Table::read();
    let all: BTreeSet<&str> = ours().collect();
    let red: BTreeSet<&str> = table.red.values().flat_map(BTreeMap::keys).map(String::as_str).collect();
    let forgotten: Vec<_> = all.difference(&red).collect();
    let known = red.iter().copied().chain(table.dear.iter().map(String::as_str));
    let unknown: Vec<_> = known.filter(|name| !all.contains(name)).collect();
    if forgotten.is_empty() && unknown.is_empty() {
        return Ok(());
    }
    let why =
        format!("turned red by nothing, and so worth nothing: {forgotten:#?}\nno such check: {unknown:#?}");
    Err(why.into())
}

fn rows_are_tamperings() -> Result<(), Failed> {
    let table = Table::read();
    let rows: BTreeSet<&str> = table.red.keys().map(String::as_str).collect();
    let all: BTreeSet<&str> = tampered::ALL.iter().map(|(name, _)| *name).collect();
    let odd: Vec<_> = rows.symmetric_difference(&all).collect();
    if odd.is_empty() { Ok(()) } else { Err(format!("only in one of both: {odd:?}").into()) }
}
