//! A purge that leaves something behind, or takes something that it should not.

use std::path::Path;

use checks::Stage;
use checks::stages::INVENTORY;
use fixtures::installation::{CacheRecord, HistoryRecord};
use fixtures::inventory::{Daemon, Inventory};

use super::{container, engine, is_foreign, team, volume, worn};
use crate::case::Case;

fn before(case: &Case) -> Inventory {
    case.recorded(Stage::Planned, INVENTORY)
}

fn after(case: &Case, change: impl FnOnce(&mut Inventory)) {
    case.inventory(Stage::Purged, change);
}

/// Leaves a file of the folder of buildx where it was, or a new one.
fn leave_file(case: &Case, name: &str) {
    let mut file = before(case).files.swap_remove(0);
    after(case, |inventory| {
        file.path = inventory.client.buildx_config.join(Path::new(name));
        inventory.files.push(file);
    });
}

fn leave_volume(case: &Case, node: &str) {
    let mut before = before(case);
    let left = engine(&mut before).volumes.iter().find(|found| found.name == volume(node)).unwrap().clone();
    after(case, |inventory| engine(inventory).volumes.push(left));
}

/// What the engine's own BuildKit has kept of builds.
fn kept(inventory: &mut Inventory) -> (&mut Vec<CacheRecord>, &mut Vec<HistoryRecord>) {
    match &mut engine(inventory).embedded {
        Daemon::Answered { cache, history, .. } => (cache, history),
        Daemon::Silent { why } => panic!("{why}"),
    }
}

pub(super) fn a_cache_record_is_left(case: &mut Case) {
    let left = kept(&mut before(case)).0.pop();
    after(case, |inventory| kept(inventory).0.extend(left));
}

pub(super) fn builds_are_remembered(case: &mut Case) {
    let left = kept(&mut before(case)).1.pop();
    after(case, |inventory| kept(inventory).1.extend(left));
}

pub(super) fn a_container_is_left(case: &mut Case) {
    let left = container(&mut before(case), &team()).clone();
    after(case, |inventory| engine(inventory).containers.push(left));
}

pub(super) fn a_context_is_gone(case: &mut Case) {
    after(case, |inventory| inventory.client.contexts.retain(|context| context.name != "desktop-linux"));
}

pub(super) fn a_definition_file_is_left(case: &mut Case) {
    leave_file(case, "instances/team");
}

pub(super) fn a_key_of_the_configuration_is_lost(case: &mut Case) {
    case.inventory(Stage::Planned, |inventory| {
        inventory.client.config.as_mut().unwrap().keys.push("credHelpers".into());
    });
}

pub(super) fn a_mark_of_activity_is_left(case: &mut Case) {
    after(case, |inventory| {
        inventory.client.activity.insert("team".into(), "2026-01-01T00:00:00Z".into());
    });
}

pub(super) fn a_torn_volume_is_left(case: &mut Case) {
    leave_volume(case, &worn());
}

pub(super) fn a_volume_is_left(case: &mut Case) {
    leave_volume(case, &team());
}

pub(super) fn an_odd_file_in_the_folder_of_buildx(case: &mut Case) {
    leave_file(case, "localstate.db");
}

pub(super) fn another_engine_configuration(case: &mut Case) {
    case.inventory(Stage::Planned, |inventory| {
        inventory.daemon_configs.push(fixtures::inventory::DaemonConfig {
            path: "/etc/docker/daemon.json".into(),
            blake3: "0".into(),
            content: serde_json::json!({"features": {"buildkit": true}}),
        });
    });
}

pub(super) fn somebody_elses_volume_is_gone(case: &mut Case) {
    after(case, |inventory| engine(inventory).volumes.retain(|volume| !is_foreign(&volume.name)));
}

pub(super) fn the_alias_is_left(case: &mut Case) {
    after(case, |inventory| {
        inventory.client.config.as_mut().unwrap().builder_alias = Some("buildx".into());
    });
}

pub(super) fn the_builder_is_left(case: &mut Case) {
    let left = before(case).client.builders.into_iter().find(|builder| builder.name == "team").unwrap();
    after(case, |inventory| inventory.client.builders.push(left));
}

pub(super) fn the_default_policy_is_left(case: &mut Case) {
    leave_file(case, "buildkitd.default.toml");
}

pub(super) fn the_selection_is_left(case: &mut Case) {
    after(case, |inventory| inventory.client.selected.name = "team".into());
}
