//! An inventory that lacks something, or a record of a restore point that does.

use checks::Stage;
use fixtures::inventory::{BuildkitdConfig, Daemon, Inventory};

use super::{container, engine, is_foreign, team, volume, worn};
use crate::case::Case;

pub(super) fn a_cache_that_nobody_counted(case: &mut Case) {
    case.inventory(Stage::BackedUp, |inventory| {
        let volumes = engine(inventory).volumes.iter_mut();
        volumes.filter(|volume| is_foreign(&volume.name)).for_each(|volume| volume.size = None);
    });
}

pub(super) fn a_cache_that_weighs_nothing(case: &mut Case) {
    case.inventory(Stage::BackedUp, |inventory| {
        let mut volumes = engine(inventory).volumes.iter_mut();
        volumes.find(|found| found.name == volume(&team())).unwrap().size = Some(0);
    });
}

pub(super) fn a_container_without_its_mounts(case: &mut Case) {
    case.inventory(Stage::BackedUp, |inventory| container(inventory, &worn()).container.mounts.clear());
}

pub(super) fn a_copy_without_whiteouts(case: &mut Case) {
    case.secured(|secured| {
        let mut volumes = secured.contents.volumes.iter_mut();
        volumes.find(|volume| volume.node == team()).unwrap().archive.totals.devices = 0;
    });
}

pub(super) fn a_definition_without_a_driver(case: &mut Case) {
    case.inventory(Stage::BackedUp, |inventory| definition(inventory, "stale").driver.clear());
}

pub(super) fn a_definition_without_its_options(case: &mut Case) {
    case.inventory(Stage::BackedUp, |inventory| {
        definition(inventory, "team").nodes[0].driver_opts.remove("network");
    });
}

fn definition<'a>(inventory: &'a mut Inventory, name: &str) -> &'a mut fixtures::inventory::BuilderRecord {
    inventory.client.builders.iter_mut().find(|builder| builder.name == name).unwrap()
}

pub(super) fn a_volume_of_the_team_not_saved(case: &mut Case) {
    case.secured(|secured| secured.contents.volumes.retain(|volume| volume.node != worn()));
}

pub(super) fn an_embedded_buildkit_with_other_platforms(case: &mut Case) {
    case.inventory(Stage::BackedUp, |inventory| match &mut engine(inventory).embedded {
        Daemon::Answered { workers, .. } => workers.iter_mut().for_each(|worker| worker.platforms.clear()),
        Daemon::Silent { why } => panic!("{why}"),
    });
}

pub(super) fn builders_that_stayed_down(case: &mut Case) {
    case.secured(|secured| secured.running.1.clear());
}

pub(super) fn copies_that_nobody_counted(case: &mut Case) {
    case.secured(|secured| {
        let mut volumes = secured.contents.volumes.iter_mut();
        volumes.find(|volume| volume.node == worn()).unwrap().archive.totals.entries = 0;
    });
}

pub(super) fn desktop_taken_for_sound(case: &mut Case) {
    case.inventory(Stage::BackedUp, |inventory| {
        let mut contexts = inventory.client.contexts.iter_mut();
        contexts.find(|context| context.name == "desktop-linux").unwrap().unusable = None;
    });
}

pub(super) fn files_that_others_can_read(case: &mut Case) {
    case.secured(|secured| secured.modes.last_mut().unwrap().1 = 0o644);
}

pub(super) fn limits_told_otherwise(case: &mut Case) {
    case.inventory(Stage::BackedUp, |inventory| match &mut container(inventory, &team()).daemon {
        Daemon::Answered { workers, .. } => {
            workers.iter_mut().flat_map(|worker| &mut worker.gc).for_each(|rule| {
                rule.max_used_space /= 2;
                rule.reserved_space /= 2;
            })
        }
        Daemon::Silent { why } => panic!("{why}"),
    });
}

pub(super) fn no_version_of_the_client(case: &mut Case) {
    case.inventory(Stage::BackedUp, |inventory| inventory.cli.version = None);
}

pub(super) fn somebody_elses_volume_saved(case: &mut Case) {
    case.secured(|secured| {
        let volumes = &mut secured.contents.volumes;
        let mut theirs = volumes[0].clone();
        theirs.volume = checks::stages::baselined::FOREIGN_VOLUME.into();
        volumes.push(theirs);
    });
}

pub(super) fn toml_that_was_not_understood(case: &mut Case) {
    case.inventory(Stage::BackedUp, |inventory| {
        let damaged = BuildkitdConfig::Damaged("it is no TOML".into());
        definition(inventory, "worn").nodes[0].buildkitd = Some(damaged);
    });
}
