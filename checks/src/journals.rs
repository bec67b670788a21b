//! The plans that this run has executed, with their journals, for checks that hold papers against them.

use std::path::{Path, PathBuf};

use fixtures::guide::procedure::{Part, Story};
use fixtures::inventory::Inventory;
use fixtures::plan::Plan;
use fixtures::plan::journal::Record;
use harness::Stop;

use crate::{Cx, Stage};

/// A plan and its journal.
pub(crate) struct Executed {
    /// The plan.
    pub(crate) plan: Plan,
    /// What was written down while it ran.
    pub(crate) records: Vec<Record>,
}

impl Executed {
    /// What `stage` executed.
    pub(crate) fn by(stage: Stage, cx: &Cx) -> Result<Self, Stop> {
        Ok(Self { plan: cx.plan_of(stage)?, records: cx.journal_of(stage)? })
    }

    /// The same for the guide.
    pub(crate) fn part(&self) -> Part<'_> {
        Part { plan: &self.plan, records: &self.records }
    }

    /// When it began and ended.
    pub(crate) fn times(&self) -> Option<(jiff::Timestamp, jiff::Timestamp)> {
        let at = |record: &Record| match record {
            Record::Opened { at, .. }
            | Record::Begun { at, .. }
            | Record::Done { at, .. }
            | Record::Failed { at, .. }
            | Record::Reverting { at, .. }
            | Record::Undone { at, .. }
            | Record::Closed { at, .. } => *at,
        };
        Some((self.records.first().map(at)?, self.records.last().map(at)?))
    }
}

/// A purge and the install after it.
pub(crate) struct Reinstall {
    /// What there was before.
    pub(crate) before: Inventory,
    /// The purge.
    pub(crate) purge: Executed,
    /// The install.
    pub(crate) install: Executed,
    /// What there was afterwards.
    pub(crate) after: Inventory,
}

impl Reinstall {
    /// The reinstall of this run.
    pub(crate) fn of(cx: &Cx) -> Result<Self, Stop> {
        Ok(Self {
            before: cx.inventory_of(Stage::Planned)?,
            purge: Executed::by(Stage::Purged, cx)?,
            install: Executed::by(Stage::Installed, cx)?,
            after: cx.inventory_of(Stage::Installed)?,
        })
    }

    /// Both, for the guide.
    pub(crate) fn parts(&self) -> [Part<'_>; 2] {
        [self.purge.part(), self.install.part()]
    }

    /// The story that a guide tells of `parts`.
    pub(crate) fn story<'a>(&'a self, parts: &'a [Part<'a>]) -> Story<'a> {
        Story { installation: &self.purge.plan.installation, parts, absent: &[], printed: &[] }
    }
}

/// The folder of this run: evidence is in `evidence/stages/…` of it.
pub(crate) fn run_folder(cx: &Cx) -> Result<PathBuf, Stop> {
    let scope = cx.scope().beside("stages");
    let folder = scope.folder()?;
    let run = folder.parent().and_then(Path::parent);
    run.map(Path::to_owned).ok_or_else(|| Stop::Broken(format!("{} is in no run", folder.display())))
}
