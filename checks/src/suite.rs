//! Needs, stages and context, as the harness asks for them.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use harness::{Failure, Presence, RunFolder, Scope, Stop};

use crate::cx::{Asked, Cx, World};
use crate::target::Target;
use crate::{Need, Stage, lab, live, needs, stages};

/// The suite over one installation.
pub struct Suite {
    world: Arc<World>,
}

impl Suite {
    /// The suite over the installation that `target` names; touches nothing.
    pub fn new(target: Target, asked: Asked) -> Self {
        Self { world: Arc::new(World::new(target, asked)) }
    }
}

impl harness::Suite for Suite {
    type Need = Need;
    type Stage = Stage;
    type Cx = Cx;

    async fn open(&self, _: &RunFolder) -> Result<Option<String>, String> {
        match self.world.target() {
            Target::Live => live::preflight(&self.world).await.map(Some),
            Target::Lab(_) | Target::Undecided => Ok(None),
        }
    }

    async fn probe(&self, need: Need) -> Presence {
        needs::probe(&self.world, need).await
    }

    fn patience(&self, need: Need) -> Duration {
        match need {
            // A lab may be building its image from source.
            Need::ContainerBuilder => lab::IMAGE_BUILD,
            Need::DevContainers => lab::FETCH,
            _ => Duration::from_secs(30),
        }
    }

    async fn bring_up(&self, stage: Stage, scope: &Scope) -> Result<(), Stop> {
        // Checks that read the evidence of a change need consent, and are skipped without it; the rest meets what is there.
        if !self.world.may_change() {
            return Ok(());
        }
        let brought_up = stages::bring_up(stage, &self.world, scope).await;
        self.world.has_changed();
        brought_up
    }

    fn cx(&self, scope: Scope) -> Cx {
        Cx::new(scope, Arc::clone(&self.world))
    }

    fn explain(&self, failure: Failure) -> Failure {
        match self.world.installation() {
            Ok(installation) => fixtures::faults::explain_in(failure, &installation),
            Err(_) => fixtures::faults::explain(failure),
        }
    }

    async fn tear_down(&self, scope: &Scope) -> Result<(), Stop> {
        self.world.clear_traces(scope).await;
        // What a workshop keeps in memory and on disk goes with it.
        self.world.has_changed();
        Ok(self.world.desk().clear()?)
    }

    async fn environment(&self) -> BTreeMap<String, String> {
        self.world.describe().await
    }
}
