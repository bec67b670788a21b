//! Finding out which needs are there.

use fixtures::installation::{ImageStore, Selection, Worker};
use fixtures::lab::{Units, registry as lab_registry};
use harness::Presence;

use crate::Need;
use crate::building::Builder;
use crate::cx::World;
use crate::target::Target;
use crate::validate::DESKTOP_LINUX;

/// How long the lab's registry may take to answer.
const REGISTRY_START: std::time::Duration = std::time::Duration::from_secs(20);

pub(crate) async fn probe(world: &World, need: Need) -> Presence {
    let absent = match need {
        Need::Buildx => plugin(world, "buildx", "apt-get install docker-buildx").await,
        Need::Compose => plugin(world, "compose", "apt-get install docker-compose").await,
        Need::ContainerBuilder => container_builder(world).await,
        Need::Exports => exports(world).await,
        Need::SelectedBuilder => selected_builder(world).await,
        Need::DesktopLinux => desktop_linux(world),
        Need::Amd64 => platform(world, "linux/amd64", "3e00").await,
        Need::Arm64 => platform(world, "linux/arm64", "b700").await,
        Need::Registry => registry(world).await,
        Need::Consent => consent(world),
        Need::Lab => lab(world),
        Need::Debugger => debugger(world).await,
        Need::DevContainers => world.devcontainers().await.err(),
    };
    absent.map_or(Presence::Present, |why| Presence::Absent { why })
}

async fn plugin(world: &World, name: &str, remedy: &str) -> Option<String> {
    let installation = world.installation().ok()?;
    match installation.docker().args([name, "version"]).output().await {
        Ok(output) if output.status.success() => None,
        Ok(output) => Some(format!("`docker {name} version`: {}; {remedy}", output.last_words())),
        Err(error) => Some(format!("{error}; {remedy}")),
    }
}

async fn container_builder(world: &World) -> Option<String> {
    match world.lab_folder() {
        // In a live installation, what is there counts.
        Some(folder) if world.target() != Target::Live => match crate::lab::image(folder).await {
            Ok(Ok(_)) => None,
            Ok(Err(why)) => Some(format!("no BuildKit image: {why}")),
            Err(stop) => Some(stop.to_string()),
        },
        _ => {
            // Without an engine there is more amiss than a builder: the first check says so.
            let builders = world.builders().await.ok()?;
            (!builders.iter().any(Builder::is_container)).then(|| {
                String::from(
                    "no builder of the docker-container driver runs, and none is woken; \
                     `docker buildx create --driver docker-container --bootstrap` makes one",
                )
            })
        }
    }
}

/// Capabilities of the driver and the image store, not of their health (docker/buildx, `driver/docker/driver.go`).
async fn exports(world: &World) -> Option<String> {
    let (Ok(builder), Ok(info)) = (world.builder().await, world.engine_info().await) else { return None };
    let capable = builder.is_apart() || matches!(info.store, ImageStore::Containerd(_));
    // In a lab, the builder is still to be made.
    (!capable && container_builder(world).await.is_some()).then(|| {
        String::from(
            "the engine's own builder exports neither images nor cache without containerd's image store; \
             `docker buildx create --driver docker-container --bootstrap` makes one that does",
        )
    })
}

async fn selected_builder(world: &World) -> Option<String> {
    if matches!(world.target(), Target::Lab(_)) {
        return None;
    }
    let installation = world.installation().ok()?;
    let selection = installation.selection().found.pop()?;
    let builders = world.builders().await.ok()?;
    let defined = installation.builders().found;
    // One that does not exist at all is for a check to judge.
    let rests = |name: &str| {
        defined.iter().any(|each| each.name == name) && !builders.iter().any(|each| each.name == name)
    };
    let selected = [selection.selected().name, Selection { environment: None, ..selection }.selected().name];
    let resting = selected.into_iter().find(|name| rests(name))?;
    Some(format!(
        "the selected builder {resting} rests; `docker buildx inspect --bootstrap {resting}` wakes it"
    ))
}

fn desktop_linux(world: &World) -> Option<String> {
    if matches!(world.target(), Target::Lab(_)) {
        return None;
    }
    let contexts = world.installation().ok()?.contexts().found;
    (!contexts.iter().any(|context| context.name == DESKTOP_LINUX))
        .then(|| String::from("there is no such context, and nothing that it could break"))
}

/// BuildKit tries out which programs run when it starts, its own emulators included (moby/buildkit, `util/archutil`).
/// `machine` is the end of the pattern that an emulator is registered by: the machine's number in an ELF file.
async fn platform(world: &World, platform: &str, machine: &str) -> Option<String> {
    let workers = world.workers(&world.builder().await.ok()?).await.ok()?;
    let claims = |worker: &Worker| worker.platforms.iter().any(|claimed| claimed.to_string() == platform);
    (!workers.iter().all(claims)).then(|| why_nothing_runs(platform, machine))
}

/// The flag F makes the kernel open an emulator at registration, so that it is found inside containers (Linux,
/// `Documentation/admin-guide/binfmt-misc.rst`).
fn why_nothing_runs(platform: &str, machine: &str) -> String {
    let entries = std::fs::read_dir("/proc/sys/fs/binfmt_misc").into_iter().flatten().flatten();
    let entries = entries.filter_map(|entry| std::fs::read_to_string(entry.path()).ok());
    let is_ours = |line: &str| line.starts_with("magic 7f454c46") && line.ends_with(machine);
    let remedy = "apt-get install qemu-user-static binfmt-support registers an emulator rightly; then restart the builder";
    match entries.filter(|entry| entry.lines().any(is_ours)).find(|entry| entry.starts_with("enabled")) {
        None => format!("nothing runs programs for {platform} here; {remedy}"),
        Some(entry) if entry.lines().any(|line| line.starts_with("flags:") && line.contains('F')) => {
            format!("the builder started before the emulator for {platform} was registered; restart it")
        }
        Some(_) => format!(
            "the emulator for {platform} is registered without the flag F, so it is not found inside containers; {remedy}"
        ),
    }
}

async fn registry(world: &World) -> Option<String> {
    if !world.is_disposable() {
        return Some(String::from("a live run pushes nowhere; a lab has a registry: --target lab"));
    }
    let started = lab_registry::start(&Units::inside(), REGISTRY_START).await;
    started.err().map(|error| format!("the lab's registry does not start: {error}"))
}

fn consent(world: &World) -> Option<String> {
    (!world.may_change()).then(|| {
        String::from(
            "it would change this installation; --consent NAME permits it, --target lab tries it elsewhere",
        )
    })
}

fn lab(world: &World) -> Option<String> {
    (!world.is_disposable())
        .then(|| String::from("it is never done to a live installation; --target lab shows it"))
}

/// buildx has it since 0.28, as an experiment (docker/buildx, `commands/dap.go`); an older one prints its general help.
async fn debugger(world: &World) -> Option<String> {
    let docker = world.installation().ok()?.docker().env("BUILDX_EXPERIMENTAL", "1");
    let said = docker.args(["buildx", "dap", "build", "--help"]).output().await;
    let is_there = said.is_ok_and(|said| said.stdout.contains("docker buildx dap build"));
    (!is_there).then(|| String::from("this buildx has no debugger; buildx 0.28 and later have one"))
}
