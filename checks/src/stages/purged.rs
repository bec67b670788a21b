//! The installation without any builder of its own, and what can be built meanwhile.

pub use fixtures::transaction::Between;
use fixtures::transaction::{Frozen, between, inventory};
use harness::{Scope, Stop};

use super::planned::FROZEN;
use super::{INVENTORY, JOURNAL, PLAN, transaction};
use crate::cx::World;

/// The name of the recorded [`Between`].
pub const BETWEEN: &str = "between";

pub(crate) async fn bring_up(world: &World, scope: &Scope) -> Result<(), Stop> {
    let installation = world.installation()?;
    let frozen: Frozen = scope.beside("stages::planned").read(FROZEN)?;
    let told = transaction::run(frozen.purge, &installation, scope).await?;
    scope.record(PLAN, &told.plan)?;
    scope.record(JOURNAL, &told.journal)?;
    let after = inventory(&installation).await;
    scope.record(INVENTORY, &after)?;
    scope.doing("building with the engine's own builder, which is all there is");
    scope.record(BETWEEN, &between(&told, &installation, &after, scope.folder()?).await)
}
