//! What there is to be tried: all of it, a sample, or one case by its name.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use crate::begun;
use crate::case::{Case, Course, Fault, Way, When};
use crate::damage::Damage;
use crate::dice::Dice;
use crate::swept::Swept;
use crate::watched::{self, Answer, Ended, Moment, Phase, Watch, Write};

/// How many random instants of each phase a program is killed at.
const INSTANTS: usize = 50;
/// How many interrupts there are of each phase, of either kind.
const INTERRUPTS: usize = 4;
/// At how many writes of one kind each error is tried.
const OF_A_KIND: usize = 2;
/// At how many writes of an archive's unpacking each error is tried.
const UNPACKED: usize = 2;
/// After so many writes a command holds the installation for sure.
const HELD: usize = 12;
/// How many records a run writes before it removes anything: that it has begun, what works, and where all is safe.
const RECORDS: usize = 3;
/// How many random instants of a run's beginning it is killed at.
const OF_A_RUN: usize = 8;
/// In the first so many milliseconds.
const LOOKS: usize = 8000;
/// Every so many cases, the way home is killed too.
const TWICE: usize = 4;

/// One thing to be tried.
#[derive(Debug, Clone)]
pub(crate) enum Trial {
    Broken(Case),
    Damaged(Damage),
}

/// What each command does when nothing breaks it.
pub(crate) struct Known {
    commands: [(Course, Ended); 3],
    damages: Vec<Damage>,
}

impl Trial {
    pub(crate) fn named(name: &str) -> Result<Self, String> {
        name.parse().map(Self::Broken).or_else(|_| name.parse().map(Self::Damaged))
    }

    fn fault(&self) -> String {
        match self {
            Self::Broken(case) => case.fault.to_string(),
            Self::Damaged(_) => String::from("damage"),
        }
    }

    /// The row of the table that it belongs to.
    pub(crate) fn kind(&self) -> String {
        match self {
            Self::Broken(case) => format!("{} {}", case.fault, case.phase),
            Self::Damaged(_) => self.fault(),
        }
    }
}

impl fmt::Display for Trial {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Broken(case) => case.fmt(f),
            Self::Damaged(damage) => damage.fmt(f),
        }
    }
}

impl Known {
    /// Watches each command once.
    pub(crate) async fn by_watching(swept: &Swept) -> Self {
        begun::leave(swept).await;
        let resumed = unbroken(swept, Course::Resumed, &["resume"]);
        let rollback = unbroken(swept, Course::Rollback, &["rollback", "--consent", &swept.name]);
        swept.forget();
        let backup = unbroken(swept, Course::Backup, &["backup"]);
        let damages = Damage::every(swept.ensured_point().folder());
        let commands = [(Course::Backup, backup), (Course::Resumed, resumed), (Course::Rollback, rollback)];
        Self { commands, damages }
    }

    /// The phases of each command. One that a command of its own is for is tried with that.
    fn phases(&self) -> impl Iterator<Item = (Course, Phase, Vec<&Write>)> {
        self.commands.iter().flat_map(|(course, ended)| {
            let phases =
                Phase::ALL.into_iter().filter(|phase| *course != Course::Resumed || *phase != Phase::Backup);
            phases.filter_map(move |phase| {
                let writes: Vec<&Write> = ended.writes.iter().filter(|write| write.phase == phase).collect();
                (!writes.is_empty()).then_some((*course, phase, writes))
            })
        })
    }

    fn lasts(&self, course: Course, phase: Phase) -> Duration {
        let ended = self.commands.iter().find(|(one, _)| *one == course).map(|(_, ended)| ended);
        let phases = ended.into_iter().flat_map(|ended| &ended.phases);
        phases.filter(|(one, _)| *one == phase).map(|(_, lasts)| *lasts).sum()
    }

