//! The installation without any builder of its own, and what can be built meanwhile.

use fixtures::plan::Plan;
use fixtures::purge::{self, Left};
use fixtures::sentinel::{Reading, Sentinel};
use harness::{Scope, Stop};
use serde::{Deserialize, Serialize};

use super::{INVENTORY, PLAN, transaction};
use crate::cx::World;

/// What there was between the purge and the install.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Between {
    /// What the purge was to take away and did not.
    pub left: Vec<Left>,
    /// What the engine's own builder made meanwhile, or why it did not.
    pub fallback: Result<Reading, String>,
}

/// The name of the recorded [`Between`].
pub const BETWEEN: &str = "between";

pub(crate) async fn bring_up(world: &World, scope: &Scope) -> Result<(), Stop> {
    let installation = world.installation()?;
    let plan: Plan = scope.beside("stages::planned").read(PLAN)?;
    let held = transaction::hold(&transaction::inventory(&installation).await)?;
    let told = transaction::run(plan, &installation, &held, scope).await?;
    scope.record(PLAN, &told.plan)?;
    scope.record(super::JOURNAL, &told.journal)?;
    let after = transaction::inventory(&installation).await;
    let left = purge::left(&told.plan, &installation, &after);
    scope.record(INVENTORY, &after)?;
    scope.doing("building with the engine's own builder, which is all there is");
    let sentinel = Sentinel::new("default", scope.folder()?, "between");
    let fallback = sentinel.build(&installation).await.map_err(|error| harness::outcome::chain(&error));
    scope.record(BETWEEN, &Between { left, fallback })
}
