//! The desired installation in place, and whether anything orders it to be rolled back.

use fixtures::install::{self, Desired};
use fixtures::installation::Installation;
use fixtures::rollback::{Built, Fired, Observed, decide};
use fixtures::sentinel::Sentinel;
use harness::{Doing, Scope, Stop};
use serde::{Deserialize, Serialize};

use super::transaction::{self, Told};
use super::{INVENTORY, JOURNAL, PLAN};
use crate::cx::World;

/// What was seen of the new installation, and what follows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Judged {
    /// What was seen.
    pub observed: Observed,
    /// What orders a rollback; empty when nothing does.
    pub fired: Vec<Fired>,
}

/// The name of the recorded [`Judged`].
pub const JUDGED: &str = "judged";
/// The name of the recorded desired state: builders by name.
pub const DESIRED: &str = "desired";

pub(crate) async fn bring_up(world: &World, scope: &Scope) -> Result<(), Stop> {
    let installation = world.installation()?;
    let told = install(world, &installation, scope).await?;
    scope.record(PLAN, &told.plan)?;
    scope.record(JOURNAL, &told.journal)?;
    scope.record(INVENTORY, &transaction::inventory(&installation).await)?;
    scope.doing("looking for what would order a rollback");
    let observed = observe(world, &installation, scope).await?;
    let fired = decide(&observed);
    scope.record(JUDGED, &Judged { observed, fired })
}

/// Makes and runs the install plan.
pub(super) async fn install(world: &World, installation: &Installation, scope: &Scope) -> Result<Told, Stop> {
    let inventory = transaction::inventory(installation).await;
    let held = transaction::hold(&inventory)?;
    let desired = desired(world).await?;
    let plan = install::plan(installation, &inventory, &desired).doing("making the install plan")?;
    transaction::run(plan, installation, &held, scope).await
}

/// `reinstall.toml` beside the caller, or what the program carries. A lab has an image of its own, and its registry is on
/// the network of its engine.
pub(crate) async fn desired(world: &World) -> Result<Desired, Stop> {
    let file = std::path::Path::new("reinstall.toml");
    let mut desired = if file.exists() {
        Desired::read(file).doing("reading the desired state")?
    } else {
        Desired::default()
    };
    let Some(lab) = world.lab_folder() else { return Ok(desired) };
    match crate::lab::image(lab).await? {
        Ok(image) => {
            for builder in desired.builders.values_mut() {
                builder.image.get_or_insert_with(|| image.tag.clone());
                builder.driver_opts.entry("network".into()).or_insert_with(|| "host".into());
            }
        }
        Err(_) => {
            desired.builders.clear();
            desired.select = None;
        }
    }
    Ok(desired)
}

async fn observe(world: &World, installation: &Installation, scope: &Scope) -> Result<Observed, Stop> {
    let mut names: Vec<String> = installation.builders().found.into_iter().map(|found| found.name).collect();
    names.push("default".into());
    let mut sound = 0;
    for name in &names {
        let sentinel = Sentinel::new(name.clone(), scope.folder()?, "installed");
        sound += usize::from(sentinel.build(installation).await.is_ok());
    }
    let desktop = crate::validate::desktop_linux(world).await;
    let engine = world.engine().await?;
    Ok(Observed {
        critical_error: None,
        daemon_answers: Some(engine.buildkit().await.is_ok()),
        builders: Some(Built { asked: names.len(), sound }),
        broken_workflows: Vec::new(),
        desktop_problem: desktop.err().map(|stop| stop.to_string()),
        slowdown: None,
    })
}
