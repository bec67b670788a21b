//! Scenario: the builders are the desired ones.

use fixtures::installation::{Platform, container_name, volume_name};
use harness::{Doing, Stop, Verdict, expect};

use super::contained;
use crate::{Cx, Stage};

/// Where BuildKit keeps everything in a builder's container (docker/buildx, `util/confutil`).
const STATE: &str = "/var/lib/buildkit";
/// Where it has its configuration.
const CONFIG: &str = "/etc/buildkit/buildkitd.toml";

/// The builders that exist are the desired ones, no more and no fewer, each with its driver and as many nodes.
#[harness::check(covers = "3.2.1", needs(Consent), stage = Installed, within = "20s")]
async fn builders_are_the_desired_ones(cx: &Cx) -> Verdict {
    let desired = crate::stages::installed::desired(cx).await?.builders.into_iter();
    let desired = desired.map(|(name, wanted)| (name, wanted.driver.to_string(), wanted.all_nodes().len()));
    let found = cx.inventory_of(Stage::Installed)?.client.builders.into_iter();
    let found = found.map(|builder| (builder.name, builder.driver, builder.nodes.len()));
    expect("builders with driver and nodes", found.collect::<Vec<_>>()).equals(desired.collect::<Vec<_>>())
}

/// The desired builder is the one that builds use when they name none.
#[harness::check(covers = "3.2.1", needs(Consent), stage = Installed, within = "20s")]
async fn desired_builder_is_selected(cx: &Cx) -> Verdict {
    let desired = crate::stages::installed::desired(cx).await?.select;
    let selected = cx.inventory_of(Stage::Installed)?.client.selected.name;
    expect("the builder in use", &selected).equals(&desired.unwrap_or_else(|| selected.clone()))
}

/// The desktop-linux context leads to an engine that answers.
#[harness::check(covers = "3.2.2", needs(Lab), stage = Installed, within = "20s")]
async fn desktop_linux_leads_to_an_engine(cx: &Cx) -> Verdict {
    let inventory = cx.inventory_of(Stage::Installed)?;
    let context = inventory.client.contexts.iter().find(|context| context.name == "desktop-linux");
    let endpoint = context.map(|context| context.endpoint.clone()).unwrap_or_default();
    expect("the endpoint of desktop-linux", endpoint).contains("unix://")?;
    expect("whether its engine answers", inventory.engine("desktop-linux").is_some()).equals(true)
}

/// buildx offers each desired platform, marked as chosen.
#[harness::check(covers = "3.2.3", needs(Consent, ContainerBuilder), stage = Installed, within = "20s")]
async fn desired_platforms_are_enabled(cx: &Cx) -> Verdict {
    for (name, wanted) in crate::stages::installed::desired(cx).await?.builders {
        // As `docker buildx inspect` marks what was asked for at creation.
        let wanted: Vec<String> = wanted.platforms.iter().map(|platform| format!("{platform}*")).collect();
        let said = cx.client().await?.args(["buildx", "inspect", &name]).run_ok().await?.stdout;
        let lines = said.lines().filter_map(|line| line.trim().strip_prefix("Platforms:"));
        let offered: Vec<String> =
            lines.flat_map(|list| list.split(',')).map(|platform| platform.trim().to_owned()).collect();
        expect(format!("platforms that buildx offers of builder {name}"), offered).has_all(&wanted)?;
    }
    let platforms = cx.workers(&cx.builder().await?).await?.into_iter().flat_map(|worker| worker.platforms);
    expect("platforms of the builder's own daemon", platforms.collect::<Vec<Platform>>()).is_not_empty()
}

/// Each node keeps its cache in a volume of its own, mounted where BuildKit keeps it.
#[harness::check(covers = "3.2.4", needs(Consent, ContainerBuilder), stage = Installed, within = "20s")]
async fn each_builder_has_its_cache_volume(cx: &Cx) -> Verdict {
    let inventory = cx.inventory_of(Stage::Installed)?;
    let volumes: Vec<&str> =
        inventory.reached().flat_map(|engine| &engine.volumes).map(|volume| volume.name.as_str()).collect();
    for (_, node) in contained(&crate::stages::installed::desired(cx).await?) {
        let wanted = volume_name(&node);
        expect("volumes of builders", volumes.clone()).has_all(&[wanted.as_str()])?;
        let container = inventory
            .reached()
            .flat_map(|engine| &engine.containers)
            .find(|found| found.container.name == container_name(&node));
        let mounts = container.map(|found| found.container.mounts.clone()).unwrap_or_default();
        let mounted: Vec<String> =
            mounts.into_iter().filter(|mount| mount.destination == STATE).map(|mount| mount.source).collect();
        expect(format!("what node {node} has at {STATE}"), mounted).equals([wanted])?;
    }
    Ok(())
}

/// The desired number of steps that may run at once stands where the running daemon reads it.
#[harness::check(covers = "3.2.5", needs(Consent, ContainerBuilder), stage = Installed, within = "20s")]
async fn parallelism_is_as_desired(cx: &Cx) -> Verdict {
    let desired = crate::stages::installed::desired(cx).await?;
    for (name, node) in contained(&desired) {
        let Some(wanted) = desired.builders[&name].max_parallelism else { continue };
        let config = read_in(cx, &node, CONFIG).await?;
        let config: toml::Table =
            config.parse().doing("understanding the buildkitd.toml of a running builder")?;
        let found =
            config.get("worker").and_then(|worker| worker.get("oci")?.get("max-parallelism")?.as_integer());
        expect(format!("max-parallelism in the container of node {node}"), found)
            .equals(Some(i64::from(wanted)))?;
    }
    Ok(())
}

/// A file of a node's container, which has no program in it to read files with.
async fn read_in(cx: &Cx, node: &str, path: &str) -> Result<String, Stop> {
    let folder = tempfile::tempdir()?;
    let copy = folder.path().join("copy");
    let from = format!("{}:{path}", container_name(node));
    cx.client().await?.args(["cp", &from]).arg(&copy).run_ok().await?;
    Ok(std::fs::read_to_string(copy)?)
}

/// Nothing was installed beside the plan: every step of it was done, and it says why.
#[harness::check(covers = "3.2.1", needs(Consent), stage = Installed, within = "20s")]
async fn every_step_of_the_install_is_done(cx: &Cx) -> Verdict {
    let plan = cx.plan_of(Stage::Installed)?;
    let unexplained = plan.steps.iter().filter(|planned| planned.reason.is_empty());
    expect("steps without a reason", unexplained.map(|planned| planned.id).collect::<Vec<_>>()).is_empty()?;
    expect("steps that were not done", crate::evidence::not_done(&plan, &cx.journal_of(Stage::Installed)?))
        .is_empty()
}

/// Installing again would do nothing: everything is as desired.
#[harness::check(covers = "3.2.1", needs(Consent), stage = Installed, within = "20s")]
async fn installing_again_would_do_nothing(cx: &Cx) -> Verdict {
    let desired = crate::stages::installed::desired(cx).await?;
    let inventory = cx.inventory_of(Stage::Installed)?;
    let plan = fixtures::install::plan(&cx.installation()?, &inventory, &desired);
    let steps = plan.map(|plan| plan.steps.iter().map(|planned| planned.step.describe()).collect());
    expect("steps of a second install", steps.map_err(|why| why.to_string())).equals(Ok(Vec::<String>::new()))
}
