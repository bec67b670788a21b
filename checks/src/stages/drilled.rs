//! There and back: a rollback to the restore point, judged by what it brought back, and the reinstall done again.

use fixtures::inventory::Inventory;
use fixtures::rollback;
use fixtures::sentinel::Planted;
use fixtures::transaction::{Secured, WayBack, compare, inventory};
use harness::{Doing, Scope, Stop};

use super::backed_up::{self, SECURED};
use super::baselined::SENTINEL;
use super::{INVENTORY, JOURNAL, PLAN, planned, transaction};
use crate::cx::World;

/// The name of the recorded [`RolledBack`](fixtures::transaction::RolledBack).
pub const DRILL: &str = "drill";

pub(crate) async fn bring_up(world: &World, scope: &Scope) -> Result<(), Stop> {
    let installation = world.installation()?;
    let secured: Secured = scope.beside("stages::backed_up").read(SECURED)?;
    let before: Inventory = scope.beside("stages::backed_up").read(INVENTORY)?;
    let point = transaction::proven(&secured.id)?;
    let now = inventory(&installation).await;
    let (at, started) = (jiff::Timestamp::now(), std::time::Instant::now());
    let plan = rollback::plan(&installation, &now, &point).doing("making the rollback plan")?;
    let told = transaction::run(plan, &installation, scope).await?;
    let without = rollback::without_own_caches(&before, Some(&told.plan));
    let way = WayBack { reason: "the drill of this run".into(), at, took: started.elapsed(), without };
    scope.record(PLAN, &told.plan)?;
    scope.record(JOURNAL, &told.journal)?;
    let after = inventory(&installation).await;
    scope.record(INVENTORY, &after)?;
    scope.doing("building after the rollback");
    let planted: Option<Planted> = scope.beside("stages::baselined").read(SENTINEL)?;
    let folder = scope.folder()?;
    let drill = compare(way, &before, &after, planted.as_ref(), &installation, folder).await;
    scope.record(DRILL, &drill)?;
    again(world, scope).await
}

/// Purges and installs once more, so that checks of the installed state meet it whenever they run.
async fn again(world: &World, scope: &Scope) -> Result<(), Stop> {
    let installation = world.installation()?;
    let safe = backed_up::once_more(world, scope).await?;
    let frozen = planned::freeze(world, &installation, &safe.after, &safe.point).await?;
    transaction::run(frozen.purge, &installation, scope).await?;
    transaction::run(frozen.install, &installation, scope).await?;
    Ok(())
}
