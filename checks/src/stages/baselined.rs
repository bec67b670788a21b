//! What there is, and a sentinel in its cache.

use std::path::{Path, PathBuf};

use fixtures::builds::Output;
use fixtures::installation::Installation;
use fixtures::inventory::Inventory;
use fixtures::lab::buildkit_image::BuildKitImage;
use fixtures::projects::THREE_STEPS;
use fixtures::sentinel::{Reading, Sentinel};
use harness::{Doing, Scope, Stop};
use serde::{Deserialize, Serialize};

use crate::cx::World;

/// The builder that a lab's team works with before the reinstall.
pub const TEAM_BUILDER: &str = "team";
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

/// A sentinel, and what it showed when it was planted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Planted {
    /// The sentinel.
    pub sentinel: Sentinel,
    /// Its steps and its content when it was built for the first time.
    pub first: Reading,
    /// The same when it was built again: what a rollback has to bring back.
    pub again: Reading,
}

/// The name of the recorded [`Inventory`].
pub const INVENTORY: &str = "inventory";
/// The name of the recorded [`Planted`] sentinel, if there is one.
pub const SENTINEL: &str = "sentinel";

pub(crate) async fn bring_up(world: &World, scope: &Scope) -> Result<(), Stop> {
    let installation = world.installation()?;
    let builder = match world.lab_folder() {
        Some(lab) => furnish(&installation, lab, scope).await?,
        None => None,
    };
    scope.doing("building the sentinel");
    let planted = match builder.or_else(|| live_builder(&installation)) {
        Some(builder) => Some(plant_sentinel(&installation, &builder, scope).await?),
        None => None,
    };
    scope.record(SENTINEL, &planted)?;
    scope.doing("taking the inventory");
    let inventory = Inventory::take(&installation).await.with_local_caches(&local_caches(&installation));
    scope.record(INVENTORY, &inventory)
}

/// The folders of exported cache that the suite knows to look for.
pub fn local_caches(installation: &Installation) -> Vec<PathBuf> {
    let folder = installation.home().join(".buildkit/cache");
    folder.is_dir().then_some(folder).into_iter().collect()
}

/// Gives a lab what a team's machine has: a builder in use, and exported cache, which an earlier attempt has damaged.
async fn furnish(installation: &Installation, lab: &Path, scope: &Scope) -> Result<Option<String>, Stop> {
    scope.doing("waiting for the BuildKit image");
    let Ok(image) = crate::lab::image(lab).await? else { return Ok(None) };
    scope.doing("loading the BuildKit image");
    installation.docker().args(["load", "--quiet", "--input"]).arg(&image.archive).run_ok().await?;
    scope.doing("creating the team's builder");
    create_builder(installation, &image, scope).await?;
    scope.doing("damaging an exported cache");
    contaminate(installation, scope).await?;
    Ok(Some(TEAM_BUILDER.to_owned()))
}

async fn create_builder(
    installation: &Installation,
    image: &BuildKitImage,
    scope: &Scope,
) -> Result<(), Stop> {
    let toml = scope.folder()?.join("buildkitd.toml");
    std::fs::write(&toml, TEAM_TOML)?;
    let create =
        installation.docker().args(["buildx", "create", "--name", TEAM_BUILDER, "--use", "--bootstrap"]);
    let create = create.args(["--driver", "docker-container", "--driver-opt"]);
    let create = create.arg(format!("image={},network=host", image.tag)).arg("--config").arg(&toml);
    create.args(["--platform", "linux/amd64,linux/arm64", "default"]).run_ok().await?;
    Ok(())
}

/// A blob of the exported cache loses its content and keeps its name, as after a full disk.
async fn contaminate(installation: &Installation, scope: &Scope) -> Result<(), Stop> {
    let cache = installation.home().join(".buildkit/cache");
    let sources = THREE_STEPS.materialise(&scope.folder()?.join("contaminated"), "contaminated")?;
    let client = installation.private_client()?;
    let export = format!("type=local,mode=max,dest={}", cache.display());
    client.build(&sources).builder(TEAM_BUILDER).cache_to(&export).output(Output::Cache).run().await?;
    let blobs = std::fs::read_dir(cache.join("blobs/sha256")).doing("reading the exported cache")?;
    let sized = blobs.flatten().filter_map(|blob| Some((blob.metadata().ok()?.len(), blob.path())));
    let (size, largest) = sized.max().ok_or_else(|| Stop::Broken("the exported cache is empty".into()))?;
    Ok(std::fs::write(largest, vec![0; usize::try_from(size).unwrap_or(1)])?)
}

/// On a live installation: the selected builder, or else the one of the context in use.
fn live_builder(installation: &Installation) -> Option<String> {
    let selection = installation.selection().found.into_iter().next()?;
    Some(selection.selected().name)
}

async fn plant_sentinel(installation: &Installation, builder: &str, scope: &Scope) -> Result<Planted, Stop> {
    let salt = format!("{}-{}", std::process::id(), nanoseconds());
    let sentinel = Sentinel::new(builder, scope.folder()?, &salt);
    let first = sentinel.build(installation).await?;
    let again = sentinel.build(installation).await?;
    Ok(Planted { sentinel, first, again })
}

fn nanoseconds() -> u128 {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    now.map(|now| now.as_nanos()).unwrap_or_default()
}
