//! What the stages recorded, for checks to read.

use fixtures::backup::{Proven, RestorePoint};
use fixtures::inventory::Inventory;
use fixtures::plan::journal::Record;
use fixtures::plan::{Plan, Step, StepId};
use fixtures::sentinel::Planted;
use fixtures::state::StateFolder;
use fixtures::transaction::{Between, Judged, RolledBack, Secured};
use harness::{Doing, Failure, Stop};

use crate::stages::backed_up::SECURED;
use crate::stages::baselined::SENTINEL;
use crate::stages::drilled::DRILL;
use crate::stages::installed::JUDGED;
use crate::stages::planned::ROLLBACK_PLAN;
use crate::stages::purged::BETWEEN;
use crate::stages::{INVENTORY, JOURNAL, PLAN};
use crate::{Cx, Stage};

impl Cx {
    /// The inventory that `stage` took.
    pub(crate) fn inventory_of(&self, stage: Stage) -> Result<Inventory, Stop> {
        self.evidence(stage, INVENTORY)
    }

    /// The plan that `stage` froze or ran.
    pub(crate) fn plan_of(&self, stage: Stage) -> Result<Plan, Stop> {
        self.evidence(stage, PLAN)
    }

    /// The journal of the plan that `stage` ran.
    pub(crate) fn journal_of(&self, stage: Stage) -> Result<Vec<Record>, Stop> {
        self.evidence(stage, JOURNAL)
    }

    /// The restore point as it was when it had been proved.
    pub(crate) fn secured(&self) -> Result<Secured, Stop> {
        self.evidence(Stage::BackedUp, SECURED)
    }

    /// The restore point as it is on the disk now.
    pub(crate) fn restore_point(&self) -> Result<RestorePoint, Stop> {
        let state = StateFolder::from_environment().doing("finding the folder for restore points")?;
        RestorePoint::open(&state, &self.secured()?.id).doing("opening the restore point")
    }

    /// The restore point with its proof; that it has one, and is still what was proved, is a promise.
    pub(crate) fn proven(&self) -> Result<Proven, Stop> {
        let proven = self.restore_point()?.proven(&());
        proven.map_err(|error| {
            Failure::new("the restore point", "one that was proved", error.to_string()).into()
        })
    }

    /// The way back as it was written down before the first removal.
    pub(crate) fn written_rollback_plan(&self) -> Result<String, Stop> {
        let planned = self.scope().beside("stages::planned");
        std::fs::read_to_string(planned.folder()?.join(ROLLBACK_PLAN))
            .doing("reading the written rollback plan")
    }

    /// What there was between the purge and the install.
    pub(crate) fn between(&self) -> Result<Between, Stop> {
        self.evidence(Stage::Purged, BETWEEN)
    }

    /// What was seen of the new installation.
    pub(crate) fn judged(&self) -> Result<Judged, Stop> {
        self.evidence(Stage::Installed, JUDGED)
    }

    /// The rollback that was tried.
    pub(crate) fn drill(&self) -> Result<RolledBack, Stop> {
        self.evidence(Stage::Drilled, DRILL)
    }

    /// The sentinel that was planted before the reinstall.
    pub(crate) fn sentinel(&self) -> Result<Option<Planted>, Stop> {
        self.evidence(Stage::Baselined, SENTINEL)
    }
}

/// The numbers of the steps that `wanted` picks.
pub(crate) fn steps(plan: &Plan, wanted: impl Fn(&Step) -> bool) -> Vec<StepId> {
    plan.steps.iter().filter(|planned| wanted(&planned.step)).map(|planned| planned.id).collect()
}

/// Whether a journal shows a step as done.
pub(crate) fn is_done(journal: &[Record], id: StepId) -> bool {
    journal.iter().any(|record| matches!(record, Record::Done { step, .. } if *step == id))
}

/// The steps of a plan that its journal does not show as done.
pub(crate) fn not_done(plan: &Plan, journal: &[Record]) -> Vec<String> {
    let left = plan.steps.iter().filter(|planned| !is_done(journal, planned.id));
    left.map(|planned| planned.step.describe()).collect()
}
