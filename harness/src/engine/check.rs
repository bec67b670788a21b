//! Judging one check.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use jiff::Timestamp;

use crate::engine::once::once;
use crate::engine::run::Engine;
use crate::engine::stage::blocks;
use crate::event::{CheckRecord, Event};
use crate::outcome::{Failure, Outcome};
use crate::scope::Scope;
use crate::suite::{Check, Name, Presence, Suite};

/// Why a check does not run.
enum Refused {
    /// It ends with this outcome.
    With(Outcome),
    /// This need is absent, and the run requires it.
    Required { need: &'static str, why: String },
}

impl From<Outcome> for Refused {
    fn from(outcome: Outcome) -> Self {
        Self::With(outcome)
    }
}

impl<S: Suite> Engine<S> {
    /// The record of `check`. One that others want to pass first is run once per run; any other one, whenever it is asked.
    pub(crate) fn judge(self: &Arc<Self>, check: &'static Check<S>) -> CheckRecord {
        if !self.plan.is_prerequisite(check.name()) {
            return self.run_now(check);
        }
        let path = self.folder.path().join("checks").join(format!("{}.json", check.name()));
        // When the result cannot be kept, running it twice is better than not at all.
        once(&path, || self.run_now(check)).unwrap_or_else(|_| self.run_now(check))
    }

    fn run_now(self: &Arc<Self>, check: &'static Check<S>) -> CheckRecord {
        let at = Timestamp::now();
        self.append(Event::CheckStarted { check: check.name().into(), at });
        let scope = Scope::under(&self.folder.evidence(), check.name());
        let (outcome, took, required) = match self.admit(check) {
            Ok(()) => {
                let (outcome, took) = self.run_body(check, &scope);
                (outcome, took, None)
            }
            Err(Refused::With(outcome)) => (outcome, Duration::ZERO, None),
            Err(Refused::Required { need, why }) => {
                (missing(need, why), Duration::ZERO, Some(need.to_owned()))
            }
        };
        let record = CheckRecord {
            name: check.name().into(),
            claim: check.claim.into(),
            clauses: check.covers.iter().map(|&clause| clause.into()).collect(),
            needs: check.needs.iter().map(|need| need.name().into()).collect(),
            stage: check.stage.map(|stage| stage.name().into()),
            outcome,
            required,
            at,
            seconds: took.as_secs_f64(),
            debris: scope.debris(),
            rerun: self.suite.rerun(check.name()),
            evidence: scope.evidence().map(Path::to_owned),
            selected: self.selected.contains(&check.name()),
            file: check.file.into(),
            line: check.line,
        };
        self.append(Event::CheckEnded(Box::new(record.clone())));
        record
    }

    /// Whether the body of `check` may run; brings up what it asks for.
    fn admit(self: &Arc<Self>, check: &'static Check<S>) -> Result<(), Refused> {
        self.may_begin(None)?;
        for need in check.needs {
            self.has(*need)?;
        }
        if let Some(first) = check.after.and_then(|name| self.plan.get(name)) {
            let record = self.judge(first);
            self.tally.count(&record);
            blocks(record.outcome, record.name)?;
        }
        Ok(self.may_begin(check.stage)?)
    }

    fn has(self: &Arc<Self>, need: S::Need) -> Result<(), Refused> {
        let answer = self.presence(need);
        let need = need.name();
        match answer {
            Ok(Presence::Present) => Ok(()),
            Ok(Presence::Absent { why }) if self.require.wants(need) => Err(Refused::Required { need, why }),
            Ok(Presence::Absent { why }) => Err(Outcome::Skipped { need: need.into(), why }.into()),
            Err(why) => {
                // An interrupt ends the asking too, and then it is what stands in the way.
                self.may_begin(None)?;
                Err(Outcome::Broken { doing: format!("asking for the need {need}"), why }.into())
            }
        }
    }

    /// The outcome of the body, and how long it took: without the time that it waited for stages and other checks.
    fn run_body(self: &Arc<Self>, check: &'static Check<S>, scope: &Scope) -> (Outcome, Duration) {
        let turn = match self.turns.take(check.touch) {
            Ok(turn) => turn,
            Err(error) => {
                let doing = "waiting for a turn".into();
                return (Outcome::Broken { doing, why: error.to_string() }, Duration::ZERO);
            }
        };
        if let Err(outcome) = self.may_begin(None) {
            return (outcome, Duration::ZERO);
        }
        let (own, since) = (scope.clone(), Instant::now());
        let ended = self.attend(check.within, |engine| async move {
            let cx = engine.suite.cx(own);
            (check.body)(&cx).await
        });
        drop(turn);
        (self.outcome(ended, check.within, scope), since.elapsed())
    }
}

fn missing(need: &str, why: String) -> Outcome {
    Outcome::Failed(Failure::new(format!("the need {need}"), "present, because this run requires it", why))
}
