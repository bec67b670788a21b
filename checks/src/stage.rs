//! The stages that an installation goes through.

use std::time::Duration;

use harness::Name;

/// A state of the installation that checks refer to. Each leaves evidence of what was true then.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Stage {
    /// Looked at as it was found; in a lab, after the fault from the field was planted.
    Observed,
    /// Inventoried, and a sentinel built whose cache and content a rollback has to bring back.
    Baselined,
    /// Everything that a purge would remove is in a restore point that was proved by a drill.
    BackedUp,
    /// What will be removed, kept and created is frozen in plans.
    Planned,
    /// The purge is done, and nothing is put back yet.
    Purged,
    /// The desired installation is in place.
    Installed,
    /// Rolled back to the restore point, verified, and reinstalled again.
    Drilled,
}

impl Name for Stage {
    fn name(self) -> &'static str {
        match self {
            Self::Observed => "observed",
            Self::Baselined => "baselined",
            Self::BackedUp => "backed_up",
            Self::Planned => "planned",
            Self::Purged => "purged",
            Self::Installed => "installed",
            Self::Drilled => "drilled",
        }
    }

    fn all() -> &'static [Self] {
        &[
            Self::Observed,
            Self::Baselined,
            Self::BackedUp,
            Self::Planned,
            Self::Purged,
            Self::Installed,
            Self::Drilled,
        ]
    }
}

impl harness::Stage for Stage {
    fn after(self) -> Option<Self> {
        match self {
            Self::Observed => None,
            Self::Baselined => Some(Self::Observed),
            Self::BackedUp => Some(Self::Baselined),
            Self::Planned => Some(Self::BackedUp),
            Self::Purged => Some(Self::Planned),
            Self::Installed => Some(Self::Purged),
            Self::Drilled => Some(Self::Installed),
        }
    }

    fn first(self) -> Option<&'static str> {
        // Builders, and with them all that follows, are buildx' own.
        (self == Self::Baselined).then_some("install::daemon_availability::builders_can_be_made_at_all")
    }

    fn within(self) -> Duration {
        // A lab may have to wait for BuildKit to be built from source.
        let minutes = if self == Self::Baselined { 25 } else { 5 };
        Duration::from_secs(minutes * 60)
    }
}
