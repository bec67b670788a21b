//! Somebody whose builder has a sentinel in its cache, so that it can be told whether it is the same one.

use std::fs;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::sync::Mutex;
use std::time::Duration;

use fixtures::installation::Installation;
use fixtures::inventory::Inventory;
use fixtures::sentinel::Planted;
use fixtures::{rollback, transaction};
use harness::{Look, until};

use crate::person::{Person, Typed};

/// A person, and the installation as it was found.
pub(crate) struct Client {
    person: Person,
    before: Inventory,
    planted: Planted,
}

impl Client {
    pub(crate) async fn new(builder: &str) -> Self {
        let person = Person::with_builder(builder).await;
        let planted = Planted::plant(builder, person.folder(), &person.installation).await.unwrap();
        let before = transaction::inventory(&person.installation).await;
        Self { person, before, planted }
    }

    pub(crate) fn installation(&self) -> &Installation {
        &self.person.installation
    }

    /// Types it, and waits for its end.
    pub(crate) fn types(&self, words: &[&str]) -> Typed {
        self.person.types(words)
    }

    /// Types it, in a process group of its own, and does not wait.
    pub(crate) fn begins(&self, words: &[&str]) -> Begun {
        let (mut command, earlier) = (self.person.command(words), self.transaction());
        command.process_group(0).stdout(Stdio::null()).stderr(Stdio::null());
        Begun { process: command.spawn().unwrap(), earlier }
    }

    /// The words of the run that the plan ends with.
    pub(crate) fn agreed(&self) -> Vec<String> {
        self.person.agreed()
    }

    /// Waits until this file of the run's transaction has so many lines, or the run ends; says whether it has.
    pub(crate) async fn has_written(&self, file: &str, lines: usize, run: &mut Begun) -> bool {
        let what = format!("{lines} lines in {file}");
        let (process, earlier) = (Mutex::new(&mut run.process), &run.earlier);
        let written = until(&what, Duration::from_millis(1), Duration::from_secs(60), || async {
            let ours = self.transaction().filter(|folder| Some(folder) != earlier.as_ref());
            let found = ours.and_then(|folder| fs::read_to_string(folder.join(file)).ok());
            match found.unwrap_or_default().matches('\n').count() {
                count if count >= lines => Look::Ready(true),
                _ if process.lock().unwrap().try_wait().unwrap().is_some() => Look::Ready(false),
                count => Look::NotYet(format!("{count} lines")),
            }
        });
        written.await.unwrap()
    }

    /// The folder of the newest transaction.
    fn transaction(&self) -> Option<PathBuf> {
        let folder = self.folder().join("state/buildkit-reinstall/transactions");
        fs::read_dir(folder).ok()?.flatten().map(|entry| entry.path()).max()
    }

    /// Makes sure that the installation is as it was found, the sentinel included.
    pub(crate) async fn is_as_it_was(&self, when: &str) {
        let verdict = rollback::verify(&self.before, &transaction::inventory(self.installation()).await);
        assert!(verdict.is_as_before(), "{when}: {:#?}", verdict.differences);
        let reading = self.planted.sentinel.build(self.installation()).await.unwrap();
        assert_eq!(self.planted.differs(&reading), None, "{when}");
    }

    /// Makes sure that the installation is as `reinstall.toml` says, and works.
    pub(crate) async fn is_reinstalled(&self, when: &str) {
        let now = transaction::inventory(self.installation()).await;
        let definition = |inventory: &Inventory| inventory.client.builders[0].blake3.clone();
        assert_ne!(definition(&now), definition(&self.before), "{when}");
        let reading = self.planted.sentinel.build(self.installation()).await.unwrap();
        assert!(!reading.executed.is_empty(), "{when}: the old cache is still there");
        assert!(self.planted.differs(&reading).unwrap().contains("not cached"), "{when}");
    }

    pub(crate) fn folder(&self) -> &Path {
        self.person.folder()
    }

    /// Takes away what this person had on the engine.
    pub(crate) async fn leaves(self) {
        let docker = self.installation().docker();
        docker.args(["buildx", "rm", &self.planted.sentinel.builder]).run_ok().await.unwrap();
    }
}

/// Something that was typed and not waited for.
pub(crate) struct Begun {
    process: Child,
    /// The newest transaction of before.
    earlier: Option<PathBuf>,
}

impl Begun {
    /// Waits for its end.
    pub(crate) fn ends(mut self) -> Option<i32> {
        self.process.wait().unwrap().code()
    }
}
