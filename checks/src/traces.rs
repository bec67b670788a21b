//! Leaving nothing behind on a live installation: images, history and cache of a run's builds are removed at its end, and
//! nothing of anybody else's.

use std::collections::BTreeSet;
use std::time::Duration;

use fixtures::installation::{BuildKit, EngineError, HistoryRecord};
use futures_util::future::join_all;
use harness::{Look, Scope, Stop, until};

use crate::building::{Builder, unanswered};
use crate::cx::World;

/// How often, and for how long, BuildKit is asked whether a build of ours has ended.
const EVERY: Duration = Duration::from_millis(50);
const ENDING: Duration = Duration::from_secs(20);
/// The kind of the records that hold the sources that a client sent. Nothing tells whose they are.
const SOURCES: &str = "source.local";

/// What each builder had before the first build of this process.
#[derive(Debug, Default)]
pub(crate) struct Before(Vec<Site>);

#[derive(Debug)]
struct Site {
    builder: Builder,
    /// None when it did not answer.
    had: Option<Had>,
}

#[derive(Debug, Default)]
struct Had {
    sources: BTreeSet<String>,
    builds: BTreeSet<String>,
}

/// Looks at every builder that runs.
///
/// # Errors
/// When the engine does not answer.
pub(crate) async fn look(world: &World) -> Result<Before, Stop> {
    let looks = world.builders().await?.into_iter().map(async |builder| {
        let had = had(world, &builder).await.ok();
        Site { builder, had }
    });
    Ok(Before(join_all(looks).await))
}

async fn had(world: &World, builder: &Builder) -> Result<Had, Stop> {
    let mut had = Had::default();
    for buildkit in world.buildkits(builder).await? {
        had.sources.extend(sources_in(&buildkit).await.map_err(unanswered)?);
        let history = buildkit.history().await.map_err(unanswered)?;
        had.builds.extend(history.into_iter().map(|build| build.reference));
    }
    Ok(had)
}

/// Removes what this process's builds have left; what cannot be removed is noted in `scope`.
pub(crate) async fn clear(world: &World, before: &Before, scope: &Scope) {
    if let Err(stop) = clear_images(world).await {
        scope.leaves(format!("images of the run {}: {stop}", world.desk().run()));
    }
    for site in &before.0 {
        if let Err(stop) = clear_site(world, site).await {
            let (builder, run) = (&site.builder.name, world.desk().run());
            scope.leaves(format!("cache or history of the run {run} in the builder {builder}: {stop}"));
        }
    }
}

async fn clear_images(world: &World) -> Result<(), Stop> {
    let engine = world.engine().await?;
    for label in world.desk().labels() {
        for image in engine.images_of_run(&label).await.map_err(unanswered)? {
            engine.remove_image(&image).await.map_err(unanswered)?;
        }
    }
    Ok(())
}

async fn clear_site(world: &World, site: &Site) -> Result<(), Stop> {
    if !world.find_builders().await?.contains(&site.builder) {
        // What it had went with it.
        return Ok(());
    }
    for buildkit in world.buildkits(&site.builder).await? {
        await_end(world, &buildkit).await?;
        let history = buildkit.history().await.map_err(unanswered)?;
        for build in history.iter().filter(|build| is_ours(world, build)) {
            buildkit.forget(&build.reference).await.map_err(unanswered)?;
        }
        // Where nobody else has built since the first look, new sources are ours.
        let known = |had: &&Had, build: &HistoryRecord| had.builds.contains(&build.reference);
        let alone = |had: &&Had| history.iter().all(|build| is_ours(world, build) || known(had, build));
        clear_cache(world, &buildkit, site.had.as_ref().filter(alone)).await?;
    }
    Ok(())
}

fn is_ours(world: &World, build: &HistoryRecord) -> bool {
    build.run.as_ref().is_some_and(|run| world.desk().labels().contains(run))
}

/// Waits until BuildKit has put away builds of ours whose command was ended.
async fn await_end(world: &World, buildkit: &BuildKit) -> Result<(), Stop> {
    let looked =
        until("the end of our builds", EVERY, ENDING, async || match buildkit.running_builds().await {
            Ok(running) if running.iter().any(|build| is_ours(world, build)) => {
                Look::NotYet(format!("{running:?}"))
            }
            // An old BuildKit cannot tell.
            Ok(_) | Err(_) => Look::Ready(()),
        });
    Ok(looked.await?)
}

/// Removes marked records, and sources that were not there when this was all that it `had`.
async fn clear_cache(world: &World, buildkit: &BuildKit, had: Option<&Had>) -> Result<(), Stop> {
    let mut ours = buildkit.marked_cache(&world.desk().marks()).await.map_err(unanswered)?;
    if let Some(had) = had {
        let sources = sources_in(buildkit).await.map_err(unanswered)?;
        ours.extend(sources.difference(&had.sources).cloned());
    }
    let removed = buildkit.remove_cache(&ours).await.map_err(unanswered)?;
    if removed < ours.len() {
        return Err(Stop::Broken(format!("{} cache records are in use", ours.len() - removed)));
    }
    Ok(())
}

async fn sources_in(buildkit: &BuildKit) -> Result<BTreeSet<String>, EngineError> {
    let records = buildkit.cache().await?.into_iter();
    Ok(records.filter(|record| record.r#type == SOURCES).map(|record| record.id).collect())
}
