//! Scenario: cache goes with all that belongs to it.

use fixtures::inventory::Daemon;
use fixtures::plan::Step;
use harness::{Verdict, expect};

use crate::evidence::steps;
use crate::{Cx, Stage};

/// The cache volume of every own builder is gone.
#[harness::check(covers = ["2.3.1", "2.3.4"], needs(Consent), stage = Purged, within = "30s")]
async fn cache_volumes_are_gone(cx: &Cx) -> Verdict {
    let before = cx.inventory_of(Stage::Planned)?;
    let nodes = before.client.builders.iter().flat_map(|builder| &builder.nodes);
    let own: Vec<String> = nodes.map(|node| fixtures::installation::volume_name(&node.name)).collect();
    let after = cx.inventory_of(Stage::Purged)?;
    let left = after.reached().flat_map(|engine| &engine.volumes).map(|volume| volume.name.clone());
    expect(
        "volumes of own builders that are still there",
        left.filter(|name| own.contains(name)).collect::<Vec<_>>(),
    )
    .is_empty()
}

/// The engine's own cache has no record left.
#[harness::check(covers = ["2.3.1", "2.3.5"], needs(Consent), stage = Purged, within = "30s")]
async fn engine_cache_is_empty(cx: &Cx) -> Verdict {
    let after = cx.inventory_of(Stage::Purged)?;
    let records = after.reached().map(|engine| match &engine.embedded {
        Daemon::Answered { cache, .. } => Ok(cache.len()),
        Daemon::Silent { why } => Err(why.clone()),
    });
    expect("cache records in engines", records.collect::<Vec<_>>())
        .is("none in any", |found| found.iter().all(|records| *records == Ok(0)))
}

/// The engine had cache and history before the purge, and the plan named both; a builder had a policy of its own.
#[harness::check(covers = ["2.3.1", "2.3.2", "2.3.3"], needs(Lab, ContainerBuilder), stage = Planned, within = "30s")]
async fn there_was_cache_to_clean(cx: &Cx) -> Verdict {
    let before = cx.inventory_of(Stage::Planned)?;
    let bytes: i64 = before.reached().filter_map(|engine| engine.embedded.cache_bytes()).sum();
    expect("bytes in the engine's own cache before the purge", bytes).at_least(1)?;
    let plan = cx.plan_of(Stage::Planned)?;
    expect(
        "steps that prune the engine's cache",
        steps(&plan, |step| matches!(step, Step::PruneBuildCache(_))),
    )
    .is_not_empty()?;
    let builds = before.reached().filter_map(|engine| match &engine.embedded {
        Daemon::Answered { history, .. } => Some(history.len()),
        Daemon::Silent { .. } => None,
    });
    expect("builds that the engine remembered before the purge", builds.sum::<usize>()).at_least(1)?;
    expect("steps that clear its history", steps(&plan, |step| matches!(step, Step::ClearHistory(_))))
        .is_not_empty()?;
    let nodes = before.client.builders.iter().flat_map(|builder| &builder.nodes);
    expect("nodes with a policy before the purge", nodes.filter(|node| node.buildkitd.is_some()).count())
        .at_least(1)
}

/// The history of builds, with its logs and arguments, is gone from the engine.
#[harness::check(covers = "2.3.2", needs(Consent), stage = Purged, within = "30s")]
async fn history_is_gone(cx: &Cx) -> Verdict {
    let after = cx.inventory_of(Stage::Purged)?;
    let history = after.reached().map(|engine| match &engine.embedded {
        Daemon::Answered { history, .. } => Ok(history.len()),
        Daemon::Silent { why } => Err(why.clone()),
    });
    expect("builds that engines remember", history.collect::<Vec<_>>())
        .is("none in any", |found| found.iter().all(|builds| *builds == Ok(0)))
}

/// Policies and limits of removed builders went with their definitions, and with them the default for new ones.
#[harness::check(covers = "2.3.3", needs(Consent), stage = Purged, within = "30s")]
async fn policies_are_gone(cx: &Cx) -> Verdict {
    let after = cx.inventory_of(Stage::Purged)?;
    let defaults = after.files.iter().filter(|file| file.path.ends_with("buildkitd.default.toml"));
    expect("defaults for new builders", defaults.map(|file| &file.path).collect::<Vec<_>>()).is_empty()?;
    let left = after
        .client
        .builders
        .iter()
        .flat_map(|builder| &builder.nodes)
        .filter(|node| node.buildkitd.is_some());
    expect("nodes with a buildkitd.toml", left.map(|node| &node.name).collect::<Vec<_>>()).is_empty()
}

/// The cache that an earlier attempt had torn is gone: what failed before the purge names a builder that is not there.
#[harness::check(covers = "2.3.1", needs(Lab, ContainerBuilder), stage = Purged, within = "30s")]
async fn torn_cache_is_gone(cx: &Cx) -> Verdict {
    let torn: harness::Failure = cx.evidence(Stage::Baselined, crate::stages::baselined::TORN)?;
    expect("what the torn cache said before", &torn.found).contains("does not exist: not found")?;
    expect("the cause that was named", torn.cause.unwrap_or_default())
        .contains("cache-parent-snapshot-missing")?;
    let after = cx.inventory_of(Stage::Purged)?;
    let worn = fixtures::installation::volume_name("worn0");
    let left = after.reached().flat_map(|engine| &engine.volumes).filter(|volume| volume.name == worn);
    expect("the torn volume", left.map(|volume| &volume.name).collect::<Vec<_>>()).is_empty()
}
