//! Bringing stages up, each once per run, and taking down what was brought up.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use jiff::Timestamp;

use crate::engine::body::Ended;
use crate::engine::once::once;
use crate::engine::run::Engine;
use crate::engine::tally::weight;
use crate::event::{Event, StageRecord};
use crate::outcome::{Outcome, Stop};
use crate::report::human::{self, say};
use crate::scope::Scope;
use crate::suite::{Name, Stage, Suite, Touch};

/// How long taking down may last.
const TEARING_DOWN: Duration = Duration::from_secs(120);

impl<S: Suite> Engine<S> {
    /// The record of `stage`, brought up now if nobody has tried yet.
    pub(crate) fn stage(self: &Arc<Self>, stage: S::Stage) -> StageRecord {
        let path = self.folder.path().join("stages").join(format!("{}.json", stage.name()));
        let known = once(&path, || {
            // On a full disk nothing is kept there, and still no stage may be tried twice.
            self.log.stage(stage.name()).unwrap_or_else(|| {
                let record = self.bring_up(stage);
                self.append(Event::StageEnded(record.clone()));
                record
            })
        });
        let record = known.unwrap_or_else(|error| {
            let why = format!("cannot keep {}: {error}", path.display());
            Attempt::begin(self, stage.name()).end(Outcome::Broken { doing: String::new(), why })
        });
        self.tally.note(weight(&record.outcome, &record.debris));
        record
    }

    fn bring_up(self: &Arc<Self>, stage: S::Stage) -> StageRecord {
        let attempt = Attempt::begin(self, stage.name());
        if let Err(outcome) = self.may_begin(stage.after()).and_then(|()| self.nothing_fails_before(stage)) {
            return attempt.end(outcome);
        }
        let turn = match self.turns.take(Touch::Alone) {
            Ok(turn) => turn,
            Err(error) => {
                let doing = "waiting for a turn".into();
                return attempt.end(Outcome::Broken { doing, why: error.to_string() });
            }
        };
        // What came before this moment was spent on other stages and checks.
        let attempt = Attempt::begin(self, stage.name());
        say(&format!("{}stage {}: bringing it up", self.fresh_line, stage.name()));
        self.append(Event::StageStarted { stage: stage.name().into(), at: attempt.at });
        let scope = attempt.scope.clone();
        let ended =
            self.attend(stage.within(), |engine| async move { engine.suite.bring_up(stage, &scope).await });
        drop(turn);
        let outcome = self.outcome(ended, stage.within(), &attempt.scope);
        let record = attempt.end(outcome);
        say(&human::stage_message(&record));
        record
    }

    /// Judges the check that must not fail before `stage` is brought up.
    fn nothing_fails_before(self: &Arc<Self>, stage: S::Stage) -> Result<(), Outcome> {
        let Some(first) = stage.first().and_then(|name| self.plan.get(name)) else { return Ok(()) };
        let record = self.judge(first);
        self.tally.count(&record);
        match record.outcome {
            Outcome::Skipped { .. } => Ok(()),
            outcome => blocks(outcome, record.name),
        }
    }

    /// Whether something that asks for `stage` can begin.
    ///
    /// # Errors
    /// The outcome of whatever asks for it.
    pub(crate) fn may_begin(self: &Arc<Self>, stage: Option<S::Stage>) -> Result<(), Outcome> {
        if self.interrupt.is_asked() {
            return Err(interrupted(""));
        }
        let Some(stage) = stage else { return Ok(()) };
        blocks(self.stage(stage).outcome, format!("stage {}", stage.name()))
    }

    /// What became of a body.
    pub(crate) fn outcome(&self, ended: Ended<Result<(), Stop>>, within: Duration, scope: &Scope) -> Outcome {
        let outcome = match ended {
            Ended::Returned(Ok(())) => Outcome::Passed,
            Ended::Returned(Err(Stop::Failed(failure))) => Outcome::Failed(self.suite.explain(*failure)),
            Ended::Returned(Err(Stop::Broken(why))) => Outcome::Broken { doing: scope.last_doing(), why },
            Ended::Interrupted => interrupted(&scope.last_doing()),
            other => Outcome::Broken { doing: scope.last_doing(), why: other.why(within) },
        };
        outcome.clipped()
    }

    /// Takes down what this process brought up. Runs to its end also after an interrupt.
    pub(crate) fn tear_down(self: &Arc<Self>) {
        let attempt = Attempt::begin(self, "tear_down");
        let (engine, scope) = (Arc::clone(self), attempt.scope.clone());
        let ended = self.attend_in_peace(TEARING_DOWN, async move { engine.suite.tear_down(&scope).await });
        let outcome = self.outcome(ended, TEARING_DOWN, &attempt.scope);
        let record = attempt.end(outcome);
        if record.outcome != Outcome::Passed || !record.debris.is_empty() {
            say(&human::stage_message(&record));
            self.tally.note(weight(&record.outcome, &record.debris));
            self.append(Event::StageEnded(record));
        }
    }
}

/// What comes of this outcome of what is called `name` for those who wanted it to pass. Whoever is blocked by something blocked
/// names what stands at the beginning.
pub(crate) fn blocks(outcome: Outcome, name: String) -> Result<(), Outcome> {
    match outcome {
        Outcome::Passed => Ok(()),
        blocked @ Outcome::Blocked { .. } => Err(blocked),
        other => Err(Outcome::Blocked { by: name, why: other.to_string() }),
    }
}

/// The outcome of whatever an interrupt kept from ending.
fn interrupted(doing: &str) -> Outcome {
    let why = if doing.is_empty() { "it did not begin".to_owned() } else { format!("it was {doing}") };
    Outcome::Blocked { by: "an interrupt".into(), why }
}

/// One stage being brought up.
struct Attempt {
    scope: Scope,
    at: Timestamp,
    since: Instant,
}

impl Attempt {
    fn begin<S: Suite>(engine: &Engine<S>, stage: &str) -> Self {
        let scope = Scope::under(&engine.folder.evidence(), &format!("stages::{stage}"));
        Self { scope, at: Timestamp::now(), since: Instant::now() }
    }

    fn end(self, outcome: Outcome) -> StageRecord {
        StageRecord {
            stage: self.scope.name().trim_start_matches("stages::").to_owned(),
            outcome,
            at: self.at,
            seconds: self.since.elapsed().as_secs_f64(),
            debris: self.scope.debris(),
            evidence: self.scope.evidence().map(Path::to_owned),
        }
    }
}
