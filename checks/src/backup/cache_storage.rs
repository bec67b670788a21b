//! Scenario: the builders' cache is copied, whole and cold.

use harness::{Doing, Verdict, expect};

use crate::stages::baselined::{FOREIGN_VOLUME, TEAM_BUILDER};
use crate::{Cx, Stage};

/// The state volume of every builder of this installation is in the restore point, and nobody else's.
#[harness::check(covers = ["1.3.1", "1.3.2"], needs(Consent), stage = BackedUp, within = "30s")]
async fn every_own_volume_is_saved(cx: &Cx) -> Verdict {
    let inventory = cx.inventory_of(Stage::BackedUp)?;
    let nodes = inventory.client.builders.iter().flat_map(|builder| &builder.nodes);
    let own: Vec<String> = nodes.map(|node| fixtures::installation::volume_name(&node.name)).collect();
    let volumes = inventory.reached().flat_map(|engine| &engine.volumes);
    let wanted: Vec<String> =
        volumes.map(|volume| volume.name.clone()).filter(|name| own.contains(name)).collect();
    let contents = cx.secured()?.contents;
    let saved: Vec<String> = contents.volumes.into_iter().map(|volume| volume.volume).collect();
    expect("volumes in the restore point", saved.clone()).has_all(&wanted)?;
    let foreign = saved.into_iter().filter(|name| name == FOREIGN_VOLUME);
    expect("volumes of other users in the restore point", foreign.collect::<Vec<_>>()).is_empty()
}

/// Restore points can be read by their owner only.
#[harness::check(covers = "1.3.2", needs(Consent), stage = BackedUp, within = "30s")]
async fn only_the_owner_can_read_a_restore_point(cx: &Cx) -> Verdict {
    let open = cx.secured()?.modes.into_iter().filter(|(_, mode)| mode & 0o077 != 0);
    let open = open.map(|(name, mode)| format!("{name} {mode:o}"));
    expect("files that others can use", open.collect::<Vec<_>>()).is_empty()
}

/// The size of each saved cache is on record, with the counts of what makes it whole.
#[harness::check(covers = "1.3.3", needs(Consent, ContainerBuilder), stage = BackedUp, within = "30s")]
async fn size_and_counts_are_on_record(cx: &Cx) -> Verdict {
    let volumes = cx.secured()?.contents.volumes;
    let uncounted =
        volumes.iter().filter(|volume| volume.archive.totals.entries == 0 || volume.archive.size == 0);
    expect("saved volumes without counts", uncounted.map(|volume| &volume.volume).collect::<Vec<_>>())
        .is_empty()
}

/// What the overlay file system needs is in the copy of the team's cache: whiteout devices and their attributes.
#[harness::check(covers = ["1.3.2", "1.3.5"], needs(Lab, ContainerBuilder), stage = BackedUp, within = "30s")]
async fn whiteouts_and_attributes_are_in_the_copy(cx: &Cx) -> Verdict {
    let volumes = cx.secured()?.contents.volumes;
    let team = volumes.into_iter().find(|volume| volume.builder == TEAM_BUILDER);
    let totals = team.map(|team| team.archive.totals).unwrap_or_default();
    expect("whiteout devices in the copy", totals.devices).at_least(1)?;
    expect("extended attributes in the copy", totals.xattrs).at_least(1)
}

/// Every byte of the restore point is still what it was when the restore point was proved.
#[harness::check(covers = "1.3.5", needs(Consent), stage = BackedUp, within = "120s")]
async fn restore_point_is_whole(cx: &Cx) -> Verdict {
    cx.restore_point()?.verify(&()).map_err(|error| {
        harness::Failure::new("the restore point", "every digest as recorded", error.to_string()).into()
    })
}

/// A copy that lost one whiteout is refused.
#[harness::check(covers = "1.3.5", needs(Lab, ContainerBuilder), stage = BackedUp, within = "60s")]
async fn a_lossy_copy_is_refused(cx: &Cx) -> Verdict {
    use std::os::unix::fs::FileTypeExt;
    let point = cx.restore_point()?;
    let volume = point.contents().volumes.iter().find(|volume| volume.builder == TEAM_BUILDER);
    let Some(volume) = volume else { return expect("saved volumes of the team's builder", 0).at_least(1) };
    let scratch = tempfile::tempdir()?;
    volume.archive.unseal(point.folder(), scratch.path(), &()).doing("restoring into scratch space")?;
    let is_device = |path: &std::path::Path| {
        path.symlink_metadata().is_ok_and(|about| about.file_type().is_char_device())
    };
    let tree = fixtures::installation::FileRecord::tree(scratch.path()).found;
    let whiteout = tree.into_iter().map(|file| file.path).find(|path| is_device(path));
    let Some(whiteout) = whiteout else { return expect("whiteouts in the copy", 0).at_least(1) };
    std::fs::remove_file(&whiteout)?;
    // What busybox tar and the archive API leave of a whiteout: an empty file.
    std::fs::write(&whiteout, "")?;
    let lossy =
        fixtures::backup::Tree::of_folder(scratch.path()).manifest(&()).doing("reading the lossy copy")?;
    let whole = point.manifest(&volume.archive).doing("reading the manifest")?;
    expect("differences of the lossy copy", whole.compare(&lossy)).is_not_empty()
}

/// Builders that ran before the backup run after it.
#[harness::check(covers = "1.3.2", needs(Consent), stage = BackedUp, within = "30s")]
async fn builders_run_again_after_the_backup(cx: &Cx) -> Verdict {
    let (before, after) = cx.secured()?.running;
    expect("running builders after the backup", after).has_all(&before)?;
    let inventory = cx.inventory_of(Stage::BackedUp)?;
    expect("engines in the inventory", inventory.reached().count()).at_least(1)
}
