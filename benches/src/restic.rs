//! restic, as a user runs it with a repository on this machine: what our copies are compared with.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use fixtures::lab::packages::{PackageCache, PackageError, PackagedFile, Suite};
use fixtures::lab::progress::Progress;

/// restic of the newest suite whose programs find their C library on Debian 12.
const RESTIC: PackagedFile = PackagedFile { package: "restic", path: "usr/bin/restic" };

/// The program.
#[derive(Debug)]
pub struct Restic(PathBuf);

/// One repository, with everything restic keeps.
#[derive(Debug)]
pub struct Repository<'a> {
    restic: &'a Restic,
    folder: PathBuf,
}

impl Restic {
    /// Fetches it.
    ///
    /// # Errors
    /// When the archive cannot be reached.
    pub async fn fetch() -> Result<Self, PackageError> {
        let cache = PackageCache::open()?;
        Ok(Self(cache.file(Suite::Trixie, RESTIC, &Progress::stderr()).await?))
    }

    /// Which version it is, as it says it.
    pub fn version(&self) -> String {
        let said = Command::new(&self.0).arg("version").output().map(|output| output.stdout);
        String::from_utf8_lossy(&said.unwrap_or_default())
            .split(" compiled")
            .next()
            .unwrap_or_default()
            .into()
    }

    /// Makes an empty repository.
    pub fn repository(&self, folder: PathBuf) -> Repository<'_> {
        let repository = Repository { restic: self, folder };
        repository.run(&["init"], &[]);
        repository
    }
}

impl Repository<'_> {
    /// Copies a tree.
    pub fn backup(&self, tree: &Path) {
        self.run(&["backup"], &[tree]);
    }

    /// Reads all that was copied.
    pub fn check(&self) {
        self.run(&["check", "--read-data"], &[]);
    }

    /// Writes the copy down.
    pub fn restore(&self, into: &Path) {
        self.run(&["restore", "latest", "--target"], &[into]);
    }

    fn run(&self, arguments: &[&str], paths: &[&Path]) {
        let mut restic = Command::new(&self.restic.0);
        restic.args(["--quiet", "--no-cache", "--repo"]).arg(&self.folder).args(arguments).args(paths);
        restic.env("RESTIC_PASSWORD", "bench").stdin(Stdio::null());
        let output = restic.output().expect("restic starts");
        assert!(output.status.success(), "{restic:?}: {output:?}");
    }
}
