//! The suite in labs of other engines than the one that `cargo test --test reinstall` takes.
//!
//! | engine | what is right |
//! |---|---|
//! | Debian 12: Docker 20.10, without buildx | one failure that says so with its remedy, and the rest blocked by it |
//! | Debian 14: the newest | everything passes |
//! | Debian 13, without containerd's image store | everything passes |
//!
//! The last two go through every stage and take about a minute each: `make engines`.
#![expect(clippy::unwrap_used, reason = "in a test, failing is how to say it")]

use std::process::Command;

use serde_json::Value;
use tempfile::TempDir;

/// A run of the suite in a lab of its own.
struct Run {
    code: Option<i32>,
    said: String,
    report: Value,
}

impl Run {
    fn with(arguments: &[&str]) -> Self {
        let state = TempDir::new().unwrap();
        let mut program = Command::new(env!("CARGO_BIN_EXE_reinstall"));
        let ended = program.args(arguments).env("XDG_STATE_HOME", state.path()).output().unwrap();
        let report = state.path().join("buildkit-reinstall/runs/latest/report.json");
        let report = std::fs::read(report).map(|report| serde_json::from_slice(&report).unwrap());
        Self {
            code: ended.status.code(),
            said: String::from_utf8_lossy(&[ended.stdout, ended.stderr].concat()).into_owned(),
            report: report.unwrap_or_default(),
        }
    }

    fn with_outcome(&self, outcome: &str) -> Vec<&Value> {
        let checks = self.report["checks"].as_array().into_iter().flatten();
        checks.filter(|check| check["outcome"] == outcome).collect()
    }

    fn is_all_well(&self) {
        let bad = ["failed", "broken", "blocked"].map(|outcome| self.with_outcome(outcome)).concat();
        assert!(self.code == Some(0) && bad.is_empty(), "{bad:#?}\n{}", self.said);
    }
}

#[test]
fn without_buildx_one_check_says_so_and_the_rest_is_blocked_by_it() {
    let run = Run::with(&["--target", "lab:bookworm"]);
    let failed = run.with_outcome("failed");
    let [failed] = failed.as_slice() else { panic!("{failed:#?}\n{}", run.said) };
    assert_eq!(run.code, Some(1), "{}", run.said);
    assert_eq!(failed["remedy"], "apt-get install docker-buildx");
    assert!(failed["cause"].as_str().unwrap().ends_with("(plugin-missing)"), "{failed:#}");
    let blocked = run.with_outcome("blocked");
    let by_others: Vec<_> = blocked.iter().filter(|check| check["by"] != failed["name"]).collect();
    assert!(!blocked.is_empty() && by_others.is_empty(), "{by_others:#?}");
    assert_eq!(run.with_outcome("broken"), Vec::<&Value>::new());
}

#[test]
#[ignore = "a minute: make engines"]
fn the_newest_engine_passes_every_check() {
    Run::with(&["--target", "lab:forky"]).is_all_well();
}

#[test]
#[ignore = "a minute: make engines"]
fn an_engine_without_containerds_image_store_passes_every_check() {
    Run::with(&["--target", "lab:trixie", "--image-store", "graphdriver"]).is_all_well();
}
