//! A restore point of all that a purge takes away, proved by restoring it into scratch space.

use fixtures::backup::Request;
use fixtures::sentinel::Planted;
pub use fixtures::transaction::Secured;
use fixtures::transaction::{Safe, inventory, secure};
use harness::{Doing, Scope, Stop};

use super::baselined::SENTINEL;
use super::{INVENTORY, transaction};
use crate::cx::World;
use crate::target::Target;

/// The name of the recorded [`Secured`].
pub const SECURED: &str = "restore_point";

pub(crate) async fn bring_up(world: &World, scope: &Scope) -> Result<(), Stop> {
    let installation = world.installation()?;
    let before = inventory(&installation).await;
    scope.record(INVENTORY, &before)?;
    let planted: Option<Planted> = scope.beside("stages::baselined").read(SENTINEL)?;
    let held = transaction::hold(&installation).await?;
    let teller = transaction::noting(scope);
    let safe = secure(&installation, &before, Request::of(&before), planted.as_ref(), &held, teller).await;
    scope.record(SECURED, &safe.doing("making a restore point")?.secured)
}

/// A restore point of what there is now, with no sentinel beside it. In a lab, the caches of engines themselves are left out: they
/// are in the first one, and nobody but this run has built there since.
pub(super) async fn once_more(world: &World, scope: &Scope) -> Result<Safe, Stop> {
    let installation = world.installation()?;
    let held = transaction::hold(&installation).await?;
    let before = inventory(&installation).await;
    let mut request = Request::of(&before);
    if matches!(world.target(), Target::Lab(_)) {
        request.engines.clear();
    }
    let safe = secure(&installation, &before, request, None, &held, transaction::noting(scope)).await;
    safe.doing("making a restore point")
}
