//! Why a command does not do what it was asked to: one line, and how the process ends.

use fixtures::backup::BackupError;
use fixtures::install::DesiredError;
use fixtures::installation::InstallationError;
use fixtures::state::{StateError, StateFolder};
use fixtures::transaction::{Refusal, TransactionError, Unfinished};
use harness::Exit;
use harness::outcome::chain;

/// What is said, and how the process ends.
#[derive(Debug)]
pub(crate) struct Trouble {
    exit: Exit,
    line: String,
}

impl Trouble {
    /// Wrong usage or configuration: nothing was started.
    pub(crate) fn usage(line: impl Into<String>) -> Self {
        Self { exit: Exit::Usage, line: line.into() }
    }

    /// Something stopped in its middle.
    pub(crate) fn broken(line: impl Into<String>) -> Self {
        Self { exit: Exit::Broken, line: line.into() }
    }

    pub(crate) fn interrupted() -> Self {
        let line = if is_unfinished() {
            "interrupted: `reinstall resume` goes on, `reinstall rollback` goes back"
        } else {
            "interrupted; nothing is left to be undone"
        };
        Self { exit: Exit::Interrupted, line: line.into() }
    }

    /// The same, with the way on from an unfinished transaction if there is one.
    pub(crate) fn in_the_middle(mut self) -> Self {
        if is_unfinished() {
            self.line += "; mend that, then `reinstall resume` or `reinstall rollback`";
        }
        self
    }

    /// Says it.
    pub(crate) fn tell(self) -> Exit {
        eprintln!("error: {}", self.line.replace('\n', " "));
        self.exit
    }
}

fn is_unfinished() -> bool {
    let unfinished = StateFolder::from_environment().map(|state| Unfinished::all(&state));
    matches!(unfinished, Ok(Ok((all, _))) if !all.is_empty())
}

impl From<TransactionError> for Trouble {
    fn from(error: TransactionError) -> Self {
        let line = chain(&error);
        match error {
            TransactionError::Refused(_)
            | TransactionError::Installation(_)
            | TransactionError::State(_)
            | TransactionError::Purge(_)
            | TransactionError::Install(_)
            | TransactionError::EngineElsewhere { .. }
            | TransactionError::Rollback(_) => Self::usage(line),
            _ => Self::broken(line),
        }
    }
}

macro_rules! usage {
    ($($error:ty),+) => {
        $(impl From<$error> for Trouble {
            fn from(error: $error) -> Self {
                Self::usage(chain(&error))
            }
        })+
    };
}
usage!(DesiredError, InstallationError, Refusal, StateError);

macro_rules! broken {
    ($($error:ty),+) => {
        $(impl From<$error> for Trouble {
            fn from(error: $error) -> Self {
                Self::broken(chain(&error))
            }
        })+
    };
}
broken!(serde_json::Error, std::io::Error);

impl From<BackupError> for Trouble {
    fn from(error: BackupError) -> Self {
        match error {
            BackupError::NoSuchPoint { .. } => Self::usage(chain(&error)),
            _ => Self::broken(chain(&error)),
        }
    }
}
