//! Scenario: the state of BuildKit is on record before anything changes.

use fixtures::installation::{Worker, container_name, volume_name};
use fixtures::inventory::{BuildkitdConfig, Daemon};
use harness::{Doing, Verdict, expect};

use crate::stages::baselined::TEAM_BUILDER;
use crate::{Cx, Stage};

/// Every builder definition on the disk is in the inventory with its driver and at least one node.
#[harness::check(covers = "1.1.1", needs(Consent), stage = BackedUp, within = "30s")]
async fn every_builder_is_on_record(cx: &Cx) -> Verdict {
    let inventory = cx.inventory_of(Stage::BackedUp)?;
    let saved = cx.restore_point()?;
    let files = crate::backup_files::definitions(&saved)?;
    let recorded: Vec<String> =
        inventory.client.builders.iter().map(|builder| builder.name.clone()).collect();
    expect("builders in the inventory", recorded).has_all(&files)?;
    let without = inventory
        .client
        .builders
        .iter()
        .filter(|builder| builder.driver.is_empty() || builder.nodes.is_empty());
    expect("builders without driver or nodes", without.map(|builder| &builder.name).collect::<Vec<_>>())
        .is_empty()
}

/// The endpoint and the options of each node of the team's builder are on record as they were given.
#[harness::check(covers = "1.1.1", needs(Lab, ContainerBuilder), stage = BackedUp, within = "30s")]
async fn nodes_are_on_record_with_endpoint_and_options(cx: &Cx) -> Verdict {
    let inventory = cx.inventory_of(Stage::BackedUp)?;
    let nodes = inventory.client.builders.iter().find(|builder| builder.name == TEAM_BUILDER);
    let nodes = nodes.map(|builder| builder.nodes.clone()).unwrap_or_default();
    let seen: Vec<_> = nodes
        .iter()
        .map(|node| (node.endpoint.as_str(), node.driver_opts.get("network").map(String::as_str)))
        .collect();
    expect("endpoint and network of the team's nodes", seen)
        .equals(vec![("unix:///var/run/docker.sock", Some("host"))])
}

/// The versions of engine, docker CLI and buildx are on record.
#[harness::check(covers = "1.1.2", needs(Consent, Buildx), stage = BackedUp, within = "30s")]
async fn versions_are_on_record(cx: &Cx) -> Verdict {
    let inventory = cx.inventory_of(Stage::BackedUp)?;
    let engines = inventory.reached().map(|engine| engine.info.version.clone()).collect();
    expect("engine versions on record", engines).has_all(&[cx.engine_info().await?.version.clone()])?;
    expect("version of the docker CLI", inventory.cli.version.is_some()).equals(true)?;
    let buildx = inventory.cli.plugins.iter().find(|plugin| plugin.name == "buildx");
    expect("version of buildx", buildx.and_then(|plugin| plugin.version.clone()).is_some()).equals(true)
}

/// The version of BuildKit and the settings in force are on record for the engine's own BuildKit, as it tells them itself.
#[harness::check(covers = "1.1.2", needs(Consent), stage = BackedUp, within = "30s")]
async fn settings_in_force_are_on_record(cx: &Cx) -> Verdict {
    let inventory = cx.inventory_of(Stage::BackedUp)?;
    let silent: Vec<_> = inventory
        .reached()
        .filter(|engine| !matches!(&engine.embedded, Daemon::Answered { workers, .. } if !workers.is_empty()))
        .map(|engine| engine.info.name.clone())
        .collect();
    expect("engines whose BuildKit is not on record", silent).is_empty()?;
    let told = cx.engine().await?.buildkit().await.doing("asking the engine's BuildKit")?.workers().await;
    let told = told.doing("asking the engine's BuildKit for its settings")?;
    let settings = |worker: &Worker| (worker.version.clone(), worker.gc.len(), worker.platforms.clone());
    let recorded =
        inventory.engine(&inventory.client.selection.context).map(|engine| match &engine.embedded {
            Daemon::Answered { workers, .. } => workers.iter().map(settings).collect(),
            Daemon::Silent { .. } => Vec::new(),
        });
    expect("version, rules and platforms on record", recorded)
        .equals(Some(told.iter().map(settings).collect::<Vec<_>>()))
}

