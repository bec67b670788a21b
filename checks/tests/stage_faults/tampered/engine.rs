//! Meddling with what all cases share, one at a time, and taken back.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use checks::Stage;
use fixtures::installation::container_name;

use super::engine;
use crate::case::Case;

/// Where builders of the lab share cache.
const SHARED: &str = "/srv/build-cache";

pub(super) fn a_builder_with_another_configuration(case: &mut Case) {
    let toml = case.folder().join("buildkitd.toml");
    fs::write(&toml, "[worker.oci]\nmax-parallelism = 99\n").unwrap();
    let there = PathBuf::from(format!("{}:/etc/buildkit/buildkitd.toml", container_name("reinstall0")));
    let kept = tempfile::tempdir().unwrap();
    let own = kept.path().join("own.toml");
    copied(&there, &own);
    copied(&toml, &there);
    case.afterwards(move || {
        copied(&own, &there);
        drop(kept);
    });
}

/// Copies a file into a container, or out of one.
fn copied(from: &Path, to: &Path) {
    let copied = Command::new("docker").arg("cp").arg(from).arg(to).output().unwrap();
    assert!(copied.status.success(), "{copied:?}");
}

pub(super) fn a_shared_cache_open_to_others(case: &mut Case) {
    let open = |mode| fs::set_permissions(Path::new(SHARED), fs::Permissions::from_mode(mode)).unwrap();
    open(0o755);
    case.afterwards(move || open(0o700));
}

pub(super) fn an_engine_that_was_another(case: &mut Case) {
    case.inventory(Stage::Installed, |inventory| engine(inventory).info.id = "another".into());
}
