//! What attempts came to, one by one and as a table.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde::{Deserialize, Serialize};

use crate::swept::Wrong;
use crate::watched::Phase;

/// What an attempt came to.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Outcome {
    /// The name of the case.
    pub(crate) case: String,
    pub(crate) fault: String,
    pub(crate) place: String,
    pub(crate) came: Came,
    /// The write that it was broken at; none when its moment did not come.
    pub(crate) struck: Option<String>,
    pub(crate) lost: Vec<String>,
    pub(crate) foreign: Vec<String>,
    /// What else is not as it should be.
    pub(crate) wrong: Vec<String>,
    /// What may help to understand it.
    pub(crate) notes: String,
}

/// How it came home.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Came {
    /// To what it was for.
    Resume,
    /// To what it was.
    Rollback,
    /// It had changed nothing.
    NotBegun,
    /// It was refused.
    Refused,
}

impl Outcome {
    pub(crate) fn new(case: String, fault: String, place: Phase) -> Self {
        let (lost, foreign, wrong) = (Vec::new(), Vec::new(), Vec::new());
        let place = place.to_string();
        Self {
            case,
            fault,
            place,
            came: Came::NotBegun,
            struck: None,
            lost,
            foreign,
            wrong,
            notes: String::new(),
        }
    }

    pub(crate) fn judged(&mut self, wrong: Wrong) {
        self.lost.extend(wrong.lost);
        self.foreign.extend(wrong.foreign);
        self.wrong.extend(wrong.left.into_iter().map(|left| format!("left behind: {left}")));
    }

    pub(crate) fn is_good(&self) -> bool {
        self.lost.is_empty() && self.foreign.is_empty() && self.wrong.is_empty()
    }

    /// All that is known of one that is not good.
    pub(crate) fn complaint(&self) -> String {
        let mut text =
            format!("{}, broken before: {}\n", self.case, self.struck.as_deref().unwrap_or("(never)"));
        for (what, list) in [("lost", &self.lost), ("foreign", &self.foreign), ("wrong", &self.wrong)] {
            for one in list {
                let _ = writeln!(text, "  {what}: {one}");
            }
        }
        let _ = writeln!(text, "  again: REINSTALL_SWEEP={} cargo test -p checks --test sweep", self.case);
        text
    }
}

/// One row of the table.
#[derive(Default)]
struct Row {
    attempts: usize,
    came: [usize; 4],
    lost: usize,
    foreign: usize,
    wrong: usize,
}

/// The table, and what is to be said of each that is not good.
pub(crate) fn report(outcomes: &[Outcome]) -> String {
    let bad = outcomes.iter().filter(|outcome| !outcome.is_good());
    bad.fold(table(outcomes), |text, outcome| format!("{text}\n{}", outcome.complaint()))
}

/// A table, 80 columns wide at most.
fn table(outcomes: &[Outcome]) -> String {
    let mut rows: BTreeMap<(&str, usize), Row> = BTreeMap::new();
    for outcome in outcomes {
        let place =
            Phase::ALL.iter().position(|phase| phase.to_string() == outcome.place).unwrap_or_default();
        rows.entry((&outcome.fault, place)).or_default().add(outcome);
    }
    let mut text = format!("{:11}{:9}{}\n", "fault", "where", HEAD);
    for ((fault, place), row) in &rows {
        let _ = writeln!(text, "{fault:11}{:9}{}", Phase::ALL[*place], row.cells());
    }
    let mut all = Row::default();
    outcomes.iter().for_each(|outcome| all.add(outcome));
    let _ = writeln!(text, "{:20}{}", "all", all.cells());
    text
}

const HEAD: &str = "attempts resumed  back unbegun refused  lost foreign wrong";

impl Row {
    fn add(&mut self, outcome: &Outcome) {
        self.attempts += 1;
        self.came[outcome.came as usize] += 1;
        self.lost += usize::from(!outcome.lost.is_empty());
        self.foreign += usize::from(!outcome.foreign.is_empty());
        self.wrong += usize::from(!outcome.wrong.is_empty());
    }

    fn cells(&self) -> String {
        let [resume, back, unbegun, refused] = self.came;
        let Self { attempts, lost, foreign, wrong, .. } = self;
        format!("{attempts:8} {resume:7} {back:5} {unbegun:7} {refused:7} {lost:5} {foreign:7} {wrong:5}")
    }
}
