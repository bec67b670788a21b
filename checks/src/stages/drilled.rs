//! There and back: a rollback to the restore point, judged by what it brought back, and the reinstall done again.

use std::time::Duration;

use fixtures::inventory::Inventory;
use fixtures::purge;
use fixtures::rollback::{self, Verdict};
use fixtures::sentinel::Reading;
use harness::{Doing, Scope, Stop};
use serde::{Deserialize, Serialize};

use super::backed_up::{SECURED, Secured};
use super::baselined::{Planted, SENTINEL};
use super::{INVENTORY, JOURNAL, PLAN, installed, planned, transaction};
use crate::cx::World;

/// A rollback that was tried, as it is recorded.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Drill {
    /// Why it was rolled back.
    pub reason: String,
    /// When it began.
    pub at: jiff::Timestamp,
    /// How long it took.
    pub took: Duration,
    /// How the installation compares with what it was.
    pub verdict: Verdict,
    /// The sentinel, built after the rollback; none where none was planted.
    pub sentinel: Option<Result<Reading, String>>,
    /// Whether the engine's own builder built, or why it did not.
    pub default_builder: Result<Reading, String>,
    /// Whether `desktop-linux` says after the rollback what it said before the reinstall.
    pub desktop: Option<String>,
}

/// The name of the recorded [`Drill`].
pub const DRILL: &str = "drill";

pub(crate) async fn bring_up(world: &World, scope: &Scope) -> Result<(), Stop> {
    let installation = world.installation()?;
    let secured: Secured = scope.beside("stages::backed_up").read(SECURED)?;
    let before: Inventory = scope.beside("stages::backed_up").read(INVENTORY)?;
    let point = transaction::proven(&secured.id)?;
    let now = transaction::inventory(&installation).await;
    let (at, started) = (jiff::Timestamp::now(), std::time::Instant::now());
    let plan = rollback::plan(&installation, &now, &point).doing("making the rollback plan")?;
    let held = transaction::hold(&now)?;
    let told = transaction::run(plan, &installation, &held, scope).await?;
    let took = started.elapsed();
    scope.record(PLAN, &told.plan)?;
    scope.record(JOURNAL, &told.journal)?;
    let after = transaction::inventory(&installation).await;
    scope.record(INVENTORY, &after)?;
    let verdict = rollback::verify(&before, &after);
    scope.doing("building the sentinel after the rollback");
    let planted: Option<Planted> = scope.beside("stages::baselined").read(SENTINEL)?;
    let sentinel = match planted {
        Some(planted) => Some(said(planted.sentinel.build(&installation).await)),
        None => None,
    };
    let fallback = fixtures::sentinel::Sentinel::new("default", scope.folder()?, "rolled-back");
    let default_builder = said(fallback.build(&installation).await);
    let desktop = crate::validate::desktop_linux(world).await.err().map(|stop| stop.to_string());
    let reason = String::from("the drill of this run");
    scope.record(DRILL, &Drill { reason, at, took, verdict, sentinel, default_builder, desktop })?;
    drop(held);
    again(world, &installation, &secured.id, scope).await
}

fn said(built: Result<Reading, fixtures::builds::BuildError>) -> Result<Reading, String> {
    built.map_err(|error| harness::outcome::chain(&error))
}

/// Purges and installs once more, so that checks of the installed state meet it whenever they run.
async fn again(
    world: &World,
    installation: &fixtures::installation::Installation,
    _secured: &str,
    scope: &Scope,
) -> Result<(), Stop> {
    scope.doing("reinstalling after the drill");
    let inventory = transaction::inventory(installation).await;
    let held = transaction::hold(&inventory)?;
    let request = fixtures::backup::Request::of(&inventory);
    let point =
        fixtures::backup::RestorePoint::create(installation, request, &held, fixtures::progress::silent());
    let point = point.await.doing("making a restore point")?;
    let scratch = tempfile::tempdir()?;
    let tar = fixtures::backup::Tar::find().doing("finding GNU tar")?;
    let point = point.prove(scratch.path(), tar, &()).doing("proving the restore point")?;
    let plan =
        purge::plan(installation, &inventory, &point, &planned::policy()).doing("making the purge plan")?;
    transaction::run(plan, installation, &held, scope).await?;
    drop(held);
    installed::install(world, installation, scope).await?;
    Ok(())
}
