//! What must be true of a live installation before anything is asked of it.

use fixtures::installation::{DEFAULT_CONTEXT, EngineInfo, Swarm, installation_name};

use crate::cx::World;

/// Looks at the live installation before the first check; returns the line that says what the run will do.
///
/// # Errors
/// One line that says why this installation is not touched.
pub(crate) async fn preflight(world: &World) -> Result<String, String> {
    // An engine that does not answer is for the first check to judge.
    let Ok(info) = world.engine_info().await else {
        return Ok(String::from("reinstall: live, and no engine answers"));
    };
    refuse_swarm(info)?;
    refuse_running_builds(world).await?;
    world.look_before().await.map_err(|stop| stop.to_string())?;
    world.look_at_caches().await;
    let name = consent_name(world, info);
    match world.consent() {
        None => Ok(format!(
            "reinstall: live: engine {} on {}: reads and builds only; what would change something is skipped \
             (`--consent {name}` permits it)",
            info.version, info.name
        )),
        Some(given) if given == name => {
            Ok(format!("reinstall: live: engine {} on {name}, with consent to change it", info.version))
        }
        Some(given) => Err(format!("--consent {given} does not name this installation, which is {name}")),
    }
}

/// A purge would take builds from under other machines.
fn refuse_swarm(info: &EngineInfo) -> Result<(), String> {
    match info.swarm {
        Swarm::Apart => Ok(()),
        Swarm::Member => Err(format!(
            "the engine on {} is part of a swarm, which this suite does not touch: leave the swarm first, or ask for \
             `--target lab`",
            info.name
        )),
    }
}

/// A build of somebody's would be slowed down, and its cache counted while it is used.
async fn refuse_running_builds(world: &World) -> Result<(), String> {
    for builder in world.builders().await.unwrap_or_default() {
        for buildkit in world.buildkits(&builder).await.unwrap_or_default() {
            // An old BuildKit cannot tell.
            let running = buildkit.running_builds().await.unwrap_or_default();
            // Other processes of this suite build beside this one.
            let foreign = running.iter().find(|build| !build.ended && build.run.is_none());
            if let Some(build) = foreign {
                return Err(format!(
                    "the builder {} is building right now ({}): wait for the end of that build, or ask for \
                     `--target lab`",
                    builder.name, build.reference
                ));
            }
        }
    }
    Ok(())
}

/// What has to be typed to consent.
fn consent_name(world: &World, info: &EngineInfo) -> String {
    let context = world.installation().ok().and_then(|installation| installation.context_name().ok());
    installation_name(context.as_deref().unwrap_or(DEFAULT_CONTEXT), Some(info))
}