    /// All that is tried by a whole sweep.
    pub(crate) fn all(&self, dice: &mut Dice) -> Vec<Trial> {
        let mut trials: Vec<Trial> = self.damages.iter().cloned().map(Trial::Damaged).collect();
        let mut number = 0;
        let parts = [
            self.records(),
            self.instants(dice),
            self.errors(),
            self.engine(),
            self.others(dice),
            beginnings(dice),
        ];
        for (fault, course, phase, when) in parts.into_iter().flatten() {
            number += 1;
            let way = if number % 2 == 0 { Way::Resume } else { Way::Rollback };
            let twice = number % TWICE == 0 || number % TWICE == 1 && fault == Fault::Kill;
            trials.push(Trial::Broken(Case { fault, course, phase, when, way, twice }));
        }
        trials
    }

    /// `kill -9` at every record.
    fn records(&self) -> Vec<Kind> {
        let of = |(course, phase, writes): (Course, Phase, Vec<&Write>)| {
            let count = writes.iter().filter(|write| write.is_record()).count();
            (1..=count).map(move |nth| (Fault::Kill, course, phase, When::Record(nth)))
        };
        self.phases().flat_map(of).collect()
    }

    fn instants(&self, dice: &mut Dice) -> Vec<Kind> {
        let mut kinds = Vec::new();
        for phase in Phase::ALL {
            let courses: Vec<Course> =
                self.phases().filter(|(_, one, _)| *one == phase).map(|(one, ..)| one).collect();
            for number in 0..INSTANTS {
                let course = courses[number % courses.len()];
                let lasts = usize::try_from(self.lasts(course, phase).as_micros()).unwrap();
                let later = Duration::from_micros(dice.below(lasts.max(1)).try_into().unwrap());
                kinds.push((Fault::Kill, course, phase, When::After(later)));
            }
        }
        kinds
    }

    /// Each error at each kind of write, and at each record.
    fn errors(&self) -> Vec<Kind> {
        let faults = [Fault::NoSpace, Fault::Io, Fault::ReadOnly];
        let mut kinds = Vec::new();
        for (course, phase, writes) in self.phases() {
            let plain: Vec<&Write> = writes.iter().copied().filter(|write| !write.is_unpacked()).collect();
            let mut of_kind: BTreeMap<String, Vec<usize>> = BTreeMap::new();
            for (index, write) in plain.iter().enumerate() {
                if write.is_record() {
                    kinds.push((Fault::Io, course, phase, When::Write(index + 1)));
                } else {
                    of_kind.entry(kind(write)).or_default().push(index + 1);
                }
            }
            for (number, nths) in of_kind.into_values().enumerate() {
                let picked = spread(&nths, OF_A_KIND);
                let with_fault = |(i, nth)| (faults[(number + i) % 3], course, phase, When::Write(nth));
                kinds.extend(picked.into_iter().enumerate().map(with_fault));
            }
            let unpacked: Vec<usize> = (1..=writes.len() - plain.len()).collect();
            let unpacked = spread(&unpacked, 3 * UNPACKED).into_iter().enumerate();
            kinds.extend(unpacked.map(|(i, nth)| (faults[i % 3], course, phase, When::Unpacked(nth))));
        }
        kinds
    }

    /// The engine's death at every record of what changes it.
    fn engine(&self) -> Vec<Kind> {
        let records = self.records().into_iter().filter(|(_, _, phase, _)| *phase != Phase::Backup);
        records.map(|(_, course, phase, when)| (Fault::Engine, course, phase, when)).collect()
    }

    /// What needs no sweep over all moments.
    fn others(&self, dice: &mut Dice) -> Vec<Kind> {
        let mut kinds = Vec::new();
        for (course, phase, writes) in self.phases() {
            let plain = writes.iter().filter(|write| !write.is_unpacked()).count();
            for fault in [Fault::Interrupt, Fault::Interrupts] {
                let nth = |_| (fault, course, phase, When::Write(1 + dice.below(plain)));
                kinds.extend((0..INTERRUPTS).map(nth));
            }
            // By then it holds the installation.
            kinds.push((Fault::SecondRun, course, phase, When::Write(HELD + dice.below(plain - HELD))));
            if course != Course::Rollback {
                // A new disk has nothing to be resumed.
                let course = if course == Course::Resumed { Course::Reinstall } else { course };
                kinds.extend(
                    (0..2).map(|_| (Fault::Filled, course, phase, When::Write(1 + dice.below(plain)))),
                );
            }
            if phase != Phase::Install {
                kinds.push((Fault::ReadOnlyState, course, course.begins(), When::Write(1)));
                kinds.push((Fault::ReadOnlyClient, course, course.begins(), When::Write(1)));
            }
        }
        kinds
    }
}

