//! Finding out which needs are there.

use fixtures::lab::{Units, registry as lab_registry};
use harness::Presence;

use crate::Need;
use crate::cx::World;
use crate::target::Target;

/// How long the lab's registry may take to answer.
const REGISTRY_START: std::time::Duration = std::time::Duration::from_secs(20);

pub(crate) async fn probe(world: &World, need: Need) -> Presence {
    let absent = match need {
        Need::Buildx => plugin(world, "buildx", "apt-get install docker-buildx").await,
        Need::Compose => plugin(world, "compose", "apt-get install docker-compose").await,
        Need::ContainerBuilder => container_builder(world).await,
        Need::Arm64 => arm64(),
        Need::Registry => registry(world).await,
        Need::Consent => consent(world),
        Need::Lab => lab(world),
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
        Some(folder) => match crate::lab::image(folder).await {
            Ok(Ok(_)) => None,
            Ok(Err(why)) => Some(format!("no BuildKit image: {why}")),
            Err(stop) => Some(stop.to_string()),
        },
        None => {
            let builders = world.installation().ok()?.builders().found;
            let found = builders.iter().any(|builder| builder.driver == "docker-container");
            (!found).then(|| {
                String::from(
                    "no builder of the docker-container driver; \
                     `docker buildx create --driver docker-container --bootstrap` makes one",
                )
            })
        }
    }
}

/// The F flag makes the kernel open the emulator at registration, so that it works inside containers
/// (Linux, `Documentation/admin-guide/binfmt-misc.rst`).
fn arm64() -> Option<String> {
    if cfg!(target_arch = "aarch64") {
        return None;
    }
    let entry = std::fs::read_to_string("/proc/sys/fs/binfmt_misc/qemu-aarch64").unwrap_or_default();
    let flags = entry.lines().find_map(|line| line.strip_prefix("flags: ")).unwrap_or_default();
    match (entry.starts_with("enabled"), flags.contains('F')) {
        (true, true) => None,
        (true, false) => Some(String::from(
            "qemu-aarch64 is registered without the flag F, so it is not found inside containers; \
             apt-get install qemu-user-static registers it rightly",
        )),
        (false, _) => Some(String::from(
            "nothing runs arm64 programs here; apt-get install qemu-user-static binfmt-support registers an emulator",
        )),
    }
}

async fn registry(world: &World) -> Option<String> {
    match world.target() {
        Target::Lab(_) => {
            let started = lab_registry::start(&Units::inside(), REGISTRY_START).await;
            started.err().map(|error| format!("the lab's registry does not start: {error}"))
        }
        Target::Live | Target::Undecided => {
            Some(String::from("a live run pushes nowhere; a lab has a registry: --target lab"))
        }
    }
}

fn consent(world: &World) -> Option<String> {
    (!world.may_change()).then(|| {
        String::from(
            "it would change this installation; --consent NAME permits it, --target lab tries it elsewhere",
        )
    })
}

fn lab(world: &World) -> Option<String> {
    match world.target() {
        Target::Lab(_) => None,
        Target::Live | Target::Undecided => {
            Some(String::from("it is never done to a live installation; --target lab shows it"))
        }
    }
}
