//! Somebody with a builder, who types `reinstall`.

use std::fs;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::Mutex;
use std::time::Duration;

use fixtures::installation::{Environment, Installation, container_name};
use fixtures::inventory::{Difference, Inventory};
use fixtures::lab::around;
use fixtures::lab::buildkit_image::BuildKitImage;
use fixtures::sentinel::Planted;
use fixtures::{rollback, transaction};
use harness::{Look, until};

/// A person with a docker configuration, a state folder and a builder of their own.
pub(crate) struct Client {
    folder: tempfile::TempDir,
    pub(crate) installation: Installation,
    /// The installation as it was found.
    pub(crate) before: Inventory,
    planted: Planted,
}

impl Client {
    pub(crate) async fn new(builder: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let config = folder.path().join("docker");
        fs::create_dir(&config).unwrap();
        let environment =
            Environment::of_this_process().with("DOCKER_CONFIG", &config).with("BUILDX_CONFIG", "");
        let installation = Installation::of(environment).unwrap();
        let BuildKitImage { archive, tag, .. } = around::image().await.unwrap();
        let docker = || installation.docker();
        docker().args(["load", "--quiet", "--input"]).arg(archive).run_ok().await.unwrap();
        let image = format!("image={tag}");
        let create = ["buildx", "create", "--name", builder, "--use", "--bootstrap", "--driver-opt", &image];
        docker().args(create).run_ok().await.unwrap();
        let desired =
            format!("select = \"{builder}\"\n[builders.{builder}]\nimage = \"{tag}\"\nmax-parallelism = 2\n");
        fs::write(folder.path().join("reinstall.toml"), desired).unwrap();
        let planted = Planted::plant(builder, folder.path(), &installation).await.unwrap();
        let before = transaction::inventory(&installation).await;
        Self { folder, installation, before, planted }
    }

    /// `reinstall` with these words, in this person's folder.
    fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new(crate::program());
        command.args(words).current_dir(self.folder.path());
        command.env("DOCKER_CONFIG", self.installation.docker_config()).env_remove("BUILDX_CONFIG");
        command.env("XDG_STATE_HOME", self.folder.path().join("state"));
        command
    }

    /// Types it, and waits for its end.
    pub(crate) fn types(&self, words: &[&str]) -> Typed {
        Typed::of(self.command(words).output().unwrap())
    }

    /// Types it, in a process group of its own, and does not wait.
    pub(crate) fn begins(&self, words: &[&str]) -> Begun {
        let (mut command, earlier) = (self.command(words), self.transaction());
        command.process_group(0).stdout(Stdio::null()).stderr(Stdio::null());
        Begun { process: command.spawn().unwrap(), earlier }
    }

    /// The words of the run that the plan ends with.
    pub(crate) fn agreed(&self) -> Vec<String> {
        let plan = self.types(&["plan"]);
        assert_eq!(plan.code, 0, "{plan:?}");
        assert!(plan.out.lines().all(|line| line.chars().count() <= 80), "{}", plan.out);
        let last = plan.out.lines().last().unwrap().trim();
        last.split(' ').skip(1).map(str::to_owned).collect()
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
        let folder = self.folder.path().join("state/buildkit-reinstall/transactions");
        fs::read_dir(folder).ok()?.flatten().map(|entry| entry.path()).max()
    }

    /// Makes sure that the installation is as it was found, the sentinel included.
    pub(crate) async fn is_as_it_was(&self, when: &str) {
        let mut verdict = rollback::verify(&self.before, &transaction::inventory(&self.installation).await);
        // The program's own sentinel has been built in the meantime.
        let is_built_since = |at: &str| [".cache[", ".history["].iter().any(|list| at.contains(list));
        verdict.differences.retain(|change| {
            !(is_built_since(&change.at) && matches!(change.difference, Difference::Added(_)))
        });
        assert!(verdict.is_as_before(), "{when}: {:#?}", verdict.differences);
        let reading = self.planted.sentinel.build(&self.installation).await.unwrap();
        assert_eq!(self.planted.differs(&reading), None, "{when}");
    }

    /// Makes sure that the installation is as `reinstall.toml` says, and works.
    pub(crate) async fn is_reinstalled(&self, when: &str) {
        let now = transaction::inventory(&self.installation).await;
        let definition = |inventory: &Inventory| inventory.client.builders[0].blake3.clone();
        assert_ne!(definition(&now), definition(&self.before), "{when}");
        let reading = self.planted.sentinel.build(&self.installation).await.unwrap();
        assert!(!reading.executed.is_empty(), "{when}: the old cache is still there");
        assert!(self.planted.differs(&reading).unwrap().contains("not cached"), "{when}");
    }

    /// Waits until the builder's container does not run any more.
    pub(crate) async fn builder_stops(&self) {
        let name = format!("name={}", container_name(&format!("{}0", self.planted.sentinel.builder)));
        let stopped =
            until("the builder to stop", Duration::from_millis(1), Duration::from_secs(60), || async {
                let running =
                    self.installation.docker().args(["ps", "--quiet", "--filter", &name]).run_ok().await;
                if running.unwrap().stdout.is_empty() {
                    Look::Ready(())
                } else {
                    Look::NotYet("it runs".into())
                }
            });
        stopped.await.unwrap();
    }

    /// What consent has to repeat.
    pub(crate) async fn installation_name(&self) -> String {
        transaction::name(&self.installation).await
    }

    pub(crate) fn state(&self) -> &Path {
        self.folder.path()
    }

    /// Takes away what this person had on the engine.
    pub(crate) async fn leaves(self) {
        let docker = self.installation.docker();
        docker.args(["buildx", "rm", &self.planted.sentinel.builder]).run_ok().await.unwrap();
    }
}

/// What became of something that was typed.
#[derive(Debug)]
pub(crate) struct Typed {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Typed {
    fn of(output: Output) -> Self {
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        Self { code: output.status.code().unwrap(), out: text(output.stdout), err: text(output.stderr) }
    }
}

/// Something that was typed and not waited for.
pub(crate) struct Begun {
    process: Child,
    /// The newest transaction of before.
    earlier: Option<PathBuf>,
}

impl Begun {
    /// Kills it and all that it started, as `kill -9` does.
    pub(crate) fn kill(mut self) {
        let group = format!("-{}", self.process.id());
        // Where it has just ended, there is nobody to kill.
        Command::new("kill").args(["-9", "--", &group]).stderr(Stdio::null()).status().unwrap();
        self.process.wait().unwrap();
    }

    /// Waits for its end.
    pub(crate) fn ends(mut self) -> Option<i32> {
        self.process.wait().unwrap().code()
    }
}