/// Each way to break a run while it looks at what works, and makes its restore point. A run is not watched beforehand: this takes
/// longer than all the rest, and the rest is tried with the other commands.
fn beginnings(dice: &mut Dice) -> Vec<Kind> {
    let of = |fault, when| (fault, Course::Reinstall, Phase::Backup, when);
    let records = (1..=RECORDS).map(|nth| of(Fault::Kill, When::Record(nth)));
    let mut kinds: Vec<Kind> = records.collect();
    let instant = |dice: &mut Dice| When::After(Duration::from_millis(dice.below(LOOKS).try_into().unwrap()));
    kinds.extend((0..OF_A_RUN).map(|_| of(Fault::Kill, instant(dice))));
    let faults = [Fault::NoSpace, Fault::Io, Fault::ReadOnly, Fault::Interrupt, Fault::Interrupts];
    kinds.extend(faults.map(|fault| of(fault, When::Write(HELD + dice.below(HELD)))));
    // By then it is written down that it has begun.
    kinds.push(of(Fault::SecondRun, When::Write(2 * HELD + dice.below(HELD))));
    kinds.extend([Fault::ReadOnlyState, Fault::ReadOnlyClient].map(|fault| of(fault, When::Write(1))));
    kinds
}

/// A few of each fault, more of those that are more likely or cheap to try.
pub(crate) fn sample(of: Vec<Trial>, dice: &mut Dice) -> Vec<Trial> {
    let mut kinds: BTreeMap<String, BTreeMap<String, Vec<Trial>>> = BTreeMap::new();
    for trial in of {
        let (fault, kind) = (trial.fault(), trial.kind());
        kinds.entry(fault).or_default().entry(kind).or_default().push(trial);
    }
    let mut sample = Vec::new();
    for (fault, kinds) in kinds {
        let (of_kinds, each) = match fault.as_str() {
            "kill" => (4, 1),
            "damage" => (1, 4),
            "full" | "eio" | "read-only" | "engine" => (2, 1),
            _ => (1, 1),
        };
        let kinds = dice.some(kinds.into_values().collect(), of_kinds);
        sample.extend(kinds.into_iter().flat_map(|trials| dice.some(trials, each)));
    }
    sample
}

/// A case without the way home.
type Kind = (Fault, Course, Phase, When);

fn unbroken(swept: &Swept, course: Course, words: &[&str]) -> Ended {
    let watch = Watch {
        below: swept.folders(),
        begins: course.begins(),
        moment: Moment::Never,
        blow: Box::new(|_, _| Answer::Done),
    };
    let ended = watched::run(swept.person.command(words), watch);
    assert_eq!(ended.code, Some(0), "{}{}", ended.out, ended.err);
    ended
}

/// What writes have in common that differ in numbers and random names only.
fn kind(write: &Write) -> String {
    let is_plain =
        |part: &str| part.chars().all(|letter| letter.is_ascii_lowercase() || "-._".contains(letter));
    let parts = write.path.iter().map(|part| part.to_string_lossy());
    let parts = parts.map(|part| if is_plain(&part) { part.into_owned() } else { "*".into() });
    format!("{} {}", write.call, parts.collect::<Vec<_>>().join("/"))
}

/// So many of these at most, from the first to the last.
fn spread(of: &[usize], count: usize) -> Vec<usize> {
    if of.len() <= count {
        return of.to_vec();
    }
    (0..count).map(|number| of[number * (of.len() - 1) / (count - 1).max(1)]).collect()
}
