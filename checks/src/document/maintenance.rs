//! Scenario: what keeps a sound installation sound.

use std::path::Path;

use fixtures::builds::Output;
use fixtures::projects::THREE_STEPS;
use harness::{Tool, Verdict, expect};

use super::command_lines::{self, Manual};
use crate::own_builder::{create, with_builder};
use crate::papers::MAINTENANCE;
use crate::{Cx, Stage};

/// The gentlest cleaning takes nothing that is in use these days: a build is cached after it as before.
#[harness::check(covers = "5.4.2", needs(Lab, Buildx), stage = Installed, within = "180s")]
async fn the_gentlest_cleaning_keeps_what_is_new(cx: &Cx) -> Verdict {
    let installation = cx.installation()?;
    let sources = cx.project(&THREE_STEPS).await?;
    let build = || installation.build(&sources).output(Output::Cache);
    build().run().await?;
    let guide = cx.guide(MAINTENANCE)?;
    let gentlest =
        guide.lines().find_map(|line| line.strip_prefix("| `")?.split('`').next()).unwrap_or_default();
    let clean = installation.environment().scrubbed(Tool::new("sh")).arg("-c").arg(gentlest);
    expect(format!("`{gentlest}`"), clean.run_ok().await?.stdout).contains("Total")?;
    expect("steps run again after it", build().run().await?.executed()).is_empty()
}

/// Every docker command in the guide is one that this client knows, with all its flags.
#[harness::check(covers = ["5.4.2", "5.4.3"], needs(Buildx), apart, within = "180s")]
async fn its_commands_are_known_to_this_client(cx: &Cx) -> Verdict {
    let mut manual = Manual::of(&cx.installation()?).await?;
    let mut unknown = Vec::new();
    for line in command_lines::of("docker", &cx.guide(MAINTENANCE)?) {
        cx.scope().doing(format!("looking up `{line}`"));
        let words = manual.unknown(line).await?;
        unknown.extend(words.into_iter().map(|word| format!("{word} in `{line}`")));
    }
    expect("parts of commands that this client does not know", unknown).is_empty()
}

/// What the guide says holds a builder, its definition and its volume, is what the restore point has of each builder; and tar
/// takes the options that the guide gives for it.
#[harness::check(covers = "5.4.4", needs(Consent), stage = BackedUp, within = "20s")]
async fn the_files_named_are_what_a_restore_point_holds(cx: &Cx) -> Verdict {
    let guide = cx.guide(MAINTENANCE)?;
    expect("the guide", &guide).contains("`~/.docker/buildx/instances/NAME`")?;
    expect("the guide", &guide).contains("`buildx_buildkit_NODE_state`")?;
    let inventory = cx.inventory_of(Stage::BackedUp)?;
    let contents = cx.secured()?.contents;
    let places: Vec<_> = contents.items.iter().map(|item| item.place.relative().to_owned()).collect();
    let saved = |file: &Path| places.iter().any(|place| file.starts_with(place));
    let builders = inventory.client.builders.iter().map(|builder| Path::new("instances").join(&builder.name));
    expect(
        "definitions that no restore point holds",
        builders.filter(|file| !saved(file)).collect::<Vec<_>>(),
    )
    .is_empty()?;
    let odd = contents
        .volumes
        .iter()
        .filter(|volume| volume.volume != format!("buildx_buildkit_{}_state", volume.node));
    expect("volumes of another name", odd.map(|volume| &volume.volume).collect::<Vec<_>>()).is_empty()?;

    let options = guide.split('`').find(|code| code.starts_with("--xattrs ")).unwrap_or_default();
    let tar = format!("tar {options} -cf /dev/null .");
    let tar = Tool::new("sh").args(["-c", &tar]).current_dir(cx.scope().folder()?).output().await?;
    expect(format!("`tar {options}`"), tar.status.success()).equals(true)
}

/// A builder that is renewed as the guide says, `rm --keep-state` and created again, finds its whole cache.
#[harness::check(covers = "5.4.5", needs(Lab, Buildx, ContainerBuilder), stage = Installed, within = "120s")]
async fn a_builder_renewed_by_the_guide_keeps_its_cache(cx: &Cx) -> Verdict {
    expect("the guide on updates", cx.guide(MAINTENANCE)?)
        .contains("`docker buildx rm --keep-state NAME`")?;
    let sources = cx.project(&THREE_STEPS).await?;
    let name = "renewed";
    with_builder(cx, name, async |client| {
        let build = || cx.build_as(client.docker(), &sources).builder(name).output(Output::Cache);
        build().run().await?;
        cx.scope().doing("renewing the builder");
        client.docker().args(["buildx", "rm", "--keep-state", name]).run_ok().await?;
        create(cx, client, name).await?;
        expect("steps run by the renewed builder", build().run().await?.executed()).is_empty()
    })
    .await
}

/// What the guide says to do regularly, the program can do: each of its commands is one.
#[harness::check(covers = "5.4.1", within = "10s")]
async fn regular_tasks_are_commands_of_the_program(cx: &Cx) -> Verdict {
    let known = crate::commands::names();
    let guide = cx.guide(MAINTENANCE)?;
    let tasks = command_lines::of("reinstall", &guide);
    let named: Vec<&str> = tasks.into_iter().filter_map(|line| line.split(' ').nth(1)).collect();
    expect("regular tasks in the guide", named.clone()).is_not_empty()?;
    let unknown: Vec<&str> =
        named.into_iter().filter(|name| !known.iter().any(|each| each == name)).collect();
    expect("regular tasks that the program does not know", unknown).is_empty()
}
