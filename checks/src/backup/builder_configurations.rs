//! Scenario: the configuration of each builder is in the restore point.

use std::path::Path;

use fixtures::digest::Digest;
use fixtures::installation::FileKind;
use fixtures::inventory::{BuildkitdConfig, Daemon};
use fixtures::plan::journal::Record;
use harness::{Doing, Verdict, expect};

use crate::backup_files::{definitions, unpacked_definitions};
use crate::stages::baselined::{TEAM_BUILDER, TEAM_LIMIT};
use crate::{Cx, Stage};

/// Each builder's definition is in the restore point, byte for byte.
#[harness::check(covers = "1.2.1", needs(Consent), stage = BackedUp, within = "30s")]
async fn definitions_are_saved_byte_for_byte(cx: &Cx) -> Verdict {
    let recorded = cx.inventory_of(Stage::BackedUp)?.client.builders;
    let saved = unpacked_definitions(&cx.restore_point()?)?;
    let digests: Vec<(String, String)> =
        saved.iter().map(|saved| (saved.name.clone(), saved.bytes.digest())).collect();
    let wanted: Vec<(String, String)> =
        recorded.into_iter().map(|builder| (builder.name, builder.blake3)).collect();
    expect("saved definitions with their digests", digests).has_all(&wanted)
}

/// A builder's platforms survive in the saved definition.
#[harness::check(covers = "1.2.2", needs(Lab, ContainerBuilder), stage = BackedUp, within = "30s")]
async fn platforms_are_saved(cx: &Cx) -> Verdict {
    let saved = unpacked_definitions(&cx.restore_point()?)?;
    let team = saved.iter().find(|saved| saved.name == TEAM_BUILDER);
    let platforms: Vec<String> = team
        .into_iter()
        .flat_map(|team| &team.nodes)
        .flat_map(|node| &node.platforms)
        .map(ToString::to_string)
        .collect();
    expect("saved platforms of the team's builder", platforms).has_all(&["linux/amd64", "linux/arm64"])
}

/// The buildkitd.toml that a builder was made with is in the restore point.
#[harness::check(covers = ["1.2.3", "1.3.4"], needs(Lab, ContainerBuilder), stage = BackedUp, within = "30s")]
async fn daemon_configuration_is_saved(cx: &Cx) -> Verdict {
    let saved = unpacked_definitions(&cx.restore_point()?)?;
    let team = saved.iter().find(|saved| saved.name == TEAM_BUILDER);
    let nodes = team.map(|team| team.nodes.as_slice()).unwrap_or_default();
    let toml = nodes.iter().find_map(|node| node.buildkitd_toml());
    let text = toml.map(|toml| String::from_utf8_lossy(toml.expose()).into_owned()).unwrap_or_default();
    expect("the saved buildkitd.toml of the team's builder", &text).contains("gcpolicy")?;
    expect("the saved buildkitd.toml of the team's builder", &text).contains("127.0.0.1:5000")
}

/// Scripts, contexts and certificates of the client are in the restore point wherever they exist.
#[harness::check(covers = "1.2.3", needs(Consent), stage = BackedUp, within = "30s")]
async fn files_of_the_client_are_saved(cx: &Cx) -> Verdict {
    let installation = cx.installation()?;
    let point = cx.restore_point()?;
    let saved: Vec<_> = point.contents().items.iter().map(|item| item.place.to_string()).collect();
    let before = cx.inventory_of(Stage::BackedUp)?;
    let had_contexts = before.client.contexts.iter().any(|context| context.name != "default");
    if had_contexts {
        expect("saved files and folders", saved.clone()).has_all(&["$DOCKER_CONFIG/contexts"])?;
    }
    let had_config = before.files.iter().any(|file| file.path == installation.config_file());
    if had_config {
        expect("saved files and folders", saved).has_all(&["$DOCKER_CONFIG/config.json"])?;
    }
    let files = before.files.iter().filter_map(|file| match &file.kind {
        FileKind::File { blake3: Some(digest), .. } => Some((file.path.clone(), digest.clone())),
        _ => None,
    });
    let below =
        |folder: &Path| files.clone().filter(|(path, _)| path.starts_with(folder)).collect::<Vec<_>>();
    for (folder, name) in
        [(installation.contexts_folder(), "contexts"), (installation.config_file(), "config.json")]
    {
        let scratch = tempfile::tempdir()?;
        let Some(item) = point.contents().items.iter().find(|item| item.place.relative() == Path::new(name))
        else {
            continue;
        };
        item.archive.unseal(point.folder(), scratch.path(), &()).doing("unpacking what was saved")?;
        for (path, wanted) in below(&folder) {
            let within = path.strip_prefix(installation.docker_config()).unwrap_or(&path);
            let found = Digest::of_file(&scratch.path().join(within)).map(|(digest, _)| digest.to_string());
            expect(format!("the digest of {} as it was saved", path.display()), found.ok())
                .equals(Some(wanted))?;
        }
    }
    Ok(())
}

