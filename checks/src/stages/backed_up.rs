//! A restore point of all that a purge takes away, proved by restoring it into scratch space.

use std::os::unix::fs::PermissionsExt;

use fixtures::backup::{Contents, Request, RestorePoint, Tar};
use fixtures::inventory::Inventory;
use harness::{Doing, Scope, Stop};
use serde::{Deserialize, Serialize};

use super::{INVENTORY, transaction};
use crate::cx::World;

/// A restore point, and what proving it showed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Secured {
    /// Its name.
    pub id: String,
    /// What is in it.
    pub contents: Contents,
    /// Its size in bytes.
    pub bytes: u64,
    /// Permissions of its folder and of every file in it.
    pub modes: Vec<(String, u32)>,
    /// The builders that ran before it was made, and after.
    pub running: (Vec<String>, Vec<String>),
}

/// The name of the recorded [`Secured`].
pub const SECURED: &str = "restore_point";

pub(crate) async fn bring_up(world: &World, scope: &Scope) -> Result<(), Stop> {
    let installation = world.installation()?;
    let before = transaction::inventory(&installation).await;
    let held = transaction::hold(&before)?;
    scope.doing("making a restore point");
    let request = Request::of(&before);
    let point = RestorePoint::create(&installation, request, &held, fixtures::progress::silent()).await;
    let point = point.doing("making a restore point")?;
    scope.doing("restoring the restore point into scratch space, to prove it");
    let (id, contents, bytes) = (point.contents().id.clone(), point.contents().clone(), point.size());
    let modes = modes(point.folder())?;
    let scratch = tempfile::tempdir()?;
    let tar = Tar::find().doing("finding GNU tar")?;
    point.prove(scratch.path(), tar, &()).doing("proving the restore point")?;
    let after = transaction::inventory(&installation).await;
    scope.record(INVENTORY, &before)?;
    let running = (running(&before), running(&after));
    scope.record(SECURED, &Secured { id, contents, bytes, modes, running })
}

fn modes(folder: &std::path::Path) -> std::io::Result<Vec<(String, u32)>> {
    let mode =
        |path: &std::path::Path| Ok::<_, std::io::Error>(path.metadata()?.permissions().mode() & 0o7777);
    let mut modes = vec![(String::from("."), mode(folder)?)];
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        modes.push((entry.file_name().to_string_lossy().into_owned(), mode(&entry.path())?));
    }
    Ok(modes)
}

fn running(inventory: &Inventory) -> Vec<String> {
    let containers = inventory.reached().flat_map(|engine| &engine.containers);
    let running = containers.filter(|found| found.container.state == "running");
    running.map(|found| found.container.name.clone()).collect()
}
