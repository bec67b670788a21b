//! What the stages that change something share: holding the installation, running a plan, and telling how it went.

use fixtures::backup::{Proven, Request, RestorePoint};
use fixtures::installation::Installation;
use fixtures::inventory::Inventory;
use fixtures::plan::journal::Record;
use fixtures::plan::{Executor, Plan, Run};
use fixtures::state::{Held, StateFolder};
use harness::{Doing, Scope, Stop};
use serde::{Deserialize, Serialize};

use super::{JOURNAL, PLAN, baselined};

/// A plan that was run, as evidence.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Told {
    /// The plan.
    pub plan: Plan,
    /// Everything that was written down while it ran.
    pub journal: Vec<Record>,
}

/// An inventory of all that there is, exported cache included.
pub(super) async fn inventory(installation: &Installation) -> Inventory {
    Inventory::take(installation).await.with_local_caches(&baselined::local_caches(installation))
}

/// Holds the installation, so that no other run changes it.
///
/// # Errors
/// When another run does.
pub(super) fn hold(inventory: &Inventory) -> Result<Held, Stop> {
    let state = StateFolder::from_environment().doing("finding the folder for restore points")?;
    state.hold(&Request::of(inventory).installation).doing("holding the installation")
}

/// The restore point that the stage `backed_up` has proved.
///
/// # Errors
/// When it has been damaged since.
pub(super) fn proven(id: &str) -> Result<Proven, Stop> {
    let state = StateFolder::from_environment().doing("finding the folder for restore points")?;
    let point = RestorePoint::open(&state, id).doing("opening the restore point")?;
    point.proven(&()).doing("reading the proof of the restore point")
}

/// Runs a plan to its end, records plan and journal, and says what was done.
///
/// # Errors
/// When a step fails. What has been done stays done and is in the journal.
pub(super) async fn run(
    plan: Plan,
    installation: &Installation,
    held: &Held,
    scope: &Scope,
) -> Result<Told, Stop> {
    let kind = plan.kind;
    scope.doing(format!("running the {kind} plan"));
    scope.record(&format!("{kind}-{PLAN}"), &plan)?;
    let mut run = Run::begin(held, plan).doing("opening the journal")?;
    let executor = Executor::new(installation, held.state(), fixtures::progress::silent());
    let executor = executor.doing("preparing to run the plan")?;
    executor.preflight(run.plan()).await.doing("looking at everything that the plan names")?;
    let ran = executor.run(&mut run).await;
    let told = Told { plan: run.plan().clone(), journal: run.records().to_vec() };
    scope.record(&format!("{kind}-{JOURNAL}"), &told)?;
    ran.doing(&format!("running the {kind} plan"))?;
    Ok(told)
}
