//! One way to break something, with a name by which it can be repeated.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use crate::watched::{Moment, Phase};

/// A fault at one moment of one command, and the way home from it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Case {
    pub(crate) fault: Fault,
    pub(crate) course: Course,
    pub(crate) phase: Phase,
    pub(crate) when: When,
    pub(crate) way: Way,
    /// Whether the way home is killed once too.
    pub(crate) twice: bool,
}

words! {
    /// What happens.
    pub(crate) enum Fault {
        /// `kill -9`.
        Kill = "kill",
        /// The disk is full from then on.
        NoSpace = "full",
        /// One write fails.
        Io = "eio",
        /// The disk is read-only from then on.
        ReadOnly = "read-only",
        /// The engine is killed, and started again before the way home.
        Engine = "engine",
        /// The command is interrupted.
        Interrupt = "interrupt",
        /// The command is interrupted, and at once a second time.
        Interrupts = "interrupts",
        /// Other runs are begun meanwhile.
        SecondRun = "second-run",
        /// A real disk for its own files is filled to the last byte, and has room again before the way home.
        Filled = "filled",
        /// Its own files are on a real read-only disk from the start, until the way home.
        ReadOnlyState = "ro-state",
        /// The client's files are.
        ReadOnlyClient = "ro-client",
    }
}

words! {
    /// What is typed.
    pub(crate) enum Course {
        /// `reinstall backup`.
        Backup = "backup",
        /// `reinstall run`, which begins with looking what works and how fast.
        Reinstall = "run",
        /// `reinstall resume` of a run that was cut short when it had done that: all the rest of a reinstall.
        Resumed = "resume",
        /// `reinstall rollback` to a restore point of an installation that has been wrecked since.
        Rollback = "rollback",
    }
}

words! {
    /// The command that brings it home.
    pub(crate) enum Way {
        Resume = "resume",
        Rollback = "back",
    }
}

/// When it happens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum When {
    Record(usize),
    Write(usize),
    Unpacked(usize),
    After(Duration),
}

impl Course {
    /// Whether it comes to a new installation.
    pub(crate) fn reinstalls(self) -> bool {
        matches!(self, Self::Reinstall | Self::Resumed)
    }

    /// The phase that it begins with.
    pub(crate) fn begins(self) -> Phase {
        match self {
            Self::Backup | Self::Reinstall | Self::Resumed => Phase::Backup,
            Self::Rollback => Phase::Rollback,
        }
    }
}

impl Way {
    pub(crate) fn other(self) -> Self {
        match self {
            Self::Resume => Self::Rollback,
            Self::Rollback => Self::Resume,
        }
    }
}

impl Case {
    pub(crate) fn moment(&self) -> Moment {
        match self.when {
            When::Record(nth) => Moment::Record(self.phase, nth),
            When::Write(nth) => Moment::Write(self.phase, nth),
            When::Unpacked(nth) => Moment::Unpacked(self.phase, nth),
            When::After(later) => Moment::After(self.phase, later),
        }
    }
}

impl fmt::Display for Case {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { fault, course, phase, when, way, twice } = self;
        let when = match when {
            When::Record(nth) => format!("record-{nth}"),
            When::Write(nth) => format!("write-{nth}"),
            When::Unpacked(nth) => format!("unpacked-{nth}"),
            When::After(later) => format!("us-{}", later.as_micros()),
        };
        write!(f, "{fault}/{course}/{phase}/{when}/{way}{}", if *twice { "/twice" } else { "" })
    }
}

impl FromStr for Case {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        let parse = || {
            let mut parts = name.split('/');
            let (fault, course) = (Fault::named(parts.next()?)?, Course::named(parts.next()?)?);
            let phase = parts.next()?;
            let phase = Phase::ALL.into_iter().find(|one| one.to_string() == phase)?;
            let (kind, count) = parts.next()?.split_once('-')?;
            let nth = count.parse().ok()?;
            let when = match kind {
                "record" => When::Record(nth),
                "write" => When::Write(nth),
                "unpacked" => When::Unpacked(nth),
                "us" => When::After(Duration::from_micros(nth.try_into().ok()?)),
                _ => return None,
            };
            let way = Way::named(parts.next()?)?;
            Some(Self { fault, course, phase, when, way, twice: parts.next() == Some("twice") })
        };
        parse().ok_or_else(|| format!("no case is called {name:?}"))
    }
}
