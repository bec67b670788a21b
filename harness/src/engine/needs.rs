//! Asking which needs are there.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use crate::engine::body::Ended;
use crate::engine::once::once;
use crate::engine::run::Engine;
use crate::event::Event;
use crate::suite::{Name, Presence, Suite};

/// Whether a need is there, or why nobody can tell.
type Answer = Result<Presence, String>;

/// The answers so far, by the name of the need.
#[derive(Debug, Default)]
pub(crate) struct Presences(Mutex<HashMap<&'static str, Arc<OnceLock<Answer>>>>);

impl Presences {
    fn cell(&self, need: &'static str) -> Arc<OnceLock<Answer>> {
        let mut cells = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(cells.entry(need).or_default())
    }
}

impl<S: Suite> Engine<S> {
    /// Whether `need` is there: asked when the first check wants to know, so that an answer that takes long holds up
    /// nobody else.
    pub(crate) fn presence(self: &Arc<Self>, need: S::Need) -> Answer {
        self.presences.cell(need.name()).get_or_init(|| self.ask(need)).clone()
    }

    fn ask(self: &Arc<Self>, need: S::Need) -> Answer {
        let path = self.folder.path().join("needs").join(format!("{}.json", need.name()));
        let within = self.suite.patience(need);
        let answer = once(&path, || {
            let ended = self.attend(within, |engine| async move { engine.suite.probe(need).await });
            let answer = match ended {
                Ended::Returned(presence) => Ok(presence),
                other => Err(other.why(within)),
            };
            if let Ok(presence) = &answer {
                self.append(Event::NeedProbed { need: need.name().into(), presence: presence.clone() });
            }
            answer
        });
        answer.unwrap_or_else(|error| Err(format!("cannot keep {}: {error}", path.display())))
    }
}
