//! Verbs for builds: what is built, by which builder, and what was built already.
//!
//! Every build goes through a private copy of the buildx folder and carries the run's label, so that what it leaves
//! behind can be told from everybody else's.

mod builder;
mod caches;
mod connections;
pub(crate) mod dial;
pub(crate) mod elsewhere;
mod listed;
mod remote;
mod shared;

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use fixtures::builds::Build;
use fixtures::image::{Image, Layout};
use fixtures::installation::{PrivateClient, RUN_LABEL};
use fixtures::inventory::plugin;
use fixtures::projects::{Project, Sources, salted};
use harness::{Doing, Failure, Stop, Tool};
use tokio::sync::OnceCell;

use crate::cx::World;

pub(crate) use builder::{Builder, remembers, unanswered};
pub(crate) use caches::Cache;
pub(crate) use connections::Connections;
pub(crate) use listed::{ClientInfo, Listed};
pub(crate) use remote::Far;
pub(crate) use shared::{Exported, First, PLATFORMS};

/// What was found out and built since the installation changed last. A stage that changes it ends this.
#[derive(Default)]
pub(crate) struct Workshop {
    client: OnceCell<PrivateClient>,
    builders: OnceCell<Vec<Builder>>,
    connections: Connections,
    listed: OnceCell<Vec<Listed>>,
    client_info: OnceCell<ClientInfo>,
    first: OnceCell<Arc<First>>,
    two_platforms: OnceCell<Arc<Exported>>,
    torn: OnceCell<Vec<(Cache, Option<usize>)>>,
}

impl Workshop {
    async fn client(&self, world: &World) -> Result<&PrivateClient, Stop> {
        self.client.get_or_try_init(async || world.fresh_client()).await
    }
}

/// What the names of cache mounts begin with.
const CACHE_MOUNT: &str = "buildkit-reinstall-";

/// The folder with everything that this process writes for builds, and the run's name.
pub(crate) struct Desk {
    run: String,
    folder: OnceCell<tempfile::TempDir>,
    used: AtomicUsize,
    labels: Mutex<Vec<String>>,
}

impl Desk {
    pub(crate) fn new() -> Self {
        let run = format!("{}-{:x}", std::process::id(), since_epoch());
        let labels = Mutex::new(vec![run.clone()]);
        Self { run, folder: OnceCell::new(), used: AtomicUsize::new(0), labels }
    }

    /// What images and history records of this process's builds are labelled with.
    pub(crate) fn run(&self) -> &str {
        &self.run
    }

    /// A label for builds that have to be told from this process's others.
    pub(crate) fn own_label(&self) -> String {
        let label = self.salt();
        self.labels.lock().unwrap_or_else(PoisonError::into_inner).push(label.clone());
        label
    }

    /// Every label that images and history records of this process can have.
    pub(crate) fn labels(&self) -> Vec<String> {
        self.labels.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// What the descriptions of this process's cache records have in them: the salt's place, the name of a cache mount, the
    /// digest of what was exported and imported again.
    pub(crate) fn marks(&self) -> Vec<String> {
        let mut marks = vec![salted(&format!("{}-", self.run)), format!("{CACHE_MOUNT}{}-", self.run)];
        if let Some(folder) = self.folder.get() {
            marks.extend(blobs(folder.path()));
        }
        marks
    }

    /// The name of a cache mount that no other build has.
    pub(crate) fn cache_mount(&self) -> String {
        format!("{CACHE_MOUNT}{}", self.salt())
    }

    /// A word that no other build has, and that is not the beginning of another such word: what is built with it in its
    /// sources shares no step with anything.
    pub(crate) fn salt(&self) -> String {
        format!("{}-{}s", self.run, self.used.fetch_add(1, Ordering::Relaxed))
    }

    /// A path that nobody else uses; nothing is there yet.
    ///
    /// # Errors
    /// When there is no place for temporary files.
    pub(crate) async fn place(&self, name: &str) -> Result<PathBuf, Stop> {
        let folder = self.folder.get_or_try_init(async || {
            tempfile::Builder::new()
                .prefix("buildkit-reinstall-")
                .tempdir()
                .doing("making a folder for builds")
        });
        let number = self.used.fetch_add(1, Ordering::Relaxed);
        Ok(folder.await?.path().join(format!("{number}-{name}")))
    }

    /// Removes the folder.
    ///
    /// # Errors
    /// When something in it cannot be removed.
    pub(crate) fn clear(&self) -> std::io::Result<()> {
        self.folder.get().map_or(Ok(()), |folder| std::fs::remove_dir_all(folder.path()))
    }
}

/// The digests of all blobs in OCI layouts below `folder`.
fn blobs(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let layouts = entries.map(|entry| entry.path().join("blobs/sha256"));
    let names = layouts.filter_map(|folder| std::fs::read_dir(folder).ok()).flatten().flatten();
    names.map(|entry| format!("sha256:{}", entry.file_name().to_string_lossy())).collect()
}

fn since_epoch() -> u128 {
    // A clock before 1970 is as good a name as any.
    std::time::UNIX_EPOCH.elapsed().map(|since| since.as_millis()).unwrap_or_default()
}

impl World {
    /// The client that everything is asked and built through.
    ///
    /// # Errors
    /// When the buildx folder cannot be copied.
    pub(crate) async fn client(&self) -> Result<Tool, Stop> {
        Ok(self.workshop().client(self).await?.docker())
    }

