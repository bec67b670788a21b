//! The program `reinstall`, run on an installation of its own.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::{LazyLock, Mutex, MutexGuard, PoisonError, RwLock};
use std::time::Duration;

use fixtures::faults::{Breakage, catalogue};
use fixtures::installation::{Environment, Installation, container_name, volume_name};
use fixtures::lab::around;
use fixtures::lab::packages::PackageCache;
use harness::{Look, until};
use libtest_mimic::Failed;
use serde_json::Value;
use tokio::runtime::Runtime;

/// How often, and for how long, it is looked whether an engine or a build has ended.
pub(crate) const EVERY: Duration = Duration::from_millis(20);
pub(crate) const ENDED: Duration = Duration::from_secs(60);

/// For what many tests at a time wait for.
pub(crate) static RUNTIME: LazyLock<Runtime> = LazyLock::new(|| Runtime::new().unwrap());
/// Held for writing by a test that no other one may disturb.
pub(crate) static ENGINE: RwLock<()> = RwLock::new(());
/// Held by a test that has planted the fault: its containers have the same names each time.
static PLANTED: LazyLock<BTreeMap<&str, Mutex<()>>> =
    LazyLock::new(|| catalogue().map(|fault| (fault.id, Mutex::default())).collect());
/// The tag of the BuildKit image, once the engine has it.
static IMAGE: LazyLock<Option<String>> = LazyLock::new(|| RUNTIME.block_on(load_image()));

/// A builder that many configurations share, and the definition of which they copy.
static SHARED: LazyLock<Client> = LazyLock::new(|| {
    let client = Client::with_builder(SHARED_BUILDER).unwrap();
    client.docker(&["buildx", "use", SHARED_BUILDER]);
    client
});
const SHARED_BUILDER: &str = "shared";
const PROGRAM: &str = env!("CARGO_BIN_EXE_reinstall");
/// A folder with what a lab tells the programs in it.
static LAB: LazyLock<tempfile::TempDir> = LazyLock::new(|| {
    let folder = tempfile::tempdir().unwrap();
    let cache = PackageCache::open().unwrap();
    RUNTIME.block_on(checks::lab::provide_devcontainers(&cache, folder.path()));
    folder
});

/// A client configuration of its own on the lab's engine.
pub(crate) struct Client {
    folder: tempfile::TempDir,
    variables: BTreeMap<String, String>,
}

/// What a run of the program came to.
#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
    pub(crate) report: Value,
}

