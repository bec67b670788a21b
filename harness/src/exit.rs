//! Exit codes. Each is a promise to scripts; none is 101, which is what a Rust panic ends with.

use std::process::{ExitCode, Termination};

/// How a run ended, from the best to the worst: of several, the later one in this list is the run's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Exit {
    /// 0: everything that ran passed, and something ran.
    Passed,
    /// 4: nothing ran, because nothing was selected or because all of it was skipped.
    NothingRan,
    /// 6: something was left behind.
    Debris,
    /// 5: a need that this run requires is absent.
    NeedMissing,
    /// 1: the thing under test broke a promise.
    Failed,
    /// 2: the suite itself broke, so for some claims nobody can tell.
    Broken,
    /// 130: interrupted.
    Interrupted,
    /// 7: a change was rolled back, and the rollback verified.
    RolledBack,
    /// 8: a change was rolled back, and nobody can tell whether all is as before.
    RolledBackUnverified,
    /// 3: wrong usage or configuration; nothing was started.
    Usage,
}

impl Exit {
    /// Every way to end, from the best to the worst.
    pub const ALL: [Self; 10] = [
        Self::Passed,
        Self::NothingRan,
        Self::Debris,
        Self::NeedMissing,
        Self::Failed,
        Self::Broken,
        Self::Interrupted,
        Self::RolledBack,
        Self::RolledBackUnverified,
        Self::Usage,
    ];

    /// The code that the process ends with.
    pub fn code(self) -> u8 {
        match self {
            Self::Passed => 0,
            Self::Failed => 1,
            Self::Broken => 2,
            Self::Usage => 3,
            Self::NothingRan => 4,
            Self::NeedMissing => 5,
            Self::Debris => 6,
            Self::RolledBack => 7,
            Self::RolledBackUnverified => 8,
            Self::Interrupted => 130,
        }
    }

    /// What the code means, in a few words.
    pub fn meaning(self) -> &'static str {
        match self {
            Self::Passed => "all passed",
            Self::Failed => "a promise was broken",
            Self::Broken => "the suite itself broke",
            Self::Usage => "wrong usage or configuration",
            Self::NothingRan => "nothing ran",
            Self::NeedMissing => "a required need is missing",
            Self::Debris => "something was left behind",
            Self::RolledBack => "rolled back, and the rollback verified",
            Self::RolledBackUnverified => "rolled back, not verified",
            Self::Interrupted => "interrupted",
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.code())
    }
}

impl Termination for Exit {
    fn report(self) -> ExitCode {
        self.into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_way_to_end_has_a_code_of_its_own_and_none_is_that_of_a_panic() {
        let codes: BTreeSet<u8> = Exit::ALL.into_iter().map(Exit::code).collect();
        assert_eq!(codes, BTreeSet::from([0, 1, 2, 3, 4, 5, 6, 7, 8, 130]));
    }

    #[test]
    fn the_list_goes_from_the_best_to_the_worst() {
        assert!(Exit::ALL.is_sorted());
    }
}
