//! What became of a check: a verdict while its body runs, an outcome afterwards.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::text::clip;

/// What the body of a check returns. `Ok` means that the claim holds.
pub type Verdict = Result<(), Stop>;

/// Why the body of a check, or a stage, ended early.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stop {
    /// The thing under test broke a promise.
    Failed(Box<Failure>),
    /// We could not tell whether it keeps its promise.
    Broken(String),
}

/// A promise that was broken, in the words that a person needs to act on it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    /// What was looked at.
    pub looked_at: String,
    /// What the claim says should be there.
    pub expected: String,
    /// What is there.
    pub found: String,
    /// The likely cause, where one is known.
    pub cause: Option<String>,
    /// A command that is likely to mend it.
    pub remedy: Option<String>,
}

impl Failure {
    /// A failure whose cause is not known yet.
    pub fn new(looked_at: impl Into<String>, expected: impl Into<String>, found: impl Into<String>) -> Self {
        Self {
            looked_at: looked_at.into(),
            expected: expected.into(),
            found: found.into(),
            cause: None,
            remedy: None,
        }
    }

    /// The same failure with its cause and the command that mends it.
    pub fn explained(mut self, cause: impl Into<String>, remedy: impl Into<String>) -> Self {
        self.cause = Some(cause.into());
        self.remedy = Some(remedy.into());
        self
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: expected {}, found {}", self.looked_at, self.expected, self.found)
    }
}

impl From<Failure> for Stop {
    fn from(failure: Failure) -> Self {
        Self::Failed(Box::new(failure))
    }
}

impl From<std::io::Error> for Stop {
    fn from(error: std::io::Error) -> Self {
        Self::broken(&error)
    }
}

impl From<serde_json::Error> for Stop {
    fn from(error: serde_json::Error) -> Self {
        Self::broken(&error)
    }
}

impl Stop {
    /// We could not tell, because of this error; its whole chain of sources is kept.
    pub fn broken(error: &(dyn std::error::Error + 'static)) -> Self {
        Self::Broken(chain(error))
    }
}

impl fmt::Display for Stop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Failed(failure) => failure.fmt(f),
            Self::Broken(why) => f.write_str(why),
        }
    }
}

/// An error and its sources, joined by colons; a source that the message above it already quotes is not said twice.
pub fn chain(error: &(dyn std::error::Error + 'static)) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(error) = source {
        let next = error.to_string();
        if !text.contains(&next) {
            text = format!("{text}: {next}");
        }
        source = error.source();
    }
    text
}

/// Puts what was being done in front of an error.
pub trait Doing<T> {
    /// Turns an error into [`Stop::Broken`] that says what was being done when it came.
    fn doing(self, what: &str) -> Result<T, Stop>;
}

impl<T, E: std::error::Error + 'static> Doing<T> for Result<T, E> {
    fn doing(self, what: &str) -> Result<T, Stop> {
        self.map_err(|error| Stop::Broken(format!("{what}: {}", chain(&error))))
    }
}

/// What became of a check.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "outcome")]
pub enum Outcome {
    /// The claim holds.
    Passed,
    /// The check did not run: something that it cannot do without is absent here.
    Skipped {
        /// The need that is absent.
        need: String,
        /// Why it is absent, and how to provide it.
        why: String,
    },
    /// The check did not run: something before it did not end well.
    Blocked {
        /// The stage or check that stands in the way.
        by: String,
        /// What it said.
        why: String,
    },
    /// A promise was broken.
    Failed(Failure),
    /// We could not tell.
    Broken {
        /// What was being done, or last seen.
        doing: String,
        /// Why it stopped.
        why: String,
    },
}

/// The most characters of one text of an outcome that are kept.
const KEPT: usize = 6_000;

impl Outcome {
    /// Whether the claim holds.
    pub fn is_passed(&self) -> bool {
        *self == Self::Passed
    }

    /// Whether somebody should look into it.
    pub fn needs_attention(&self) -> bool {
        matches!(self, Self::Failed(_) | Self::Broken { .. })
    }

    /// One word for it, as in `report.json`.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Passed => "passed",
            Self::Skipped { .. } => "skipped",
            Self::Blocked { .. } => "blocked",
            Self::Failed(_) => "failed",
            Self::Broken { .. } => "broken",
        }
    }

    /// The same outcome with its texts cut to a size that any report can carry.
    pub(crate) fn clipped(self) -> Self {
        let cut = |text: String| clip(&text, KEPT);
        match self {
            Self::Passed => Self::Passed,
            Self::Skipped { need, why } => Self::Skipped { need, why: cut(why) },
            Self::Blocked { by, why } => Self::Blocked { by, why: cut(why) },
            Self::Failed(Failure { looked_at, expected, found, cause, remedy }) => Self::Failed(Failure {
                looked_at: cut(looked_at),
                expected: cut(expected),
                found: cut(found),
                cause: cause.map(cut),
                remedy: remedy.map(cut),
            }),
            Self::Broken { doing, why } => Self::Broken { doing: cut(doing), why: cut(why) },
        }
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Passed => f.write_str("passed"),
            Self::Skipped { need, why } => write!(f, "needs {need}: {why}"),
            Self::Blocked { by, why } => write!(f, "blocked by {by}: {why}"),
            Self::Failed(failure) => failure.fmt(f),
            Self::Broken { doing, why } if doing.is_empty() => f.write_str(why),
            Self::Broken { doing, why } => write!(f, "{doing}: {why}"),
        }
    }
}
