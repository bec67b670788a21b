//! What will be done, frozen; and the way back, in writing.

use fixtures::purge::{self, Policy};
use fixtures::rollback;
use harness::{Doing, Scope, Stop};

use super::backed_up::{SECURED, Secured};
use super::{INVENTORY, PLAN, transaction};
use crate::cx::World;

/// The name of the file with the rollback plan in writing.
pub const ROLLBACK_PLAN: &str = "rollback-plan.md";

pub(crate) async fn bring_up(world: &World, scope: &Scope) -> Result<(), Stop> {
    let installation = world.installation()?;
    let secured: Secured = scope.beside("stages::backed_up").read(SECURED)?;
    let point = transaction::proven(&secured.id)?;
    let inventory = transaction::inventory(&installation).await;
    scope.doing("freezing the purge plan");
    let plan = purge::plan(&installation, &inventory, &point, &policy()).doing("making the purge plan")?;
    std::fs::write(scope.folder()?.join("purge-plan.txt"), plan.to_string())?;
    let written = rollback::written(&plan, &point);
    std::fs::write(scope.folder()?.join(ROLLBACK_PLAN), written)?;
    scope.record(INVENTORY, &inventory)?;
    scope.record(PLAN, &plan)
}

/// A builder whose context is gone has no engine to be asked; the restore point keeps its definition.
pub(super) fn policy() -> Policy {
    Policy { unreachable: purge::Unreachable::Forget, contexts: Vec::new() }
}
