//! Builds that several checks read: made once.

use std::path::PathBuf;
use std::sync::Arc;

use fixtures::builds::{BuildRecord, Output};
use fixtures::image::Layout;
use fixtures::projects::{self, Sources};
use harness::{Failure, Stop};

use crate::cx::World;

/// The platforms that every project can be built for.
pub(crate) const PLATFORMS: [&str; 2] = ["linux/amd64", "linux/arm64"];

/// A build that succeeded, and its result as plain files.
#[derive(Debug)]
pub(crate) struct Built {
    /// What BuildKit did for it.
    pub(crate) record: BuildRecord,
    /// The folder with the result.
    pub(crate) result: PathBuf,
}

/// The first build of a project, for others to come after.
#[derive(Debug)]
pub(crate) struct First {
    salt: String,
    built: Built,
}

impl std::ops::Deref for First {
    type Target = Built;

    fn deref(&self) -> &Built {
        &self.built
    }
}

impl World {
    /// The first build of three steps that stand on each other, by the builder under test.
    ///
    /// # Errors
    /// Why it did not succeed.
    pub(crate) async fn first(&self) -> Result<Arc<First>, Stop> {
        let workshop = self.workshop();
        let first = workshop.first.get_or_try_init(async || {
            let salt = self.desk().salt();
            let sources = self.checkout(&projects::THREE_STEPS, &salt).await?;
            Ok::<_, Stop>(Arc::new(First { salt, built: self.built(&sources).await? }))
        });
        Ok(Arc::clone(first.await?))
    }

    /// What [`World::first`] builds, checked out once more, changed, and built after it.
    ///
    /// # Errors
    /// Why it did not succeed.
    pub(crate) async fn rebuilt(
        &self,
        change: impl FnOnce(&Sources) -> std::io::Result<()>,
    ) -> Result<Built, Stop> {
        let first = self.first().await?;
        let sources = self.checkout(&projects::THREE_STEPS, &first.salt).await?;
        change(&sources)?;
        self.built(&sources).await
    }

    /// Builds `sources` by the builder under test into a folder.
    ///
    /// # Errors
    /// Why it did not succeed.
    pub(crate) async fn built(&self, sources: &Sources) -> Result<Built, Stop> {
        let result = self.desk().place("result").await?;
        let record = self.build(sources).await?.output(Output::Folder(&result)).run().await?;
        Ok(Built { record, result })
    }

    /// An image for two platforms, built at once by the builder under test.
    ///
    /// # Errors
    /// Why it was not built, or cannot be read.
    pub(crate) async fn two_platforms(&self) -> Result<Arc<Exported>, Stop> {
        let workshop = self.workshop();
        let exported = workshop.two_platforms.get_or_try_init(async || {
            let sources = self.project(&projects::TWO_PLATFORMS).await?;
            self.exported(&sources, &PLATFORMS).await.map(Arc::new)
        });
        Ok(Arc::clone(exported.await?))
    }

    /// Builds `sources` for `platforms`, or this machine's if there are none, by the builder under test, and exports the image.
    ///
    /// # Errors
    /// Why it was not built, or cannot be read.
    pub(crate) async fn exported(&self, sources: &Sources, platforms: &[&str]) -> Result<Exported, Stop> {
        self.exported_with(sources, platforms, &[]).await
    }

    /// The same with more options of `docker buildx build`, each with its value.
    ///
    /// # Errors
    /// As [`World::exported`].
    pub(crate) async fn exported_with(
        &self,
        sources: &Sources,
        platforms: &[&str],
        options: &[(&str, &str)],
    ) -> Result<Exported, Stop> {
        let folder = self.desk().place("image").await?;
        let output = format!("type=oci,tar=false,compression=uncompressed,dest={}", folder.display());
        let build = self.build(sources).await?.option("--output", output);
        let build = if platforms.is_empty() { build } else { build.platforms(platforms) };
        let build = options.iter().fold(build, |build, (name, value)| build.option(name, value));
        let record = build.run().await?;
        let layout = Layout::open(&folder).map_err(|error| super::damaged(&error))?;
        Ok(Exported { record, folder, layout })
    }
}

/// An image as it was exported.
#[derive(Debug)]
pub(crate) struct Exported {
    /// What BuildKit did for it.
    pub(crate) record: BuildRecord,
    /// Where it is: a folder with an OCI layout.
    pub(crate) folder: PathBuf,
    /// The same, open.
    pub(crate) layout: Layout,
}

impl Exported {
    /// The digest of the whole.
    ///
    /// # Errors
    /// [`Stop::Failed`] when buildx does not tell it.
    pub(crate) fn digest(&self) -> Result<&str, Stop> {
        let told = self.record.digest();
        told.ok_or_else(|| Failure::new("the metadata file", "the image's digest", "none").into())
    }
}