impl Client {
    /// A sound configuration with nothing in it.
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("docker")).unwrap();
        let docker_config = folder.path().join("docker").display().to_string();
        let state = folder.path().join("state").display().to_string();
        // Commands that people are told to type name files in their home folder.
        let home = folder.path().join("home");
        std::fs::create_dir(&home).unwrap();
        std::os::unix::fs::symlink("../docker", home.join(".docker")).unwrap();
        let home = home.display().to_string();
        let variables = [("DOCKER_CONFIG", docker_config), ("XDG_STATE_HOME", state), ("HOME", home)];
        Self { folder, variables: variables.map(|(name, value)| (name.to_owned(), value)).into() }
    }

    /// The same with a builder of the docker-container driver that runs; none where there is no BuildKit image.
    pub(crate) fn with_builder(name: &str) -> Option<Self> {
        let client = Self::new();
        let image = format!("image={},network=host", IMAGE.as_ref()?);
        let create =
            ["buildx", "create", "--name", name, "--driver", "docker-container", "--driver-opt", &image];
        client.docker(&create);
        client.docker(&["buildx", "inspect", "--bootstrap", name]);
        Some(client)
    }

    /// A sound configuration with a builder that others use beside it.
    pub(crate) fn with_the_shared_builder() -> Self {
        let (client, from) = (Self::new(), SHARED.path("docker/buildx"));
        let copy = Command::new("cp").arg("-a").arg(from).arg(client.path("docker")).status().unwrap();
        assert!(copy.success());
        client
    }

    /// Ends what runs for this configuration alone.
    pub(crate) fn clear(&self) {
        self.remove_builders();
        self.end_engine();
    }

    /// Ends the engine of its own, where it has one.
    fn end_engine(&self) {
        // Most have no engine of their own; one removes this file when it ends.
        let file = self.path("docker/engine/pid");
        let Ok(process) = std::fs::read_to_string(&file) else { return };
        assert!(Command::new("kill").arg(process.trim()).status().unwrap().success());
        let gone = RUNTIME.block_on(until("the end of an engine", EVERY, ENDED, async || {
            if file.exists() { Look::NotYet("it runs".into()) } else { Look::Ready(()) }
        }));
        gone.unwrap();
    }

    /// Removes the containers and volumes of this configuration's builders, whatever state they are in.
    pub(crate) fn remove_builders(&self) {
        self.remove(&self.nodes());
    }

    /// The names of the nodes of its own builders.
    pub(crate) fn nodes(&self) -> Vec<String> {
        let builders = self.installation().builders().found.into_iter();
        let own = builders.filter(|builder| builder.name != SHARED_BUILDER);
        own.flat_map(|builder| builder.nodes).map(|node| node.name).collect()
    }

    /// Removes the containers and volumes of nodes, also of those that no definition names any more.
    pub(crate) fn remove(&self, nodes: &[String]) {
        for node in nodes {
            // Most were never started.
            let remove = ["container", "rm", "--force", &container_name(node)];
            let _ = self.command("docker".as_ref()).args(remove).output();
            let _ = self.command("docker".as_ref()).args(["volume", "rm", &volume_name(node)]).output();
        }
    }

    pub(crate) fn set(&mut self, name: &str, value: impl Into<String>) {
        self.variables.insert(name.into(), value.into());
    }

    /// Breaks it, and has the next process carry what that takes.
    pub(crate) fn plant(&mut self, breakage: Breakage) -> Result<(), Failed> {
        let planted = RUNTIME.block_on(breakage.plant(&self.installation()));
        for (name, value) in planted.map_err(|stop| stop.to_string())? {
            self.set(name, value);
        }
        Ok(())
    }

    pub(crate) fn unset(&mut self, name: &str) {
        self.variables.remove(name);
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Runs docker with this configuration.
    pub(crate) fn docker(&self, arguments: &[&str]) -> String {
        let output = self.command(Path::new("docker")).args(arguments).output().unwrap();
        assert!(output.status.success(), "docker {}: {output:?}", arguments.join(" "));
        String::from_utf8_lossy(&output.stdout).trim().to_owned()
    }

    /// Runs the program.
    pub(crate) fn reinstall(&self, arguments: &[&str]) -> Run {
        self.run(self.command(PROGRAM.as_ref()).args(arguments))
    }

    /// Writes a `reinstall.toml` that asks for a builder of this image.
    pub(crate) fn wish_for(&self, image: &str) {
        let wish = format!(
            "select = \"reinstall\"\n[builders.reinstall]\nimage = \"{image}\"\ndriver-opts = {{ network = \"host\" }}\n"
        );
        std::fs::write(self.path("reinstall.toml"), wish).unwrap();
    }

    /// Runs the program where it finds that `reinstall.toml`.
    pub(crate) fn reinstall_as_wished(&self, arguments: &[&str]) -> Run {
        self.run(self.command(PROGRAM.as_ref()).args(arguments).current_dir(self.path("")))
    }

    fn run(&self, command: &mut Command) -> Run {
        let Output { status, stdout, stderr } = command.output().unwrap();
        let report = std::fs::read(self.path("state/buildkit-reinstall/runs/latest/report.json"));
        Run {
            code: status.code().unwrap_or(-1),
            stdout: String::from_utf8_lossy(&stdout).into_owned(),
            stderr: String::from_utf8_lossy(&stderr).into_owned(),
            report: report.map_or(Value::Null, |bytes| serde_json::from_slice(&bytes).unwrap()),
        }
    }

    /// The same, told that the live installation is in a lab: nobody would miss it.
    pub(crate) fn reinstall_in_a_lab(&self, arguments: &[&str]) -> Run {
        let folder = LAB.path().display().to_string();
        self.reinstall(&[arguments, &["--lab-folder", &folder]].concat())
    }

    /// The same configuration as the fixtures see it.
    pub(crate) fn installation(&self) -> Installation {
        let inherited =
            ["PATH", "HOME"].map(|name| (name.to_owned(), std::env::var(name).unwrap_or_default()));
        let variables = inherited.into_iter().chain(self.variables.clone());
        Installation::of(Environment::of(variables)).unwrap()
    }

    pub(crate) fn command(&self, program: &Path) -> Command {
        let mut command = Command::new(program);
        for name in ["DOCKER_HOST", "DOCKER_CONTEXT", "BUILDX_BUILDER", "BUILDX_CONFIG", "REINSTALL_TARGET"] {
            command.env_remove(name);
        }
        command.envs(&self.variables);
        command
    }
}

impl Run {
    /// What the report says of a check.
    pub(crate) fn check(&self, name: &str) -> &Value {
        let checks = self.report["checks"].as_array().into_iter().flatten();
        checks.into_iter().find(|check| check["name"] == name).unwrap_or(&Value::Null)
    }

    /// The names of the checks with this outcome.
    pub(crate) fn with_outcome(&self, outcome: &str) -> Vec<&str> {
        let checks = self.report["checks"].as_array().into_iter().flatten();
        let checks = checks.filter(|check| check["outcome"] == outcome);
        checks.filter_map(|check| check["name"].as_str()).collect()
    }
}

/// Ends what others have left to build in the builder that they share. For a test that no other one may disturb.
pub(crate) fn end_builds() {
    // It may not be there yet.
    let restart = ["restart", &container_name(&format!("{SHARED_BUILDER}0"))];
    let _ = Command::new("docker").args(restart).output();
}

/// Waits until nobody else has planted this on the engine; nothing where several may at a time.
pub(crate) fn turn_of(breakage: Breakage) -> Option<MutexGuard<'static, ()>> {
    match breakage {
        Breakage::Fault(fault, _) => {
            let planted = PLANTED.get(fault.id)?;
            Some(planted.lock().unwrap_or_else(PoisonError::into_inner))
        }
        Breakage::Wrapper(_) => None,
    }
}

/// Makes sure that the engine has the BuildKit image, where there is one; its tag.
pub(crate) fn load_image_once() -> Option<&'static str> {
    IMAGE.as_deref()
}

async fn load_image() -> Option<String> {
    let image = around::image().await.ok()?;
    let loaded =
        Command::new("docker").args(["load", "--quiet", "--input"]).arg(&image.archive).output().ok()?;
    loaded.status.success().then_some(image.tag)
}
