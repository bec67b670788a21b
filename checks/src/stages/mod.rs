//! How each stage is brought up, and the evidence that it leaves.
//!
//! | stage | evidence |
//! |---|---|
//! | [`observed`] | the first look at the installation, as it was found |
//! | [`baselined`] | the inventory, and the sentinel |

pub mod baselined;
pub mod observed;

use harness::{Scope, Stop};

use crate::Stage;
use crate::cx::World;

pub(crate) async fn bring_up(stage: Stage, world: &World, scope: &Scope) -> Result<(), Stop> {
    match stage {
        Stage::Observed => observed::bring_up(world, scope).await,
        Stage::Baselined => baselined::bring_up(world, scope).await,
        Stage::BackedUp | Stage::Planned | Stage::Purged | Stage::Installed | Stage::Drilled => Ok(()),
    }
}
