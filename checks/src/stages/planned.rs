//! What will be done, frozen; and the way back, in writing.

use fixtures::backup::Proven;
use fixtures::installation::Installation;
use fixtures::inventory::Inventory;
use fixtures::purge::{Policy, Unreachable};
use fixtures::rollback;
use fixtures::transaction::{Frozen, Secured, Wish, inventory};
use harness::{Doing, Scope, Stop};

use super::backed_up::SECURED;
use super::{INVENTORY, PLAN, installed, transaction};
use crate::cx::World;

/// The name of the file with the rollback plan in writing.
pub const ROLLBACK_PLAN: &str = "rollback-plan.md";
/// The name of the recorded [`Frozen`] plans.
pub const FROZEN: &str = "frozen";

pub(crate) async fn bring_up(world: &World, scope: &Scope) -> Result<(), Stop> {
    let installation = world.installation()?;
    let secured: Secured = scope.beside("stages::backed_up").read(SECURED)?;
    let point = transaction::proven(&secured.id)?;
    let inventory = inventory(&installation).await;
    scope.doing("freezing the plans");
    let frozen = freeze(world, &installation, &inventory, &point).await?;
    std::fs::write(scope.folder()?.join("purge-plan.txt"), frozen.purge.to_string())?;
    std::fs::write(scope.folder()?.join(ROLLBACK_PLAN), rollback::written(&frozen.purge, &point))?;
    scope.record(INVENTORY, &inventory)?;
    scope.record(PLAN, &frozen.purge)?;
    scope.record(FROZEN, &frozen)
}

/// The plans for what there is, now that a restore point has all of it.
pub(super) async fn freeze(
    world: &World,
    installation: &Installation,
    inventory: &Inventory,
    point: &Proven,
) -> Result<Frozen, Stop> {
    // A builder whose context is gone has no engine to be asked; the restore point keeps its definition.
    let policy = Policy { unreachable: Unreachable::Forget, contexts: Vec::new() };
    let wish = Wish { desired: installed::desired(world).await?, policy };
    Frozen::new(installation, inventory, point, &wish).doing("making the plans")
}
