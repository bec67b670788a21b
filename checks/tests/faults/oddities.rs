//! Odd installations that are sound: nothing is red, and everything is afterwards as it was before.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

use fixtures::guide::ODDITIES;
use fixtures::installation::{BuildKit, Engine, FileRecord, container_name};
use fixtures::inventory::Inventory;
use fixtures::lab::packages::Suite;
use fixtures::projects::THREE_STEPS;
use libtest_mimic::{Failed, Trial};

use crate::program::{Client, ENGINE, RUNTIME};

/// The builder that is used; its name is odd enough for some.
const USED: &str = "my.builder-1_x";
/// Where the lab's engine listens, and where it listens for a while.
const SOCKET: &str = "/run/docker.sock";
const ELSEWHERE: &str = "/run/elsewhere.sock";

/// How an oddity of the guide comes to be here.
enum Odd {
    /// By this, in one installation with others.
    Made(fn(&mut Client) -> Result<(), Failed>),
    /// It is part of every lab.
    Always,
    /// Another test shows it.
    Elsewhere(&'static str),
    /// It cannot be had, or not as an installation that is sound.
    Never(&'static str),
}

/// Every oddity of the guide, by its name.
const ODD: &[(&str, Odd)] = &[
    ("context-in-error", Odd::Made(contexts_that_lead_nowhere)),
    ("default-in-error", Odd::Elsewhere("an engine that listens elsewhere is sound")),
    ("builder-at-rest", Odd::Made(builders_at_rest)),
    ("version-of-a-distribution", Odd::Always),
    ("unusual-names", Odd::Made(unusual_names)),
    (
        "limits-of-the-driver",
        Odd::Elsewhere("an engine without containerd's image store, in the test program `engines`"),
    ),
    ("cache-to-come", Odd::Elsewhere("validate::cache_operations::absent_cache_does_not_fail_a_build")),
    ("left-over-files", Odd::Made(left_over_files)),
    ("database-renewed", Odd::Made(renewed_database)),
    ("file-beside-plugins", Odd::Made(file_beside_plugins)),
    ("container-of-somebody", Odd::Made(container_of_somebody)),
    ("result-in-the-cache", Odd::Always),
    ("image-not-pulled", Odd::Always),
    ("noise-in-a-log", Odd::Always),
    ("asked-too-early", Odd::Always),
    (
        "classic-engine",
        Odd::Never("the suite says that buildx is missing, with its remedy: the test program `engines`"),
    ),
];

pub(crate) fn trials() -> Vec<Trial> {
    let mut trials = vec![Trial::test("every oddity of the guide is here, or it says why not", every_oddity)];
    trials.extend(trials_on(Suite::Trixie));
    trials
}

/// What is looked at in a lab of each engine.
pub(crate) fn trials_on(engine: Suite) -> Vec<Trial> {
    let odd = format!("an odd installation is sound on {engine}, and the same afterwards");
    let elsewhere = format!("an engine that listens elsewhere is sound on {engine}");
    let trials = vec![Trial::test(odd, odd_and_sound), Trial::test(elsewhere, listens_elsewhere)];
    // A lab more takes a minute: `make engines` has it.
    trials.into_iter().map(|trial| trial.with_ignored_flag(engine != Suite::Trixie)).collect()
}

fn every_oddity() -> Result<(), Failed> {
    let here: Vec<&str> = ODD.iter().map(|(id, _)| *id).collect();
    let known: Vec<&str> = ODDITIES.iter().map(|oddity| oddity.id).collect();
    let reasons = ODD.iter().filter_map(|(_, odd)| match odd {
        Odd::Elsewhere(words) | Odd::Never(words) => Some(words),
        Odd::Made(_) | Odd::Always => None,
    });
    if here == known && reasons.into_iter().all(|words| !words.is_empty()) {
        return Ok(());
    }
    Err(format!("here {here:#?}, and in the guide {known:#?}").into())
}

fn odd_and_sound() -> Result<(), Failed> {
    let _turn = ENGINE.write()?;
    let Some(mut client) = Client::with_builder(USED) else {
        return Err("no BuildKit image".into());
    };
    client.set("BUILDX_EXPERIMENTAL", "1");
    client.set("BUILDX_BUILDER", "");
    for (_, odd) in ODD {
        if let Odd::Made(make) = odd {
            make(&mut client)?;
        }
    }
    client.docker(&["buildx", "use", USED]);
    build_something(&client)?;
    let before = RUNTIME.block_on(State::of(&client))?;
    let run = client.reinstall(&["--target", "live", "validate::"]);
    let after = RUNTIME.block_on(State::of(&client))?;
    client.docker(&["container", "rm", "--force", SOMEBODYS]);
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

/// As with Colima, Docker Desktop and rootless engines: nobody listens at the default socket.
fn listens_elsewhere() -> Result<(), Failed> {
    let _turn = ENGINE.write()?;
    let client = Client::new();
    client.docker(&["context", "create", "elsewhere", "--docker", &format!("host=unix://{ELSEWHERE}")]);
    client.docker(&["context", "use", "elsewhere"]);
    std::fs::rename(SOCKET, ELSEWHERE)?;
    let run = client.reinstall(&["--target", "live", "validate::builder_functionality"]);
    std::fs::rename(ELSEWHERE, SOCKET)?;
    if run.code == 0 {
        Ok(())
    } else {
        Err(format!("exit {}: {}{}", run.code, run.stdout, run.stderr).into())
    }
}

fn contexts_that_lead_nowhere(client: &mut Client) -> Result<(), Failed> {
    for (name, host) in [("away", "tcp://192.0.2.1:2375"), ("dead", "unix:///run/nobody.sock")] {
        client.docker(&["context", "create", name, "--docker", &format!("host={host}")]);
    }
    // Without a file in it, it is none.
    Ok(std::fs::create_dir_all(client.path("docker/contexts/meta/0000"))?)
}

fn builders_at_rest(client: &mut Client) -> Result<(), Failed> {
    client.create_builder("never.started", &[]);
    client.create_builder("stopped", &["--bootstrap"]);
    client.docker(&["stop", &container_name("stopped0")]);
    client.create_builder("removed", &["--bootstrap"]);
    client.docker(&["container", "rm", "--force", &container_name("removed0")]);
    Ok(())
}

fn unusual_names(client: &mut Client) -> Result<(), Failed> {
    client.create_builder("UPPER", &[]);
    client.docker(&["context", "create", "my.ctx_1", "--docker", "host=unix:///var/run/docker.sock"]);
    Ok(())
}

fn left_over_files(client: &mut Client) -> Result<(), Failed> {
    let buildx = client.path("docker/buildx");
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
    Ok(())
}

fn renewed_database(client: &mut Client) -> Result<(), Failed> {
    let (old, container) = (client.path("cache.db.bak"), container_name(&format!("{USED}0")));
    std::fs::write(&old, "damaged")?;
    let place = format!("{container}:/var/lib/buildkit/cache.db.1234567.bak");
    client.docker(&["cp", &old.display().to_string(), &place]);
    Ok(())
}

fn file_beside_plugins(client: &mut Client) -> Result<(), Failed> {
    std::fs::create_dir_all(client.path("docker/cli-plugins"))?;
    Ok(std::fs::write(client.path("docker/cli-plugins/docker-buildx.bak"), "an old plugin")?)
}

const SOMEBODYS: &str = "buildx_buildkit_somebody0";

/// A builder's container that no definition here names.
fn container_of_somebody(client: &mut Client) -> Result<(), Failed> {
    let image = client.docker(&["inspect", "--format", "{{.Image}}", &container_name(&format!("{USED}0"))]);
    client.docker(&["create", "--privileged", "--name", SOMEBODYS, &image]);
    Ok(())
}

impl Client {
    fn create_builder(&self, name: &str, options: &[&str]) {
        let image =
            self.docker(&["inspect", "--format", "{{.Config.Image}}", &container_name(&format!("{USED}0"))]);
        let image = format!("image={image},network=host");
        let create =
            ["buildx", "create", "--name", name, "--driver", "docker-container", "--driver-opt", &image];
        self.docker(&[&create[..], options].concat());
    }
}

/// Cache, history and an image of the user's own.
fn build_something(client: &Client) -> Result<(), Failed> {
    let sources = THREE_STEPS.materialise(&client.path("own"), "own")?;
    let folder = sources.folder().display().to_string();
    client.docker(&["buildx", "build", "--builder", "default", "--load", "--tag", "own:1", &folder]);
    client.docker(&["buildx", "build", "--builder", USED, "--output", "type=cacheonly", &folder]);
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
    Ok(engine.buildkit_in(&container_name(&format!("{USED}0"))).await?)
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
