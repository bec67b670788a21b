//! The sweep itself.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use crate::dice::Dice;
use crate::every::{Known, Trial, sample};
use crate::labs::{Part, seed, tell};
use crate::outcome::Outcome;
use crate::swept::Swept;
use crate::{attempt, damage};

/// After so many attempts the installation is made anew: each leaves its sentinel in the builder's cache.
const AGES: usize = 12;

pub(crate) async fn whatever_breaks_it_one_command_brings_it_home() {
    let mut swept = Swept::new().await;
    let trials = trials(&swept).await;
    let mut outcomes: Vec<Outcome> = Vec::new();
    let begun = Instant::now();
    for (number, trial) in trials.iter().enumerate() {
        if minutes().is_some_and(|minutes| begun.elapsed() > minutes) {
            eprintln!("no time for {} more", trials.len() - number);
            break;
        }
        let began = Instant::now();
        let outcome = match trial {
            Trial::Broken(case) => attempt::attempt(&swept, case).await,
            Trial::Damaged(damage) => damage::attempt(&swept, damage),
        };
        let (nth, seconds) = (number + 1, began.elapsed().as_secs_f64());
        eprintln!("{nth}/{} {} {:?} {seconds:.1} s", trials.len(), outcome.case, outcome.came);
        if !outcome.is_good() {
            eprintln!("{}{}", outcome.complaint(), outcome.notes);
        }
        if !outcome.is_good() || (number + 1) % AGES == 0 {
            swept = swept.anew().await;
        }
        outcomes.push(outcome);
    }
    swept.leaves().await;
    tell(&outcomes);
    assert!(outcomes.iter().all(Outcome::is_good), "not all came home");
}

/// What is to be tried by this process.
async fn trials(swept: &Swept) -> Vec<Trial> {
    let wish = std::env::var("REINSTALL_SWEEP").unwrap_or_default();
    let named: Result<Vec<Trial>, String> = wish.split(',').map(Trial::named).collect();
    if let Ok(named) = named {
        return Part::ours().of(named, |_| String::new());
    }
    let (known, mut dice) = (Known::by_watching(swept).await, Dice::seeded(seed()));
    let mut trials = known.all(&mut dice);
    match wish.as_str() {
        "" => trials = sample(trials, &mut dice),
        "all" => {}
        beginning => trials.retain(|trial| trial.to_string().starts_with(beginning)),
    }
    assert!(!trials.is_empty(), "no case is called {wish}");
    eprintln!("{}", counted(&trials));
    let ours = Part::ours().of(trials, Trial::kind);
    // Damage takes a moment as long as there is a restore point. Should time run out, something of each of the others has been tried.
    let (damaged, broken) = ours.into_iter().partition(|trial| matches!(trial, Trial::Damaged(_)));
    [damaged, dice.shuffled(broken)].concat()
}

/// How many there are of each kind.
fn counted(trials: &[Trial]) -> String {
    let mut kinds: BTreeMap<String, usize> = BTreeMap::new();
    trials.iter().for_each(|trial| *kinds.entry(trial.kind()).or_default() += 1);
    let kinds = kinds.iter().map(|(kind, count)| format!("{kind} {count}"));
    format!("{}: {}", trials.len(), kinds.collect::<Vec<_>>().join(", "))
}

/// After how long nothing more is begun, if that is limited.
fn minutes() -> Option<Duration> {
    let minutes: Option<u64> =
        std::env::var("REINSTALL_SWEEP_MINUTES").ok().and_then(|many| many.parse().ok());
    minutes
        .or(std::env::var_os("REINSTALL_SWEEP").is_none().then_some(1))
        .map(|many| Duration::from_secs(60 * many))
}
