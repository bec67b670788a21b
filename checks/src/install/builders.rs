//! Scenario: the builders are the desired ones.

use fixtures::installation::Platform;
use fixtures::inventory::{BuilderRecord, BuildkitdConfig, Inventory};
use harness::{Verdict, expect};

use crate::{Cx, Stage};

fn builder<'a>(inventory: &'a Inventory, name: &str) -> Option<&'a BuilderRecord> {
    inventory.client.builders.iter().find(|builder| builder.name == name)
}

/// The builders that exist are the desired ones, no more and no fewer.
#[harness::check(covers = "3.2.1", needs(Consent), stage = Installed, within = "20s")]
async fn builders_are_the_desired_ones(cx: &Cx) -> Verdict {
    let desired = crate::stages::installed::desired(cx).await?;
    let found = cx.inventory_of(Stage::Installed)?.client.builders.into_iter().map(|builder| builder.name);
    expect("builders", found.collect::<Vec<_>>()).equals(desired.builders.into_keys().collect::<Vec<_>>())
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

/// Each desired platform is enabled in the builder's definition.
#[harness::check(covers = "3.2.3", needs(Consent, ContainerBuilder), stage = Installed, within = "20s")]
async fn desired_platforms_are_enabled(cx: &Cx) -> Verdict {
    let inventory = cx.inventory_of(Stage::Installed)?;
    for (name, wanted) in crate::stages::installed::desired(cx).await?.builders {
        let nodes = builder(&inventory, &name).map(|builder| builder.nodes.as_slice()).unwrap_or_default();
        let found: Vec<String> = nodes.iter().flat_map(|node| node.platforms.clone()).collect();
        let wanted: Vec<String> = wanted.platforms.iter().map(Platform::to_string).collect();
        expect(format!("platforms of builder {name}"), found).has_all(&wanted)?;
    }
    Ok(())
}

/// Each builder keeps its cache in a volume of its own.
#[harness::check(covers = "3.2.4", needs(Consent, ContainerBuilder), stage = Installed, within = "20s")]
async fn each_builder_has_its_cache_volume(cx: &Cx) -> Verdict {
    let desired = crate::stages::installed::desired(cx).await?.builders;
    let inventory = cx.inventory_of(Stage::Installed)?;
    let volumes = inventory.reached().flat_map(|engine| &engine.volumes).map(|volume| volume.name.clone());
    let wanted: Vec<String> =
        desired.keys().map(|name| fixtures::installation::volume_name(&format!("{name}0"))).collect();
    expect("volumes of builders", volumes.collect::<Vec<_>>()).has_all(&wanted)
}

/// The desired number of steps that may run at once stands in the builder's buildkitd.toml.
#[harness::check(covers = "3.2.5", needs(Consent, ContainerBuilder), stage = Installed, within = "20s")]
async fn parallelism_is_as_desired(cx: &Cx) -> Verdict {
    let inventory = cx.inventory_of(Stage::Installed)?;
    for (name, wanted) in crate::stages::installed::desired(cx).await?.builders {
        let Some(wanted) = wanted.max_parallelism else { continue };
        let node = builder(&inventory, &name).and_then(|builder| builder.nodes.first());
        let found = node.and_then(|node| match &node.buildkitd {
            Some(BuildkitdConfig::Content(content)) => content["worker"]["oci"]["max-parallelism"].as_u64(),
            _ => None,
        });
        expect(format!("max-parallelism of builder {name}"), found).equals(Some(u64::from(wanted)))?;
    }
    Ok(())
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
