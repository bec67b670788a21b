//! Several labs side by side, each with a part of the sweep.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;
use std::process::{Command, ExitCode, ExitStatus};
use std::time::{SystemTime, UNIX_EPOCH};

use crate::outcome::{Outcome, report};

const COUNT: &str = "REINSTALL_SWEEP_LABS";
const PART: &str = "REINSTALL_SWEEP_PART";
const SEED: &str = "REINSTALL_SWEEP_SEED";
const OUTCOMES: &str = "REINSTALL_SWEEP_OUTCOMES";
/// How many labs a whole sweep has. Much of an attempt is waiting for an engine to stop and to start.
const LABS: usize = 3;

/// The part of a sweep that is this process's: every so-manieth trial, from that one on.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Part {
    from: usize,
    of: usize,
}

/// How many labs a sweep is to have, where it is to have several.
pub(crate) fn wanted() -> Option<usize> {
    if std::env::var_os(PART).is_some() {
        return None;
    }
    let asked = std::env::var(COUNT).ok().and_then(|count| count.parse().ok());
    let whole = (std::env::var("REINSTALL_SWEEP").as_deref() == Ok("all")).then_some(LABS);
    asked.or(whole).filter(|count| *count > 1)
}

/// Runs this program so many times at once, and tells what they came to together.
pub(crate) fn side_by_side(count: usize) -> ExitCode {
    let folder = tempfile::Builder::new().prefix("sweep-").tempdir_in(programs()).unwrap();
    let seed = seed();
    let start = |from: usize| {
        let mut command = Command::new(std::env::current_exe().unwrap());
        command.env(SEED, seed.to_string());
        command.args(std::env::args_os().skip(1)).env(PART, format!("{from}/{count}"));
        command.env(OUTCOMES, folder.path().join(from.to_string())).spawn().unwrap()
    };
    let children: Vec<_> = (0..count).map(start).collect();
    let ends: Vec<_> = children.into_iter().map(|mut child| child.wait().unwrap()).collect();
    let parts = (0..count).filter_map(|from| fs::read(folder.path().join(from.to_string())).ok());
    let outcomes: Vec<Outcome> =
        parts.flat_map(|part| serde_json::from_slice::<Vec<Outcome>>(&part).unwrap()).collect();
    println!("{}", report(&outcomes));
    if ends.iter().all(ExitStatus::success) { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// What chance depends on.
pub(crate) fn seed() -> u64 {
    let seed = std::env::var(SEED).ok().and_then(|seed| seed.parse().ok());
    let seed = seed.unwrap_or_else(|| SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs());
    eprintln!("{SEED}={seed}");
    seed
}

/// The folder of the programs, which labs share.
fn programs() -> PathBuf {
    std::env::current_exe().unwrap().ancestors().nth(2).unwrap().to_path_buf()
}

impl Part {
    /// This process's.
    pub(crate) fn ours() -> Self {
        let part = std::env::var(PART).ok();
        let numbers = part.as_deref().and_then(|part| part.split_once('/'));
        let (from, of) = numbers.unwrap_or(("0", "1"));
        Self { from: from.parse().unwrap(), of: of.parse().unwrap() }
    }

    /// Its share of each kind: no lab counts the writes of a command quite as another does.
    pub(crate) fn of<T>(self, trials: Vec<T>, kind: impl Fn(&T) -> String) -> Vec<T> {
        let mut seen: BTreeMap<String, usize> = BTreeMap::new();
        let mut is_ours = |trial: &T| {
            let nth = seen.entry(kind(trial)).or_default();
            *nth += 1;
            *nth % self.of == self.from
        };
        trials.into_iter().filter(|trial| is_ours(trial)).collect()
    }
}

/// Hands outcomes on to whoever tells them, or tells them.
pub(crate) fn tell(outcomes: &[Outcome]) {
    match std::env::var_os(OUTCOMES) {
        Some(path) => fs::write(path, serde_json::to_vec(outcomes).unwrap()).unwrap(),
        None => println!("{}", report(outcomes)),
    }
}
