//! Scenario: configuration goes back to what it is before buildx is first used.

use harness::{Verdict, expect};

use crate::stages::baselined::TEAM_BUILDER;
use crate::{Cx, Stage};

/// No daemon configuration of a builder is left, and the engine's own is untouched.
#[harness::check(covers = "2.4.1", needs(Consent), stage = Purged, within = "30s")]
async fn only_the_engines_configuration_is_left(cx: &Cx) -> Verdict {
    let before = cx.inventory_of(Stage::Planned)?.daemon_configs;
    let after = cx.inventory_of(Stage::Purged)?;
    expect("engine configurations", after.daemon_configs).equals(before)?;
    expect("builders that carry a configuration", after.client.builders).is_empty()
}

/// Nothing that selects a builder is left.
#[harness::check(covers = "2.4.2", needs(Consent), stage = Purged, within = "30s")]
async fn no_builder_is_selected(cx: &Cx) -> Verdict {
    let after = cx.inventory_of(Stage::Purged)?.client;
    expect("the builder in use", after.selected.name).equals(after.selection.context)
}

/// Before the purge a builder was selected, and `docker build` had an alias: there was something to take away.
#[harness::check(covers = ["2.4.2", "2.4.3"], needs(Lab, ContainerBuilder), stage = Planned, within = "30s")]
async fn there_was_something_to_reset(cx: &Cx) -> Verdict {
    let before = cx.inventory_of(Stage::Planned)?.client;
    expect("the builder in use before the purge", before.selected.name).equals(TEAM_BUILDER)?;
    expect("alias for the builder before the purge", before.config.and_then(|config| config.builder_alias))
        .equals(Some("buildx".to_owned()))
}

/// A stale alias of `docker build` is gone from the client's configuration, and nothing else in it changed.
#[harness::check(covers = "2.4.3", needs(Consent), stage = Purged, within = "30s")]
async fn client_configuration_keeps_all_but_the_alias(cx: &Cx) -> Verdict {
    let before = cx.inventory_of(Stage::Planned)?.client.config;
    let after = cx.inventory_of(Stage::Purged)?.client.config;
    expect("alias for the builder", after.as_ref().and_then(|config| config.builder_alias.clone()))
        .equals(None::<String>)?;
    let keys = |config: Option<fixtures::installation::ClientConfig>| {
        config.map(|config| config.keys.into_iter().filter(|key| key != "aliases").collect::<Vec<_>>())
    };
    expect("keys of config.json", keys(after)).equals(keys(before))
}

/// Contexts are nobody's to remove here: each one that was there is still there.
#[harness::check(covers = ["2.4.3", "2.4.4"], needs(Consent), stage = Purged, within = "30s")]
async fn contexts_stay(cx: &Cx) -> Verdict {
    let before = cx.inventory_of(Stage::Planned)?.client.contexts;
    expect("contexts after the purge", cx.inventory_of(Stage::Purged)?.client.contexts).equals(before)
}

/// What remains of the buildx folder is what buildx leaves behind when it has no builder.
#[harness::check(covers = "2.4.5", needs(Consent), stage = Purged, within = "30s")]
async fn what_remains_is_a_fresh_buildx_folder(cx: &Cx) -> Verdict {
    let folder = cx.installation()?.buildx_config().to_owned();
    let fresh = [
        ".lock",
        ".buildNodeID",
        "activity",
        "instances",
        "defaults",
        "refs",
        "current",
        "buildkitd.default.toml",
    ];
    let files = cx.inventory_of(Stage::Purged)?.files.into_iter().map(|file| file.path);
    let below = files.filter_map(|path| path.strip_prefix(&folder).ok().map(std::path::Path::to_owned));
    let odd = below.filter(|path| {
        let top = path.components().next().map(|part| part.as_os_str().to_string_lossy().into_owned());
        top.is_some_and(|top| !fresh.contains(&top.as_str()))
    });
    expect("unexpected files in the buildx folder", odd.collect::<Vec<_>>()).is_empty()
}
