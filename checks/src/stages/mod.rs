//! How each stage is brought up, and the evidence that it leaves.

use harness::{Scope, Stop};

use crate::Stage;
use crate::cx::World;

pub(crate) async fn bring_up(stage: Stage, _world: &World, _scope: &Scope) -> Result<(), Stop> {
    match stage {
        Stage::Observed
        | Stage::BackedUp
        | Stage::Planned
        | Stage::Purged
        | Stage::Installed
        | Stage::Drilled => Ok(()),
    }
}
