//! Scenario: the engine offers BuildKit, and builders can be created on it.

use fixtures::inventory::Daemon;
use fixtures::sentinel::Sentinel;
use harness::{Verdict, expect};

use crate::{Cx, Stage};

/// The engine offers BuildKit as its builder.
#[harness::check(covers = "3.1.1", needs(Consent), stage = Installed, within = "20s")]
async fn engine_offers_buildkit(cx: &Cx) -> Verdict {
    // `Builder-Version: 2` is BuildKit (Docker Engine API, `GET /_ping`).
    expect("the Builder-Version that the engine announces", cx.engine_info().await?.builder.clone())
        .equals(Some("2".to_owned()))
}

/// The client's plugins run, and none hides a newer one of the same name.
#[harness::check(covers = "3.1.2", needs(Consent, Buildx), stage = Installed, within = "20s")]
async fn versions_go_together(cx: &Cx) -> Verdict {
    let plugins = cx.inventory_of(Stage::Installed)?.cli.plugins;
    let unsound = plugins.iter().filter(|plugin| plugin.problem.is_some() || !plugin.shadowed.is_empty());
    expect("plugins that cannot run or hide another", unsound.map(|plugin| &plugin.name).collect::<Vec<_>>())
        .is_empty()?;
    let (major, minor) = cx.engine().await?.api_version();
    // BuildKit's own API over the engine's socket came with API 1.39 (moby/moby, docs/api/version-history.md).
    expect("the version of the Engine API", (major, minor)).at_least((1, 39))
}

/// The engine's BuildKit carries out a first build.
#[harness::check(covers = "3.1.3", needs(Consent, Buildx), stage = Installed, within = "60s")]
async fn first_build_succeeds(cx: &Cx) -> Verdict {
    let salt = format!("first-{}", std::process::id());
    let reading = Sentinel::new("default", cx.scope().folder()?, &salt).build(&cx.installation()?).await?;
    expect("steps of a first build", reading.executed).is_not_empty()?;
    expect("the file that the build deletes", reading.content.contains_key("tree/deleted")).equals(false)
}

/// BuildKit is reached through the engine's own socket, and says what it can build.
#[harness::check(covers = "3.1.4", needs(Consent), stage = Installed, within = "20s")]
async fn buildkit_answers_through_the_socket(cx: &Cx) -> Verdict {
    let workers = match cx.engine().await?.buildkit().await {
        Ok(buildkit) => buildkit.workers().await.map(|workers| workers.len()),
        Err(error) => Err(error),
    };
    expect("workers behind the engine's socket", workers.map_err(|error| error.to_string()))
        .is("at least one", |found| found.as_ref().is_ok_and(|found| *found > 0))
}

/// Builders can be created: every node that was desired runs.
#[harness::check(covers = "3.1.5", needs(Consent, ContainerBuilder), stage = Installed, within = "20s")]
async fn created_builders_run(cx: &Cx) -> Verdict {
    let desired = crate::stages::installed::desired(cx).await?;
    let inventory = cx.inventory_of(Stage::Installed)?;
    for (_, node) in super::contained(&desired) {
        let container = fixtures::installation::container_name(&node);
        let found = inventory
            .reached()
            .flat_map(|engine| &engine.containers)
            .find(|found| found.container.name == container);
        let answers = found.is_some_and(|found| matches!(found.daemon, Daemon::Answered { .. }));
        expect(format!("whether the daemon of node {node} answers"), answers).equals(true)?;
    }
    Ok(())
}

/// Builders can be made at all: the docker CLI has a buildx plugin, before anything is taken away.
#[harness::check(covers = "3.1.5", needs(Consent), stage = Observed, within = "20s")]
async fn builders_can_be_made_at_all(cx: &Cx) -> Verdict {
    let output = cx.installation()?.docker().args(["buildx", "version"]).output().await?;
    let found = if output.status.success() { "" } else { "no buildx plugin" };
    expect("what `docker buildx version` shows to be wrong", found).equals("")
}
