//! What there is, and a sentinel in its cache.

use std::path::Path;

use fixtures::builds::Output;
use fixtures::installation::{Installation, container_name, volume_name};
use fixtures::lab::buildkit_image::BuildKitImage;
use fixtures::projects::THREE_STEPS;
use fixtures::sentinel::{Planted, Sentinel};
use fixtures::team::quiet_time::builds_of;
use fixtures::transaction::inventory;
use harness::{Failure, Scope, Stop};

use super::INVENTORY;
use crate::cx::World;

/// The builder that a lab's team works with before the reinstall.
pub const TEAM_BUILDER: &str = "team";
/// The builder whose cache is torn.
pub const WORN_BUILDER: &str = "worn";
/// A volume that looks like a builder's and is of another user's builder: nothing here knows of it.
pub const FOREIGN_VOLUME: &str = "buildx_buildkit_somebody0_state";
/// The limit in it, in bytes.
pub const TEAM_LIMIT: i64 = 1_073_741_824;
/// What the team has set for it: limits, and a registry of its own that speaks no TLS.
const TEAM_TOML: &str = r#"[worker.oci]
  gc = true
  max-parallelism = 3
  [[worker.oci.gcpolicy]]
    all = true
    keepBytes = 1073741824

[registry."127.0.0.1:5000"]
  http = true
"#;

/// The name of the recorded [`Planted`] sentinel, if there is one.
pub const SENTINEL: &str = "sentinel";
/// The name of the recorded times at which builds were started, as far as buildx remembers.
pub const BUILDS: &str = "builds";
/// The name of the recorded failure of a builder with a torn cache, in a lab.
pub const TORN: &str = "torn_cache";

pub(crate) async fn bring_up(world: &World, scope: &Scope) -> Result<(), Stop> {
    let installation = world.installation()?;
    let builder = match world.lab_folder() {
        Some(lab) => furnish(&installation, lab, scope).await?,
        None => None,
    };
    scope.doing("building the sentinel");
    let planted = match builder.or_else(|| live_builder(&installation)) {
        Some(builder) => Some(Planted::plant(&builder, scope.folder()?, &installation).await?),
        None => None,
    };
    scope.record(SENTINEL, &planted)?;
    scope.record(BUILDS, &builds_of(&installation))?;
    scope.doing("taking the inventory");
    scope.record(INVENTORY, &inventory(&installation).await)
}

/// Gives a lab what a team's machine has: a builder in use, and one whose cache an earlier attempt has damaged.
async fn furnish(installation: &Installation, lab: &Path, scope: &Scope) -> Result<Option<String>, Stop> {
    scope.doing("waiting for the BuildKit image");
    let Ok(image) = crate::lab::image(lab).await? else { return Ok(None) };
    scope.doing("loading the BuildKit image");
    installation.docker().args(["load", "--quiet", "--input"]).arg(&image.archive).run_ok().await?;
    scope.doing("making the team's builder, and one with a torn cache; adding what is somebody else's");
    let platforms = ["--use", "--platform", "linux/amd64,linux/arm64"];
    let foreign = installation.docker().args(["volume", "create", FOREIGN_VOLUME]);
    let (torn, ..) = tokio::try_join!(
        contaminate(installation, &image, scope),
        create_builder(installation, TEAM_BUILDER, &image, &platforms, scope),
        async { Ok(foreign.run_ok().await?) },
    )?;
    scope.record(TORN, &torn)?;
    scope.doing("making `docker build` an alias, as old guides say");
    installation.docker().args(["buildx", "install"]).run_ok().await?;
    scope.doing("filling the engine's own cache");
    Sentinel::new("default", scope.folder()?, "before").build(installation).await?;
    Ok(Some(TEAM_BUILDER.to_owned()))
}

async fn create_builder(
    installation: &Installation,
    name: &str,
    image: &BuildKitImage,
    options: &[&str],
    scope: &Scope,
) -> Result<(), Stop> {
    let toml = scope.folder()?.join("buildkitd.toml");
    std::fs::write(&toml, TEAM_TOML)?;
    let create =
        installation.docker().args(["buildx", "create", "--name", name, "--bootstrap"]).args(options);
    let create = create.args(["--driver", "docker-container", "--driver-opt"]);
    let create = create.arg(format!("image={},network=host", image.tag)).arg("--config").arg(&toml);
    create.arg("default").run_ok().await?;
    Ok(())
}

/// A second builder, from an earlier attempt: its records name snapshots that are gone, so that what it has built once can
/// never be built again.
async fn contaminate(
    installation: &Installation,
    image: &BuildKitImage,
    scope: &Scope,
) -> Result<Failure, Stop> {
    create_builder(installation, WORN_BUILDER, image, &[], scope).await?;
    let sources = THREE_STEPS.materialise(&scope.folder()?.join("worn"), "worn")?;
    let build = || async {
        let client = installation.private_client()?;
        client.build(&sources).builder(WORN_BUILDER).output(Output::Cache).run().await
    };
    build().await?;
    let container = container_name(&format!("{WORN_BUILDER}0"));
    installation.docker().args(["stop", &container]).run_ok().await?;
    let volume = installation.docker().args(["volume", "inspect", "--format", "{{.Mountpoint}}"]);
    let mountpoint = volume.arg(volume_name(&format!("{WORN_BUILDER}0"))).run_ok().await?.stdout;
    let database = Path::new(mountpoint.trim()).join("runc-overlayfs/containerdmeta.db");
    std::fs::write(database, "")?;
    match build().await {
        Ok(_) => Err(Stop::Broken("the damaged builder builds all the same".into())),
        Err(error) => match Stop::from(error) {
            Stop::Failed(failure) => Ok(fixtures::faults::explain(*failure)),
            broken => Err(broken),
        },
    }
}

/// On a live installation: the selected builder, or else the one of the context in use.
fn live_builder(installation: &Installation) -> Option<String> {
    let selection = installation.selection().found.into_iter().next()?;
    Some(selection.selected().name)
}
