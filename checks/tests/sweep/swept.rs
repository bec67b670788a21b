//! The installation that is swept, and what it has to be like afterwards.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use fixtures::backup::manifest::{Entry, Mtime, Node};
use fixtures::backup::{RestorePoint, Tree};
use fixtures::installation::context_id;
use fixtures::inventory::Inventory;
use fixtures::sentinel::{Planted, Sentinel};
use fixtures::state::StateFolder;
use fixtures::transaction::Unfinished;
use fixtures::{rollback, transaction};

use crate::foreign::{Foreign, data};
use crate::person::Person;

const BUILDER: &str = "swept";
const CONFIG: &str = "{\n\t\"auths\": {\"r.example\": {\"auth\": \"dTpzZXNhbWU=\"}},\n\t\"aliases\": {\"builder\": \"buildx\"},\n\t\"unknown\": [1, 2]\n}\n";
const NPIPE: &str = "npipe:////./pipe/dockerDesktopLinuxEngine";

/// A small installation with one of everything: a builder whose cache has whiteouts, a stale one, a context that leads
/// nowhere, a configuration with secrets and keys that nobody knows, and beside it what somebody else has.
pub(crate) struct Swept {
    pub(crate) person: Person,
    /// What consent has to repeat.
    pub(crate) name: String,
    before: Inventory,
    planted: Planted,
    definition: String,
    files: Files,
    layers: Files,
    foreign: Foreign,
}

/// The files of a folder, with all that makes them what they are, by path.
type Files = BTreeMap<PathBuf, Entry>;

/// Whether it is as it was found, or reinstalled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stands {
    AsItWas,
    Reinstalled,
}

/// What is wrong with it, in words; nothing where it is as it should be.
#[derive(Debug, Default)]
pub(crate) struct Wrong {
    pub(crate) lost: Vec<String>,
    pub(crate) foreign: Vec<String>,
    pub(crate) left: Vec<String>,
}

impl Swept {
    pub(crate) async fn new() -> Self {
        let person = Person::with_builder(BUILDER).await;
        let installation = &person.installation;
        let client = installation.docker_config();
        fs::write(installation.config_file(), CONFIG).unwrap();
        let context = installation.contexts_folder().join(context_id("desktop-linux"));
        fs::create_dir_all(&context).unwrap();
        let meta =
            format!("{{\"Name\":\"desktop-linux\",\"Endpoints\":{{\"docker\":{{\"Host\":\"{NPIPE}\"}}}}}}");
        fs::write(context.join("meta.json"), meta).unwrap();
        let definition = fs::read_to_string(client.join("buildx/instances").join(BUILDER)).unwrap();
        fs::write(client.join("buildx/instances/stale"), definition.replace(BUILDER, "stale")).unwrap();
        let foreign = Foreign::plant(installation).await;
        // The engine has a cache of its own too.
        let embedded = Sentinel::new("default", person.folder(), "embedded");
        embedded.build(installation).await.unwrap();
        let planted = Planted::plant(BUILDER, person.folder(), installation).await.unwrap();
        let (before, name) =
            (transaction::inventory(installation).await, transaction::name(installation).await);
        let (files, layers) = (files(client), layers());
        assert!(!layers.is_empty(), "the builder's cache has no layers");
        Self { person, name, before, planted, definition, files, layers, foreign }
    }

    /// Another one in its place, whatever has become of it.
    pub(crate) async fn anew(self) -> Self {
        self.leaves().await;
        Self::new().await
    }

    /// Takes away what it has on the engine.
    pub(crate) async fn leaves(self) {
        let docker = || self.person.installation.docker().args(["--context", "default"]);
        let (container, volume) = on_engine();
        let _ = docker().args(["container", "rm", "--force", &container]).output().await;
        let _ = docker().args(["volume", "rm", "--force", &volume]).output().await;
    }

    /// Starts its builder.
    pub(crate) async fn starts(&self) {
        let docker = self.person.installation.docker();
        docker.args(["container", "start", &on_engine().0]).run_ok().await.unwrap();
    }

    /// The folders in which a run writes: its own, the client's, the engine's.
    pub(crate) fn folders(&self) -> Vec<PathBuf> {
        let client = self.person.installation.docker_config().to_path_buf();
        vec![self.state().path().to_path_buf(), client, PathBuf::from("/var/lib/docker")]
    }

    pub(crate) fn state(&self) -> StateFolder {
        StateFolder::at(self.disk().join("buildkit-reinstall"))
    }

    /// The folder that has the state folder, and nothing else.
    pub(crate) fn disk(&self) -> PathBuf {
        self.person.folder().join("state")
    }

    /// The newest restore point that can be gone back to: a backup that was killed leaves one that is not proved.
    pub(crate) fn newest_point(&self) -> Option<RestorePoint> {
        RestorePoint::list(&self.state()).unwrap().0.into_iter().rfind(RestorePoint::is_proved)
    }

    /// The newest restore point, which is made where there is none.
    pub(crate) fn ensured_point(&self) -> RestorePoint {
        if self.newest_point().is_none() {
            let made = self.person.types(&["backup"]);
            assert_eq!(made.code, 0, "{made:?}");
        }
        self.newest_point().unwrap()
    }

