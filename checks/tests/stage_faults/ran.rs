//! The run whose evidence is looked at: every stage, once, by the program itself.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;

use fixtures::lab::around;
use harness::Verdict;
use tempfile::TempDir;

use crate::judged::verdicts;
use crate::table::Table;

/// A check of the last stage: what it asks for brings them all up.
const OF_THE_LAST_STAGE: &str = "rollback::verification::somebody_elses_volume_survived_everything";

/// What a run has left.
pub(crate) struct Ran {
    folder: TempDir,
    /// What the cheap checks say of it.
    pub(crate) verdicts: BTreeMap<String, Verdict>,
}

/// The run, made by whoever asks first.
pub(crate) static RUN: LazyLock<Ran> = LazyLock::new(Ran::all_stages);

impl Ran {
    fn all_stages() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let lab = folder.path().join("lab");
        std::fs::create_dir(&lab).unwrap();
        let mut ran = Self { folder, verdicts: BTreeMap::new() };
        ran.leave_word();
        let mut program = Command::new(env!("CARGO_BIN_EXE_reinstall"));
        program.args(["check", "--target", "lab", "--exact", OF_THE_LAST_STAGE, "--lab-folder"]).arg(&lab);
        program.env("XDG_STATE_HOME", ran.state()).env_remove("NEXTEST_RUN_ID");
        let output = program.output().unwrap();
        assert!(output.status.success(), "{output:?}");
        let evidence = ran.run().join("evidence");
        ran.verdicts = verdicts(&evidence, &ran.lab(), &ran.variables(), &Table::read().cheap());
        ran
    }

    /// Where its restore points are, for the environment of checks.
    pub(crate) fn variables(&self) -> BTreeMap<String, OsString> {
        BTreeMap::from([("XDG_STATE_HOME".to_owned(), self.state().into())])
    }

    /// Everything that there is of the evidence: papers are written by the checks that ask for them first.
    pub(crate) fn parts(&self) -> Vec<PathBuf> {
        let evidence = self.run().join("evidence");
        ["stages", "papers", "lessons"].map(|part| evidence.join(part)).into()
    }

    /// What a lab's maker tells it: where the BuildKit image is.
    fn leave_word(&self) {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let image = runtime.block_on(around::image()).map_err(|error| error.to_string());
        let words = [
            ("buildkit-image.json", serde_json::to_vec(&image)),
            ("devcontainers.json", serde_json::to_vec(&Err::<PathBuf, _>("nobody here asks for it"))),
        ];
        for (name, word) in words {
            std::fs::write(self.lab().join(name), word.unwrap()).unwrap();
        }
    }

    /// The folder in which a lab is told things.
    pub(crate) fn lab(&self) -> PathBuf {
        self.folder.path().join("lab")
    }

    /// The folder of restore points and of runs.
    pub(crate) fn state(&self) -> PathBuf {
        self.folder.path().join("state")
    }

    /// The folder of the run.
    pub(crate) fn run(&self) -> PathBuf {
        self.state().join("buildkit-reinstall/runs/latest").canonicalize().unwrap()
    }
}

/// Copies a file, or a folder with all that is in it.
pub(crate) fn copy(from: &Path, to: &Path) {
    let copied = Command::new("cp").arg("-a").arg(from).arg(to).output().unwrap();
    assert!(copied.status.success(), "{copied:?}");
}
