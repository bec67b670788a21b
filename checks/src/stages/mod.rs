//! How each stage is brought up, and the evidence that it leaves.
//!
//! | stage | evidence |
//! |---|---|
//! | [`observed`] | the first look at the installation, as it was found |
//! | [`baselined`] | the inventory, and a sentinel in the cache |
//! | [`backed_up`] | a restore point, and the proof that it restores |
//! | [`planned`] | the frozen plans, and the rollback plan in writing |
//! | [`purged`] | the journal of the purge, what was left, and another way to build meanwhile |
//! | [`installed`] | the plan and the journal of the install, and whether a trigger fired |
//! | [`drilled`] | a rollback and what it brought back |

pub mod backed_up;
pub mod baselined;
pub mod drilled;
pub mod installed;
pub mod observed;
pub mod planned;
pub mod purged;
mod transaction;

use harness::{Scope, Stop};

use crate::Stage;
use crate::cx::World;

/// The name under which a stage records the inventory that it took.
pub const INVENTORY: &str = "inventory";
/// The name under which a stage records the plan that it ran or froze.
pub const PLAN: &str = "plan";
/// The name under which a stage records its journal.
pub const JOURNAL: &str = "journal";

pub(crate) async fn bring_up(stage: Stage, world: &World, scope: &Scope) -> Result<(), Stop> {
    match stage {
        Stage::Observed => observed::bring_up(world, scope).await,
        Stage::Baselined => baselined::bring_up(world, scope).await,
        Stage::BackedUp => backed_up::bring_up(world, scope).await,
        Stage::Planned => planned::bring_up(world, scope).await,
        Stage::Purged => purged::bring_up(world, scope).await,
        Stage::Installed => installed::bring_up(world, scope).await,
        Stage::Drilled => drilled::bring_up(world, scope).await,
    }
}
