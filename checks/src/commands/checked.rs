//! The checks that are made before a purge, and again after a rollback.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use fixtures::transaction::{Checked, Checker};
use harness::Tool;
use harness::outcome::Outcome;
use harness::report::Report;

/// The beginning of the names of the checks that are made: whether contexts, builders and their definitions are found, and build.
const CHOSEN: &str = "validate::builder_functionality::";

/// Makes them by this program itself, on the installation as it is.
pub(crate) fn checker() -> Checker {
    Arc::new(|folder| Box::pin(async move { made_in(&folder).await }))
}

/// None where they could not be made at all.
async fn made_in(folder: &Path) -> Checked {
    let Ok(program) = std::env::current_exe() else { return Checked::new() };
    let made = Tool::new(program).args(["check", "--target", "live", CHOSEN]);
    // It keeps its run where nobody else does, and is given leave for nothing.
    let made =
        made.env("XDG_STATE_HOME", folder).env_remove("REINSTALL_CONSENT").env_remove("REINSTALL_REQUIRE");
    let made = made.env_remove("REINSTALL_JUNIT").output().await;
    let run: PathBuf = folder.join("buildkit-reinstall/runs/latest");
    match (made, Report::from_events(&run.join("events.jsonl"))) {
        (Ok(_), Ok(report)) => {
            report.checks.into_iter().map(|(name, record)| (name, came_to(&record.outcome))).collect()
        }
        _ => Checked::new(),
    }
}

fn came_to(outcome: &Outcome) -> Result<(), String> {
    let why = match outcome {
        Outcome::Passed => return Ok(()),
        Outcome::Skipped { why, .. } | Outcome::Blocked { why, .. } | Outcome::Broken { why, .. } => {
            why.clone()
        }
        Outcome::Failed(failure) => failure.to_string(),
    };
    Err(format!("{}: {}", outcome.word(), why.lines().next().unwrap_or_default()))
}