/// Each container builder's cache settings and the place of its cache are on record.
#[harness::check(covers = "1.2.4", needs(Consent, ContainerBuilder), stage = BackedUp, within = "30s")]
async fn cache_settings_and_places_are_on_record(cx: &Cx) -> Verdict {
    let inventory = cx.inventory_of(Stage::BackedUp)?;
    for engine in inventory.reached() {
        for builder in &engine.containers {
            let mounts = builder.container.mounts.iter();
            let place = mounts.map(|mount| mount.source.clone()).find(|source| source.ends_with("_state"));
            let known = engine.volumes.iter().any(|volume| Some(&volume.name) == place.as_ref());
            expect(format!("the place of the cache of {}", builder.container.name), known).equals(true)?;
        }
    }
    Ok(())
}

/// The limits that the team has set for its builder are on record twice: as they were written, and as the daemon tells them.
#[harness::check(covers = ["1.2.4", "1.3.4"], needs(Lab, ContainerBuilder), stage = BackedUp, within = "30s")]
async fn limits_are_on_record_as_written_and_as_told(cx: &Cx) -> Verdict {
    let inventory = cx.inventory_of(Stage::BackedUp)?;
    let team = inventory.client.builders.iter().find(|builder| builder.name == TEAM_BUILDER);
    let written = team.and_then(|team| team.nodes.first()).and_then(|node| node.buildkitd.as_ref());
    let written = written.and_then(|config| match config {
        BuildkitdConfig::Content(content) => content.pointer("/worker/oci/gcpolicy/0/keepBytes")?.as_i64(),
        BuildkitdConfig::Damaged(_) => None,
    });
    expect("keepBytes on record, as written", written).equals(Some(TEAM_LIMIT))?;
    let container = fixtures::installation::container_name(&format!("{TEAM_BUILDER}0"));
    let found = inventory
        .reached()
        .flat_map(|engine| &engine.containers)
        .find(|found| found.container.name == container);
    let told = found.map(|found| match &found.daemon {
        Daemon::Answered { workers, .. } => workers
            .iter()
            .flat_map(|worker| &worker.gc)
            .map(|rule| rule.max_used_space.max(rule.reserved_space))
            .collect(),
        Daemon::Silent { .. } => Vec::new(),
    });
    expect("limits on record, as the daemon tells them", told.unwrap_or_default()).has_all(&[TEAM_LIMIT])
}

/// The restore point was restored and compared before the first step of the purge began.
#[harness::check(covers = "1.2.5", needs(Consent), stage = Purged, within = "60s")]
async fn proof_comes_before_the_first_removal(cx: &Cx) -> Verdict {
    let proof = cx.restore_point()?.folder().join("proof.json");
    let written = proof.metadata().and_then(|about| about.modified()).doing("looking at the proof")?;
    let proved = jiff::Timestamp::try_from(written).doing("reading its time")?;
    let journal = cx.journal_of(Stage::Purged)?;
    let opened = journal.iter().find_map(|record| match record {
        Record::Opened { at, .. } => Some(*at),
        _ => None,
    });
    expect("time between proof and purge", opened)
        .is("the proof came first", |opened| opened.is_some_and(|opened| proved < opened))
}

/// No builder is in the inventory that is missing from the restore point, nor the other way round.
#[harness::check(covers = ["1.2.1", "1.2.5"], needs(Consent), stage = BackedUp, within = "30s")]
async fn restore_point_and_inventory_name_the_same_builders(cx: &Cx) -> Verdict {
    let mut recorded: Vec<String> =
        cx.inventory_of(Stage::BackedUp)?.client.builders.into_iter().map(|builder| builder.name).collect();
    let mut saved = definitions(&cx.restore_point()?)?;
    recorded.sort();
    saved.sort();
    expect("builders in the restore point", saved).equals(recorded)
}