    /// The client as the user's shell runs it, with every variable.
    ///
    /// # Errors
    /// As [`World::client`].
    pub(crate) async fn client_as_user(&self) -> Result<Tool, Stop> {
        self.program_as_user(Path::new("docker")).await
    }

    /// A program that runs docker, as the user's shell runs it.
    ///
    /// # Errors
    /// As [`World::client`].
    pub(crate) async fn program_as_user(&self, program: &Path) -> Result<Tool, Stop> {
        let workshop = self.workshop();
        let client = workshop.client(self).await?;
        let tool = self.installation()?.environment().whole(Tool::new(program));
        Ok(tool.env("BUILDX_CONFIG", client.buildx_config()))
    }

    /// The program `devcontainer`: a lab's own, or the one that the user has.
    ///
    /// # Errors
    /// Why there is none.
    pub(crate) async fn devcontainers(&self) -> Result<PathBuf, String> {
        if let Some(folder) = self.lab_folder() {
            return crate::lab::devcontainers(folder).await.map_err(|stop| stop.to_string())?;
        }
        let path = self.installation().map_err(|stop| stop.to_string())?;
        let path = path.environment().get("PATH").unwrap_or_default().to_owned();
        let candidates = std::env::split_paths(&path).map(|folder| folder.join("devcontainer"));
        candidates.into_iter().find(|program| program.is_file()).ok_or_else(|| {
            String::from("no program `devcontainer` on the PATH; npm install --global @devcontainers/cli")
        })
    }

    /// The run's label, as commands take it.
    pub(crate) fn run_label(&self) -> String {
        format!("{RUN_LABEL}={}", self.desk().run())
    }

    /// A client of its own for what changes the selected builder.
    ///
    /// # Errors
    /// As [`World::client`].
    pub(crate) fn fresh_client(&self) -> Result<PrivateClient, Stop> {
        self.installation()?.private_client().doing("copying the buildx folder")
    }

    /// A project that no build has steps in common with.
    ///
    /// # Errors
    /// When it cannot be written.
    pub(crate) async fn project(&self, project: &Project) -> Result<Sources, Stop> {
        self.checkout(project, &self.desk().salt()).await
    }

    /// A project in a folder of its own, with a given salt.
    ///
    /// # Errors
    /// When it cannot be written.
    pub(crate) async fn checkout(&self, project: &Project, salt: &str) -> Result<Sources, Stop> {
        let folder = self.desk().place(project.name).await?;
        project.materialise(&folder, salt).doing("writing a project")
    }

    /// A build of `sources` by the builder under test.
    ///
    /// # Errors
    /// When there is none.
    pub(crate) async fn build(&self, sources: &Sources) -> Result<Build, Stop> {
        let builder = self.builder().await?;
        self.build_on(&builder, sources).await
    }

    /// A build of `sources` by `builder`.
    ///
    /// # Errors
    /// As [`World::client`].
    pub(crate) async fn build_on(&self, builder: &Builder, sources: &Sources) -> Result<Build, Stop> {
        let workshop = self.workshop();
        Ok(self.build_through(workshop.client(self).await?, sources)?.builder(&builder.name))
    }

    /// A build of `sources` through `client`, with the run's label. What the docker CLI adds to it is for other checks to see.
    ///
    /// # Errors
    /// When there is no installation.
    pub(crate) fn build_through(&self, client: &PrivateClient, sources: &Sources) -> Result<Build, Stop> {
        let build = match plugin(&self.installation()?, "buildx") {
            Some(buildx) => Build::by_plugin(client.program(&buildx), sources),
            None => client.build(sources),
        };
        Ok(build.run_id(self.desk().run()))
    }

    /// A build of `sources` by `docker`, with the run's label.
    pub(crate) fn build_as(&self, docker: Tool, sources: &Sources) -> Build {
        Build::new(docker, sources).run_id(self.desk().run())
    }
}

/// The text of a file of a build's result.
///
/// # Errors
/// [`Stop::Failed`] when it is not there.
pub(crate) fn text(result: &Path, file: &str) -> Result<String, Stop> {
    std::fs::read_to_string(result.join(file)).map_err(|error| missing(file, &error.to_string()))
}

/// The bytes of a file in an image.
///
/// # Errors
/// [`Stop::Failed`] when it is not there.
pub(crate) fn file(layout: &Layout, image: &Image, path: &str) -> Result<Vec<u8>, Stop> {
    let found = layout.file(image, path).map_err(|error| damaged(&error))?;
    found.ok_or_else(|| missing(path, "nothing"))
}

/// The images of an exported layout.
///
/// # Errors
/// [`Stop::Failed`] when a part of it is not what its digest says.
pub(crate) fn images(layout: &Layout) -> Result<Vec<Image>, Stop> {
    layout.images().map_err(|error| damaged(&error))
}

fn missing(file: &str, found: &str) -> Stop {
    Failure::new(format!("{file} in the result of a build"), "the file", found).into()
}

fn damaged(error: &fixtures::image::ImageError) -> Stop {
    Failure::new("the exported image", "every part as its digest says", harness::outcome::chain(error)).into()
}
