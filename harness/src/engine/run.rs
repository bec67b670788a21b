//! What one process of a run does, from its first event to its exit code.

use std::collections::BTreeMap;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use libtest_mimic::{Arguments, Completion, Failed, Trial};
use tokio::runtime::Handle;

use crate::args::{HarnessArgs, Require, complain};
use crate::engine::body::{self, Ended};
use crate::engine::interrupt::Interrupt;
use crate::engine::log::Log;
use crate::engine::needs::Presences;
use crate::engine::once::once;
use crate::engine::plan::Plan;
use crate::engine::program::broken;
use crate::engine::tally::Tally;
use crate::engine::turn::Turns;
use crate::event::Event;
use crate::exit::Exit;
use crate::outcome::Outcome;
use crate::report::human::{self, say};
use crate::report::{self, Report};
use crate::run_folder::RunFolder;
use crate::spec::Spec;
use crate::suite::{Check, Suite};
use crate::text::one_line;

/// What the parts of a running process share.
pub(crate) struct Engine<S: Suite> {
    pub(crate) suite: Arc<S>,
    pub(crate) plan: Plan<S>,
    pub(crate) selected: Vec<&'static str>,
    pub(crate) require: Require,
    pub(crate) presences: Presences,
    pub(crate) folder: RunFolder,
    pub(crate) log: Arc<Log>,
    pub(crate) tally: Tally,
    /// What a line to people begins with: libtest prints a check's name before it runs when it runs one at a time.
    pub(crate) fresh_line: &'static str,
    pub(crate) turns: Turns,
    pub(crate) runtime: Handle,
    pub(crate) interrupt: Interrupt,
}

/// How long the suite may take to look at its own configuration.
const OPENING: Duration = Duration::from_secs(60);
/// How long the suite may take to describe the place of the run.
const DESCRIBING: Duration = Duration::from_secs(10);

impl<S: Suite> Engine<S> {
    /// From the first event to the exit code.
    pub(crate) fn run(self: Arc<Self>, args: &HarnessArgs, spec: &Spec) -> Exit {
        self.append(Event::RunStarted { at: Timestamp::now(), selected: self.selected.len() });
        // Written before anything starts, so that a path that cannot be written is found out now.
        if let Err(line) = self.write_reports(args, spec) {
            return complain(&line);
        }
        if self.selected.is_empty() {
            say("no check is selected; --list shows them all");
            self.judge_all(&args.libtest);
            return self.end(args, spec);
        }
        match self.open() {
            Ok(()) => {
                self.judge_all(&args.libtest);
                self.describe();
            }
            Err(Exit::Usage) => return Exit::Usage,
            Err(exit) => self.tally.note(exit),
        }
        self.tear_down();
        self.end(args, spec)
    }

    fn open(self: &Arc<Self>) -> Result<(), Exit> {
        match self.attend(OPENING, |engine| async move { engine.suite.open(&engine.folder).await }) {
            Ended::Returned(Ok(line)) => {
                line.iter().for_each(|line| say(line));
                Ok(())
            }
            Ended::Returned(Err(line)) => Err(complain(&line)),
            Ended::Interrupted => Err(Exit::Interrupted),
            other => Err(broken(&[format!("while the suite was opened: {}", other.why(OPENING))])),
        }
    }

    fn judge_all(self: &Arc<Self>, args: &Arguments) {
        let trials = self.plan.in_order().into_iter().map(|check| {
            let engine = Arc::clone(self);
            Trial::ignorable_test(check.name(), move || engine.trial(check))
        });
        let trials = trials.collect();
        // Printing to a pipe that was closed panics inside libtest-mimic; what was brought up must come down all the same.
        match std::panic::catch_unwind(AssertUnwindSafe(|| libtest_mimic::run(args, trials))) {
            Ok(conclusion) if conclusion.num_failed > self.tally.failures() => {
                self.tally.note(broken(&["the harness itself panicked".to_owned()]));
            }
            Ok(_) => {}
            Err(_) => self.tally.note(broken(&["the verdicts cannot be printed".to_owned()])),
        }
    }

    fn trial(self: &Arc<Self>, check: &'static Check<S>) -> Result<Completion, Failed> {
        let record = self.judge(check);
        self.tally.count(&record);
        match &record.outcome {
            Outcome::Passed => Ok(Completion::Completed),
            Outcome::Skipped { .. } | Outcome::Blocked { .. } => {
                Ok(Completion::ignored_with(one_line(&record.outcome.to_string(), human::LINE)))
            }
            Outcome::Failed(_) | Outcome::Broken { .. } => Err(human::message(&record).into()),
        }
    }

    fn describe(self: &Arc<Self>) {
        if self.interrupt.is_asked() {
            return;
        }
        let described = once(&self.folder.path().join("environment.json"), || {
            let ended = self.attend(DESCRIBING, |engine| async move { engine.suite.environment().await });
            let Ended::Returned(values) = ended else { return BTreeMap::new() };
            self.append(Event::Environment { values: values.clone() });
            values
        });
        if let Err(error) = described {
            say(&format!("the environment is not in the report: {error}"));
        }
    }

    fn end(&self, args: &HarnessArgs, spec: &Spec) -> Exit {
        if self.interrupt.is_asked() {
            self.tally.note(Exit::Interrupted);
            self.append(Event::Interrupted { at: Timestamp::now() });
        }
        let one_of_many =
            std::env::var("NEXTEST_EXECUTION_MODE").is_ok_and(|mode| mode == "process-per-test");
        let exit = if one_of_many { self.tally.of_one_check() } else { self.tally.of_a_run() };
        self.append(Event::RunEnded { at: Timestamp::now(), exit: exit.code() });
        let trouble = self.write_reports(args, spec).err().into_iter().chain(self.log.trouble());
        let trouble: Vec<String> = trouble.collect();
        if !one_of_many {
            say(&human::summary(&Report::of(self.log.own()), exit, self.folder.path()));
        }
        if trouble.is_empty() { exit } else { exit.max(broken(&trouble)) }
    }

    fn write_reports(&self, args: &HarnessArgs, spec: &Spec) -> Result<(), String> {
        report::write(&self.folder, spec, args.junit.as_deref(), args.junit_dialect)
            .map_err(|error| error.to_string())
    }

    pub(crate) fn append(&self, event: Event) {
        self.log.append(&self.folder, event);
    }

    /// Runs something of the suite to an end, whatever it does.
    pub(crate) fn attend<T, F>(
        self: &Arc<Self>,
        within: Duration,
        task: impl FnOnce(Arc<Self>) -> F,
    ) -> Ended<T>
    where
        T: Send + 'static,
        F: Future<Output = T> + Send + 'static,
    {
        body::run(&self.runtime, within, &self.interrupt, task(Arc::clone(self)))
    }

    /// The same for what an interrupt must not end.
    pub(crate) fn attend_in_peace<T: Send + 'static>(
        &self,
        within: Duration,
        task: impl Future<Output = T> + Send + 'static,
    ) -> Ended<T> {
        body::run(&self.runtime, within, &Interrupt::never(), task)
    }
}
