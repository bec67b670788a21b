//! The desired installation in place, and whether anything orders it to be rolled back.

use fixtures::install::{Builder, Cache, Desired};
use fixtures::plan::Driver;
use fixtures::transaction::{Baseline, Frozen, inventory, judge};
use harness::{Doing, Scope, Stop};

use super::planned::FROZEN;
use super::{INVENTORY, JOURNAL, PLAN, transaction};
use crate::cx::World;

/// The name of the recorded [`Judged`](fixtures::transaction::Judged).
pub const JUDGED: &str = "judged";

pub(crate) async fn bring_up(world: &World, scope: &Scope) -> Result<(), Stop> {
    let installation = world.installation()?;
    let frozen: Frozen = scope.beside("stages::planned").read(FROZEN)?;
    let told = transaction::run(frozen.install, &installation, scope).await?;
    scope.record(PLAN, &told.plan)?;
    scope.record(JOURNAL, &told.journal)?;
    scope.record(INVENTORY, &inventory(&installation).await)?;
    scope.doing("looking for what would order a rollback");
    // What a lab has before is broken on purpose: there is nothing that the result could be slower than.
    let judged = judge(&told.plan, &Baseline::unknown(), &installation, scope.folder()?).await;
    scope.record(JUDGED, &judged)
}

/// Where builders of a lab share cache.
const SHARED: &str = "/srv/build-cache";

/// `reinstall.toml` beside the caller, or what the program carries. A lab has an image of its own, its registry is on the network
/// of its engine, and its builders share cache through a folder.
pub(crate) async fn desired(world: &World) -> Result<Desired, Stop> {
    let mut desired = Desired::here(world.profile()).doing("reading the desired state")?;
    let Some(lab) = world.lab_folder() else { return Ok(desired) };
    match crate::lab::image(lab).await? {
        Ok(image) => {
            desired.cache.get_or_insert_with(|| Cache { folder: Some(SHARED.into()), ..Cache::default() });
            let contained = |builder: &&mut Builder| builder.driver == Driver::DockerContainer;
            for builder in desired.builders.values_mut().filter(contained) {
                builder.image.get_or_insert_with(|| image.tag.clone());
                builder.driver_opts.entry("network".into()).or_insert_with(|| "host".into());
            }
        }
        Err(_) => {
            desired.builders.clear();
            desired.select = None;
        }
    }
    Ok(desired)
}
