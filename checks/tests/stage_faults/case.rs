//! A copy of what a run has left, in which something is made otherwise.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

use checks::Stage;
use checks::stages::backed_up::SECURED;
use checks::stages::{INVENTORY, JOURNAL, PLAN};
use fixtures::backup::RestorePoint;
use fixtures::faults;
use fixtures::installation::{Environment, Installation};
use fixtures::inventory::Inventory;
use fixtures::plan::Plan;
use fixtures::plan::journal::Record;
use fixtures::state::StateFolder;
use fixtures::transaction::Secured;
use harness::Name;
use serde::Serialize;
use serde::de::DeserializeOwned;
use tempfile::TempDir;

use crate::ran::{Ran, copy};

/// What a run has left, copied. Restore points are shared until one is asked for: nobody writes into them.
pub(crate) struct Case<'a> {
    ran: &'a Ran,
    folder: TempDir,
    variables: BTreeMap<String, OsString>,
    afterwards: Vec<Box<dyn FnOnce()>>,
}

impl Drop for Case<'_> {
    fn drop(&mut self) {
        self.afterwards.drain(..).for_each(|take_back| take_back());
    }
}

impl<'a> Case<'a> {
    /// A copy of what `ran` has left.
    pub(crate) fn of(ran: &'a Ran) -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("evidence")).unwrap();
        for part in ran.parts().into_iter().filter(|part| part.exists()) {
            copy(&part, &folder.path().join("evidence"));
        }
        copy(&ran.run().join("events.jsonl"), folder.path());
        Self { ran, folder, variables: ran.variables(), afterwards: Vec::new() }
    }

    /// A folder of its own.
    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The folder of the evidence.
    pub(crate) fn evidence(&self) -> PathBuf {
        self.folder().join("evidence")
    }

    /// The folder in which the lab is told things.
    pub(crate) fn lab(&self) -> PathBuf {
        self.ran.lab()
    }

    /// The environment of the checks, where it is not that of this process.
    pub(crate) fn variables(&self) -> &BTreeMap<String, OsString> {
        &self.variables
    }

    /// Has the checks run with a variable set otherwise.
    pub(crate) fn set(&mut self, name: &str, value: impl Into<OsString>) {
        self.variables.insert(name.to_owned(), value.into());
    }

    /// Gives the checks a copy of the client's configuration, so that something in it can be made otherwise.
    pub(crate) fn client(&mut self) -> Installation {
        let own = self.folder().join("docker");
        copy(Installation::from_environment().unwrap().docker_config(), &own);
        self.set("DOCKER_CONFIG", &own);
        Installation::of(Environment::of_this_process().with("DOCKER_CONFIG", &own)).unwrap()
    }

    /// Plants a fault of the catalogue in such a copy.
    pub(crate) fn plant(&mut self, fault: &str) {
        let plant = faults::named(fault).and_then(|fault| fault.plant).unwrap();
        let client = self.client();
        let runtime = tokio::runtime::Runtime::new().unwrap();
        for (name, value) in runtime.block_on(plant(&client)).unwrap() {
            self.set(name, value);
        }
    }

    /// Has something that all cases share taken back when the checks have looked.
    pub(crate) fn afterwards(&mut self, take_back: impl FnOnce() + 'static) {
        self.afterwards.push(Box::new(take_back));
    }

    /// A file that `stage` left.
    pub(crate) fn file(&self, stage: Stage, name: &str) -> PathBuf {
        self.evidence().join("stages").join(stage.name()).join(name)
    }

    /// What `stage` recorded under `name`.
    pub(crate) fn recorded<T: DeserializeOwned>(&self, stage: Stage, name: &str) -> T {
        let path = self.file(stage, &format!("{name}.json"));
        serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
    }

    /// Makes something otherwise in what `stage` recorded under `name`.
    pub(crate) fn edit<T: DeserializeOwned + Serialize>(
        &self,
        stage: Stage,
        name: &str,
        change: impl FnOnce(&mut T),
    ) {
        let mut value = self.recorded(stage, name);
        change(&mut value);
        let path = self.file(stage, &format!("{name}.json"));
        std::fs::write(path, serde_json::to_vec(&value).unwrap()).unwrap();
    }

    /// Makes something otherwise in the inventory that `stage` took.
    pub(crate) fn inventory(&self, stage: Stage, change: impl FnOnce(&mut Inventory)) {
        self.edit(stage, INVENTORY, change);
    }

    /// Makes something otherwise in the plan that `stage` froze or ran.
    pub(crate) fn plan(&self, stage: Stage, change: impl FnOnce(&mut Plan)) {
        self.edit(stage, PLAN, change);
    }

    /// Makes something otherwise in the journal of what `stage` ran.
    pub(crate) fn journal(&self, stage: Stage, change: impl FnOnce(&mut Vec<Record>)) {
        self.edit(stage, JOURNAL, change);
    }

    /// Makes something otherwise in what was recorded of the restore point.
    pub(crate) fn secured(&self, change: impl FnOnce(&mut Secured)) {
        self.edit(Stage::BackedUp, SECURED, change);
    }

    /// Leaves those lines of a text in the evidence that `keep` says.
    pub(crate) fn lines(&self, path: &Path, keep: impl Fn(&str) -> bool) {
        let text = std::fs::read_to_string(path).unwrap();
        let kept: Vec<&str> = text.lines().filter(|line| keep(line)).collect();
        assert_ne!(kept.len(), text.lines().count(), "nothing of {} goes", path.display());
        std::fs::write(path, kept.join("\n")).unwrap();
    }

    /// A paper that the run has handed out.
    pub(crate) fn paper(&self, name: &str) -> PathBuf {
        self.evidence().join("papers").join(name)
    }

    /// The restore point of the stage `backed_up`, copied, so that something in it can be made otherwise.
    pub(crate) fn restore_point(&mut self) -> RestorePoint {
        let state = self.folder().join("state");
        std::fs::create_dir(&state).unwrap();
        let points = "buildkit-reinstall/restore-points";
        std::fs::create_dir(state.join("buildkit-reinstall")).unwrap();
        copy(&self.ran.state().join(points), &state.join(points));
        self.set("XDG_STATE_HOME", &state);
        let secured: Secured = self.recorded(Stage::BackedUp, SECURED);
        RestorePoint::open(&StateFolder::at(state.join("buildkit-reinstall")), &secured.id).unwrap()
    }
}