/// Every place with build cache is on record with its size.
#[harness::check(covers = ["1.1.3", "1.3.3"], needs(Consent), stage = BackedUp, within = "30s")]
async fn cache_places_are_on_record_with_sizes(cx: &Cx) -> Verdict {
    let inventory = cx.inventory_of(Stage::BackedUp)?;
    for engine in inventory.reached() {
        let unsized_volumes = engine.volumes.iter().filter(|volume| volume.size.is_none());
        expect("volumes without a size", unsized_volumes.map(|volume| &volume.name).collect::<Vec<_>>())
            .is_empty()?;
        expect("bytes in the engine's own cache", engine.embedded.cache_bytes())
            .is("known", Option::is_some)?;
    }
    Ok(())
}

/// The cache of the team's builder is on record: its volume, which is not empty, and what its daemon counts in it.
#[harness::check(covers = ["1.1.3", "1.3.3"], needs(Lab, ContainerBuilder), stage = BackedUp, within = "30s")]
async fn cache_of_the_team_is_counted(cx: &Cx) -> Verdict {
    let inventory = cx.inventory_of(Stage::BackedUp)?;
    let node = format!("{TEAM_BUILDER}0");
    let volume = inventory
        .reached()
        .flat_map(|engine| &engine.volumes)
        .find(|volume| volume.name == volume_name(&node));
    expect("bytes of the team's volume", volume.and_then(|volume| volume.size)).at_least(Some(1))?;
    let found = inventory
        .reached()
        .flat_map(|engine| &engine.containers)
        .find(|found| found.container.name == container_name(&node));
    expect("bytes that the team's daemon counts", found.and_then(|found| found.daemon.cache_bytes()))
        .at_least(Some(1))
}

/// Every configuration file that somebody wrote is in the inventory: the client's, the engine's, and those inside builders.
#[harness::check(covers = "1.1.4", needs(Consent), stage = BackedUp, within = "30s")]
async fn configuration_files_are_found(cx: &Cx) -> Verdict {
    let inventory = cx.inventory_of(Stage::BackedUp)?;
    let engine_file = std::path::Path::new("/etc/docker/daemon.json");
    if engine_file.exists() {
        let found = inventory.daemon_configs.iter().map(|config| config.path.clone()).collect();
        expect("engine configurations on record", found).has_all(&[engine_file.to_owned()])?;
        let recorded = inventory.daemon_configs.iter().find(|config| config.path == engine_file);
        let now = fixtures::digest::Digest::of_file(engine_file)?.0.to_string();
        expect("the digest of the engine's configuration", recorded.map(|config| config.blake3.clone()))
            .equals(Some(now))?;
    }
    let carried = inventory.client.builders.iter().flat_map(|builder| &builder.nodes);
    let unread = carried.filter(|node| {
        node.files.contains_key("buildkitd.toml")
            && !matches!(node.buildkitd, Some(BuildkitdConfig::Content(_)))
    });
    expect("buildkitd.toml files that are not understood", unread.map(|node| &node.name).collect::<Vec<_>>())
        .is_empty()
}

/// What Docker Desktop left is on record: its context leads to something that cannot be used here.
#[harness::check(covers = "1.1.5", needs(Lab), stage = BackedUp, within = "30s")]
async fn desktop_integration_is_on_record(cx: &Cx) -> Verdict {
    let inventory = cx.inventory_of(Stage::BackedUp)?;
    let context = inventory.client.contexts.iter().find(|context| context.name == "desktop-linux");
    let unusable = context.and_then(|context| context.unusable.clone()).unwrap_or_default();
    expect("why desktop-linux cannot be used", unusable).contains("protocol not available")
}

/// Taking the inventory changes nothing: the files of the client are the same before and after.
#[harness::check(covers = "1.1.1", within = "60s", alone)]
async fn taking_an_inventory_changes_nothing(cx: &Cx) -> Verdict {
    let installation = cx.installation()?;
    let tree = || fixtures::installation::FileRecord::tree(installation.docker_config()).found;
    let before = tree();
    fixtures::inventory::Inventory::take(&installation).await;
    expect("files of the client after an inventory", tree()).equals(before)
}
