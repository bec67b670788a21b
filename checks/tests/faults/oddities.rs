//! Odd installations that are sound: nothing is red, and everything is afterwards as it was before.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

use fixtures::installation::{BuildKit, Engine, FileRecord};
use fixtures::inventory::Inventory;
use fixtures::projects::THREE_STEPS;
use libtest_mimic::{Failed, Trial};

use crate::program::{Client, ENGINE, RUNTIME};

pub(crate) fn trials() -> Vec<Trial> {
    vec![Trial::test("an odd installation is sound, and the same afterwards", odd_and_sound)]
}

fn odd_and_sound() -> Result<(), Failed> {
    let _turn = ENGINE.write()?;
    let Some(mut client) = Client::with_builder("my.builder-1_x") else {
        return Err("no BuildKit image".into());
    };
    make_odd(&mut client)?;
    build_something(&client)?;
    let before = RUNTIME.block_on(State::of(&client))?;
    let run = client.reinstall(&["--target", "live", "validate::"]);
    let after = RUNTIME.block_on(State::of(&client))?;
    client.remove_builders();
    if run.code != 0 || !run.with_outcome("failed").is_empty() {
        return Err(format!("exit {}: {}{}", run.code, run.stdout, run.stderr).into());
    }
    let differences = before.differences(&after);
    if differences.is_empty() {
        Ok(())
    } else {
        Err(format!("different afterwards: {differences:#?}").into())
    }
}

/// Set-ups from the field that look broken and are not.
fn make_odd(client: &mut Client) -> Result<(), Failed> {
    // A context that leads nowhere, and is not used.
    client.docker(&["context", "create", "away", "--docker", "host=tcp://192.0.2.1:2375"]);
    // Builders that were never started, and that were stopped.
    let create = ["buildx", "create", "--driver", "docker-container", "--name"];
    client.docker(&[&create[..], &["never.started"]].concat());
    client.docker(&["buildx", "use", "my.builder-1_x"]);
    let config = client.path("docker");
    let buildx = config.join("buildx");
    std::fs::create_dir_all(config.join("contexts/meta/0000"))?;
    for (path, text) in [
        ("activity/gone", "2020-01-01T00:00:00Z"),
        ("refs/gone/gone0/nothing", "junk"),
        (".buildNodeID", ""),
        ("defaults/00000000000000000000", "gone"),
        (".lock", ""),
    ] {
        let path = buildx.join(path);
        std::fs::create_dir_all(path.parent().unwrap_or(&buildx))?;
        std::fs::write(path, text)?;
    }
    std::fs::create_dir_all(config.join("cli-plugins"))?;
    std::fs::write(config.join("cli-plugins/docker-buildx.bak"), "an old plugin")?;
    client.set("BUILDX_EXPERIMENTAL", "1");
    Ok(())
}

/// Cache, history and an image of the user's own.
fn build_something(client: &Client) -> Result<(), Failed> {
    let sources = THREE_STEPS.materialise(&client.path("own"), "own")?;
    let folder = sources.folder().display().to_string();
    client.docker(&["buildx", "build", "--builder", "default", "--load", "--tag", "own:1", &folder]);
    client.docker(&["buildx", "build", "--builder", "my.builder-1_x", "--output", "type=cacheonly", &folder]);
    Ok(())
}

/// All that a run could have changed.
#[derive(Debug)]
struct State(BTreeMap<&'static str, Vec<String>>);

impl State {
    async fn of(client: &Client) -> Result<Self, Failed> {
        let installation = client.installation();
        let engine = installation.engine().await?;
        let (mut cache, mut history) = (Vec::new(), Vec::new());
        for buildkit in [engine.buildkit().await?, own_builder(&engine).await?] {
            cache.extend(
                buildkit.cache().await?.iter().map(|record| format!("{} {}", record.id, record.r#type)),
            );
            history.extend(buildkit.history().await?.iter().map(|build| format!("{build:?}")));
        }
        cache.sort();
        let files = FileRecord::tree(installation.docker_config()).found;
        let inventory = Inventory::take(&installation).await;
        let reached = inventory.reached().map(|reached| {
            let containers = reached.containers.iter().map(|each| format!("{:?}", each.container));
            let volumes = reached.volumes.iter().map(|volume| volume.name.clone());
            containers.chain(volumes).collect::<Vec<_>>()
        });
        Ok(Self(BTreeMap::from([
            ("cache", cache),
            ("history", history),
            ("files", files.iter().map(|file| format!("{file:?}")).collect()),
            ("builders", reached.flatten().collect()),
            ("images", listed("docker", &["image", "ls", "--all", "--no-trunc", "--quiet"])?),
            ("containers", listed("docker", &["container", "ls", "--all", "--no-trunc", "--quiet"])?),
            ("volumes", listed("docker", &["volume", "ls", "--quiet"])?),
            ("temporary files", temporary_files()?),
        ])))
    }

    fn differences(&self, other: &Self) -> Vec<String> {
        let parts = self.0.iter().zip(other.0.values());
        parts
            .flat_map(|((what, one), other)| {
                let gone = one
                    .iter()
                    .filter(|each| !other.contains(each))
                    .map(move |each| format!("{what} - {each}"));
                gone.chain(
                    other
                        .iter()
                        .filter(|each| !one.contains(each))
                        .map(move |each| format!("{what} + {each}")),
                )
            })
            .collect()
    }
}

async fn own_builder(engine: &Engine) -> Result<BuildKit, Failed> {
    Ok(engine.buildkit_in(&fixtures::installation::container_name("my.builder-1_x0")).await?)
}

fn listed(program: &str, arguments: &[&str]) -> Result<Vec<String>, Failed> {
    let output = Command::new(program).args(arguments).output()?;
    let mut lines: Vec<String> = String::from_utf8(output.stdout)?.lines().map(str::to_owned).collect();
    lines.sort();
    Ok(lines)
}

fn temporary_files() -> Result<Vec<String>, Failed> {
    let entries = std::fs::read_dir(Path::new(&std::env::temp_dir()))?.flatten();
    let names = entries.map(|entry| entry.file_name().to_string_lossy().into_owned());
    Ok(names.filter(|name| name.starts_with("buildkit-reinstall")).collect())
}