    /// Takes away by hand what a restore point has, and gives its name.
    pub(crate) async fn wreck(&self) -> String {
        let point = self.ensured_point();
        let installation = &self.person.installation;
        let (container, volume) = on_engine();
        for words in [["container", "rm", "--force", &container], ["volume", "rm", "--force", &volume]] {
            installation.docker().args(words).run_ok().await.unwrap();
        }
        let clear = ["--context", "default", "buildx", "prune", "--builder", "default", "--all", "--force"];
        installation.docker().args(clear).run_ok().await.unwrap();
        fs::remove_dir_all(installation.docker_config().join("buildx/instances")).unwrap();
        fs::write(installation.config_file(), "{\"unknown\": [3]}\n").unwrap();
        point.contents().id.clone()
    }

    /// Whether a run waits for its end.
    pub(crate) fn is_unfinished(&self) -> bool {
        !Unfinished::all(&self.state()).unwrap().0.is_empty()
    }

    /// Whether it has been reinstalled, by the definition of its builder.
    pub(crate) fn stands(&self) -> Stands {
        let definition = Path::new("buildx/instances").join(BUILDER);
        let path = self.person.installation.docker_config().join(definition);
        let is_as_it_was = fs::read_to_string(path).is_ok_and(|text| text == self.definition);
        if is_as_it_was { Stands::AsItWas } else { Stands::Reinstalled }
    }

    /// Judges it: as it was to the byte, or reinstalled with all that it had in a restore point. Nothing of a run may be left.
    pub(crate) async fn judge(&self, stands: Stands) -> Wrong {
        let foreign = Foreign::find(&self.person.installation).await;
        let touched = (foreign != self.foreign).then(|| format!("{foreign:?} instead of {:?}", self.foreign));
        let lost = match stands {
            Stands::AsItWas => self.differences().await,
            Stands::Reinstalled => self.missing_from_restore_point().await,
        };
        Wrong { lost, foreign: touched.into_iter().collect(), left: self.left() }
    }

    /// What of the client's files and of the builder's layers is another, or gone.
    pub(crate) fn lost_files(&self) -> Vec<String> {
        let mut lost = changed(&self.files, &files(self.person.installation.docker_config()));
        let layers = layers();
        let gone = self.layers.iter().filter(|(path, entry)| layers.get(*path) != Some(entry));
        lost.extend(gone.map(|(path, _)| format!("{} in the volume is another", path.display())));
        lost
    }

    async fn differences(&self) -> Vec<String> {
        let installation = &self.person.installation;
        let mut differs = self.lost_files();
        let after = transaction::inventory(installation).await;
        let differences = rollback::verify(&self.before, &after).differences.into_iter();
        differs.extend(differences.map(|change| change.to_string()));
        match self.planted.sentinel.build(installation).await {
            Ok(reading) => differs.extend(self.planted.differs(&reading)),
            Err(error) => differs.push(format!("the sentinel does not build: {error}")),
        }
        differs
    }

    async fn missing_from_restore_point(&self) -> Vec<String> {
        let reading = self.planted.sentinel.build(&self.person.installation).await;
        let mut wrong = match reading {
            Ok(reading) if !reading.executed.is_empty() => Vec::new(),
            Ok(_) => vec![String::from("the old cache is still there")],
            Err(error) => vec![format!("the new builder does not build: {error}")],
        };
        match self.newest_point() {
            Some(point) => wrong.extend(point.verify(&()).err().map(|error| error.to_string())),
            None => wrong.push(String::from("there is no restore point")),
        }
        wrong
    }

    /// What of a run is still about that has come to its end.
    fn left(&self) -> Vec<String> {
        let unfinished = self.is_unfinished().then(|| String::from("a run that waits for its end"));
        let points = fs::read_dir(self.state().path().join("restore-points"));
        let names = points.into_iter().flatten().flatten().map(|entry| entry.file_name());
        let names = names.map(|name| name.to_string_lossy().into_owned());
        unfinished.into_iter().chain(names.filter(|name| name.starts_with('.'))).collect()
    }

    /// Forgets all restore points and runs.
    pub(crate) fn forget(&self) {
        let removed = fs::remove_dir_all(self.state().path());
        assert!(removed.is_ok() || !self.state().path().exists(), "{removed:?}");
    }
}

/// The client's files. When something in a folder was last replaced is left out.
fn files(client: &Path) -> Files {
    let tree = Tree::of_folder(client).manifest(&()).unwrap();
    let timeless = |entry: &Entry| match entry.node {
        Node::Folder => Entry { mtime: Mtime { s: 0, ns: 0 }, ..entry.clone() },
        _ => entry.clone(),
    };
    tree.entries().iter().map(|entry| (entry.path.path().to_path_buf(), timeless(entry))).collect()
}

fn changed(before: &Files, after: &Files) -> Vec<String> {
    let gone = before.iter().filter(|(path, was)| after.get(*path) != Some(was));
    let new = after.keys().filter(|path| !before.contains_key(*path));
    let gone = gone.map(|(path, _)| format!("{} is another, or gone", path.display()));
    gone.chain(new.map(|path| format!("{} is new", path.display()))).collect()
}

/// The builder's container and its volume.
fn on_engine() -> (String, String) {
    (format!("buildx_buildkit_{BUILDER}0"), format!("buildx_buildkit_{BUILDER}0_state"))
}

/// The files of the layers in the builder's volume, by path. Its databases change with every build.
fn layers() -> Files {
    let Ok(tree) = Tree::of_folder(data(&on_engine().1)).manifest(&()) else { return Files::new() };
    let is_of_layer = |entry: &&Entry| {
        let path = entry.path.path();
        let mut parts = path.iter().skip_while(|part| *part != "snapshots");
        parts.next().is_some() && parts.any(|part| part == "fs")
    };
    let entries = tree.entries().iter().filter(is_of_layer);
    entries.map(|entry| (entry.path.path().to_path_buf(), entry.clone())).collect()
}
