//! Asking which needs are there.

use std::collections::{BTreeMap, HashSet};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use crate::engine::body::Ended;
use crate::engine::once::once;
use crate::engine::run::Engine;
use crate::event::Event;
use crate::suite::{Check, Name, Presence, Suite};

/// How long the answer to one need may take.
const ASKING: Duration = Duration::from_secs(30);

/// Whether a need is there, or why nobody can tell.
type Answer = Result<Presence, String>;

/// The answers, by the name of the need.
#[derive(Debug, Default)]
pub(crate) struct Presences(OnceLock<BTreeMap<&'static str, Answer>>);

impl Presences {
    pub(crate) fn of(&self, need: &str) -> Answer {
        let answers = self.0.get().and_then(|answers| answers.get(need));
        answers.cloned().unwrap_or_else(|| Err("nobody asked".into()))
    }
}

impl<S: Suite> Engine<S> {
    /// Asks for every need of the selected checks and of those that must pass before them, all at a time.
    pub(crate) fn probe(self: &Arc<Self>) {
        let checks = self.selected.iter().filter_map(|name| self.plan.get(name));
        let needs: HashSet<S::Need> = checks
            .flat_map(|check| self.with_prerequisites(check))
            .flat_map(|check| check.needs)
            .copied()
            .collect();
        let answers = std::thread::scope(|scope| {
            let asked: Vec<_> =
                needs.into_iter().map(|need| (need.name(), scope.spawn(move || self.ask(need)))).collect();
            let answers = asked.into_iter().map(|(name, thread)| {
                (name, thread.join().unwrap_or_else(|_| Err("the answer was lost".into())))
            });
            answers.collect()
        });
        // Probing happens once, before the first check.
        let _ = self.presences.0.set(answers);
    }

    fn with_prerequisites(&self, check: &'static Check<S>) -> impl Iterator<Item = &'static Check<S>> {
        std::iter::successors(Some(check), |check| check.after.and_then(|name| self.plan.get(name)))
    }

    fn ask(self: &Arc<Self>, need: S::Need) -> Answer {
        let path = self.folder.path().join("needs").join(format!("{}.json", need.name()));
        let answer = once(&path, || {
            let ended = self.attend(ASKING, |engine| async move { engine.suite.probe(need).await });
            let answer = match ended {
                Ended::Returned(presence) => Ok(presence),
                other => Err(other.why(ASKING)),
            };
            if let Ok(presence) = &answer {
                self.append(Event::NeedProbed { need: need.name().into(), presence: presence.clone() });
            }
            answer
        });
        answer.unwrap_or_else(|error| Err(format!("cannot keep {}: {error}", path.display())))
    }
}
