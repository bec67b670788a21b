//! What the stages that change something share: plans run for evidence, and progress told to whoever asks what a stage does.

use std::sync::Arc;

use fixtures::backup::Proven;
use fixtures::installation::Installation;
use fixtures::plan::{Plan, Run};
use fixtures::progress::{Progress, Teller};
use fixtures::state::{Held, StateFolder};
use fixtures::transaction::{self, Told};
use harness::{Doing, Scope, Stop};

use super::{JOURNAL, PLAN};

/// Notes each part of a work as what the stage is doing.
struct Noting(Scope);

impl Progress for Noting {
    fn begins(&self, what: &str, _: Option<u64>) {
        self.0.doing(what);
    }

    fn advances(&self, _: u64) {}
}

pub(super) fn noting(scope: &Scope) -> Teller {
    Arc::new(Noting(scope.clone()))
}

/// Holds the installation, so that no other run changes it.
///
/// # Errors
/// When another run does.
pub(super) async fn hold(installation: &Installation) -> Result<Held, Stop> {
    transaction::hold(installation).await.doing("holding the installation")
}

/// The restore point that the stage `backed_up` has proved.
///
/// # Errors
/// When it has been damaged since.
pub(super) fn proven(id: &str) -> Result<Proven, Stop> {
    let state = StateFolder::from_environment().doing("finding the folder for restore points")?;
    transaction::point(&state, id).doing("opening the restore point")
}

/// Runs a plan to its end, records plan and journal, and says what was done.
///
/// # Errors
/// When a step fails. What has been done stays done and is in the journal.
pub(super) async fn run(plan: Plan, installation: &Installation, scope: &Scope) -> Result<Told, Stop> {
    let (kind, held) = (plan.kind, hold(installation).await?);
    scope.record(&format!("{kind}-{PLAN}"), &plan)?;
    let mut run = Run::begin(&held, plan).doing("opening the journal")?;
    let ran = transaction::carry_out(&mut run, installation, held.state(), noting(scope)).await;
    let told = Told::of(&run);
    scope.record(&format!("{kind}-{JOURNAL}"), &told)?;
    ran.doing(&format!("running the {kind} plan"))?;
    Ok(told)
}
