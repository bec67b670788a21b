//! Running the misbehaving suite as a program.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use harness::{Look, until};
use tempfile::TempDir;

/// A place where the suite runs, gone afterwards.
pub(crate) struct World {
    runs: TempDir,
    mood: &'static str,
    shared: bool,
}

/// What one process of the suite did.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl World {
    pub(crate) fn new() -> Self {
        Self::of_mood("cloudy")
    }

    /// One in which the suite behaves as the value of `BAD_SUITE` says.
    pub(crate) fn of_mood(mood: &'static str) -> Self {
        Self { runs: TempDir::new().unwrap(), mood, shared: false }
    }

    /// One whose processes belong to one run, as a runner with one process per check has them.
    pub(crate) fn of_many_processes() -> Self {
        Self { shared: true, ..Self::new() }
    }

    pub(crate) fn runs(&self) -> &Path {
        self.runs.path()
    }

    /// The folder of the newest run.
    pub(crate) fn run(&self) -> PathBuf {
        self.runs.path().join("latest").canonicalize().unwrap()
    }

    pub(crate) fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(std::env::current_exe().unwrap());
        command.args(args).env("BAD_SUITE", self.mood).env("BAD_SUITE_RUNS", self.runs.path());
        for name in ["NEXTEST_RUN_ID", "NEXTEST_EXECUTION_MODE", "REINSTALL_REQUIRE", "REINSTALL_JUNIT"] {
            command.env_remove(name);
        }
        if self.shared {
            command.env("NEXTEST_RUN_ID", "one/run").env("NEXTEST_EXECUTION_MODE", "process-per-test");
        }
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    pub(crate) fn start(&self, args: &[&str]) -> Child {
        self.command(args).spawn().unwrap()
    }

    pub(crate) fn ran(&self, args: &[&str]) -> Ran {
        ended(self.start(args))
    }

    /// The text of a file of the newest run.
    pub(crate) fn read(&self, file: &str) -> String {
        std::fs::read_to_string(self.run().join(file)).unwrap()
    }

    pub(crate) fn report(&self) -> serde_json::Value {
        serde_json::from_str(&self.read("report.json")).unwrap()
    }

    pub(crate) fn events(&self) -> Vec<serde_json::Value> {
        self.read("events.jsonl").lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }
}

pub(crate) fn ended(child: Child) -> Ran {
    let output = child.wait_with_output().unwrap();
    let [stdout, stderr] = [output.stdout, output.stderr].map(|bytes| String::from_utf8(bytes).unwrap());
    Ran { code: output.status.code(), stdout, stderr }
}

/// Waits until `look` sees something.
pub(crate) fn wait_for<T>(what: &str, mut look: impl FnMut() -> Look<T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    let (every, up_to) = (Duration::from_millis(5), Duration::from_secs(20));
    runtime.block_on(until(what, every, up_to, || std::future::ready(look()))).unwrap()
}
