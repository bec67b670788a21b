//! What a suite is to the harness: its needs, its stages, and what it hands to the body of a check.

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::hash::Hash;
use std::pin::Pin;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::outcome::{Failure, Stop, Verdict};
use crate::run_folder::RunFolder;
use crate::scope::Scope;

/// A closed list of names, written by the suite as an enum.
pub trait Name: Copy + Eq + Hash + Debug + Send + Sync + 'static {
    /// The name that people type and read: lower case, words joined by `_`.
    fn name(self) -> &'static str;
    /// Every name of the list.
    fn all() -> &'static [Self];
}

/// A state that the thing under test is brought into before the checks that ask for it.
pub trait Stage: Name {
    /// The stage that must be up before this one.
    fn after(self) -> Option<Self>;
    /// The time that bringing it up may take.
    fn within(self) -> Duration;
    /// The name of a check that must not fail before it is brought up, and is to blame for all that it blocks.
    fn first(self) -> Option<&'static str> {
        None
    }
}

/// Whether a need is there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "presence")]
pub enum Presence {
    /// It is.
    Present,
    /// It is not.
    Absent {
        /// Why, and how to provide it: one line.
        why: String,
    },
}

/// A suite of checks. Making a value of it must touch nothing: listing makes one too.
pub trait Suite: Send + Sync + 'static {
    /// What checks cannot do without.
    type Need: Name;
    /// What is brought up for checks.
    type Stage: Stage;
    /// What the body of a check gets.
    type Cx: Send + Sync + 'static;

    /// Makes sure that the run can take place at all, once something is selected and before anything else. The line that
    /// it returns, if any, is the first that people see.
    ///
    /// # Errors
    /// One line that says what is wrong with the usage or the configuration; the run ends with [`crate::Exit::Usage`].
    fn open(&self, run: &RunFolder) -> impl Future<Output = Result<Option<String>, String>> + Send {
        let _ = run;
        async { Ok(None) }
    }

    /// Says whether `need` is there. Asked once per run, when the first check that has it is about to run.
    fn probe(&self, need: Self::Need) -> impl Future<Output = Presence> + Send;

    /// How long the answer to [`Suite::probe`] may take.
    fn patience(&self, need: Self::Need) -> Duration {
        let _ = need;
        Duration::from_secs(30)
    }

    /// Brings up `stage`; the stage before it is up. Called once per run, while no check runs.
    ///
    /// # Errors
    /// What went wrong; the stage is not tried again, and whatever asks for it is blocked by it.
    fn bring_up(&self, stage: Self::Stage, scope: &Scope) -> impl Future<Output = Result<(), Stop>> + Send;

    /// What the body of the check named by `scope` gets.
    fn cx(&self, scope: Scope) -> Self::Cx;

    /// The same failure with its likely cause and its remedy, where they are known.
    fn explain(&self, failure: Failure) -> Failure {
        failure
    }

    /// What a reader of the report must know about the place where the run happened.
    fn environment(&self) -> impl Future<Output = BTreeMap<String, String>> + Send {
        async { BTreeMap::new() }
    }

    /// The command that runs one check again.
    fn rerun(&self, check: &str) -> String {
        format!("cargo test --test reinstall -- --exact {check}")
    }

    /// Takes down what the stages of this process brought up; always called at the end, also after an interrupt. What
    /// cannot be taken down is noted in `scope` as debris. Under a runner that starts one process per check it is called
    /// at the end of each of them.
    ///
    /// # Errors
    /// What went wrong.
    fn tear_down(&self, scope: &Scope) -> impl Future<Output = Result<(), Stop>> + Send {
        let _ = scope;
        async { Ok(()) }
    }
}

/// How a check touches the thing under test.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Touch {
    /// Other checks may run beside it.
    Shared,
    /// Nothing else runs beside it.
    Alone,
    /// Not at all: it runs beside everything, stages being brought up included.
    Never,
}

/// The body of a check, while it runs.
pub type Body<'a> = Pin<Box<dyn Future<Output = Verdict> + Send + 'a>>;

/// One claim and how to find out whether it holds. Declared with [`crate::check`].
pub struct Check<S: Suite> {
    /// Where it is declared: crate, modules, function.
    pub path: &'static str,
    /// The source file.
    pub file: &'static str,
    /// The line in it.
    pub line: u32,
    /// The claim: one sentence.
    pub claim: &'static str,
    /// The clauses that ask for it.
    pub covers: &'static [&'static str],
    /// What it cannot do without.
    pub needs: &'static [S::Need],
    /// The stage that is brought up before it.
    pub stage: Option<S::Stage>,
    /// The name of a check that must pass first.
    pub after: Option<&'static str>,
    /// How it touches the thing under test.
    pub touch: Touch,
    /// The time that its body may take.
    pub within: Duration,
    /// Its body.
    pub body: for<'a> fn(&'a S::Cx) -> Body<'a>,
}

impl<S: Suite> Check<S> {
    /// Its name: the path without the crate.
    pub fn name(&self) -> &'static str {
        self.path.split_once("::").map_or(self.path, |(_, name)| name)
    }
}
