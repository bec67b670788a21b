//! The program `reinstall`, run on an installation of its own.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::{LazyLock, RwLock};

use fixtures::installation::{Environment, Installation, container_name, volume_name};
use fixtures::lab::around;
use serde_json::Value;
use tokio::runtime::Runtime;

/// For what many tests at a time wait for.
pub(crate) static RUNTIME: LazyLock<Runtime> = LazyLock::new(|| Runtime::new().unwrap());
/// Held for writing by a test that no other one may disturb.
pub(crate) static ENGINE: RwLock<()> = RwLock::new(());
/// The tag of the BuildKit image, once the engine has it.
static IMAGE: LazyLock<Option<String>> = LazyLock::new(|| RUNTIME.block_on(load_image()));

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
        let variables = [("DOCKER_CONFIG", docker_config), ("XDG_STATE_HOME", state)];
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

    /// Removes the containers and volumes of this configuration's builders, whatever state they are in.
    pub(crate) fn remove_builders(&self) {
        let nodes = self.installation().builders().found.into_iter().flat_map(|builder| builder.nodes);
        for node in nodes {
            // Most were never started.
            let remove = ["container", "rm", "--force", &container_name(&node.name)];
            let _ = self.command("docker".as_ref()).args(remove).output();
            let _ = self.command("docker".as_ref()).args(["volume", "rm", &volume_name(&node.name)]).output();
        }
    }

    pub(crate) fn set(&mut self, name: &str, value: impl Into<String>) {
        self.variables.insert(name.into(), value.into());
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
        let output =
            self.command(Path::new(env!("CARGO_BIN_EXE_reinstall"))).args(arguments).output().unwrap();
        let Output { status, stdout, stderr } = output;
        let report = std::fs::read(self.path("state/buildkit-reinstall/runs/latest/report.json"));
        Run {
            code: status.code().unwrap_or(-1),
            stdout: String::from_utf8_lossy(&stdout).into_owned(),
            stderr: String::from_utf8_lossy(&stderr).into_owned(),
            report: report.map_or(Value::Null, |bytes| serde_json::from_slice(&bytes).unwrap()),
        }
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

/// Makes sure that the engine has the BuildKit image, where there is one.
pub(crate) fn load_image_once() {
    LazyLock::force(&IMAGE);
}

async fn load_image() -> Option<String> {
    let image = around::image().await.ok()?;
    let loaded =
        Command::new("docker").args(["load", "--quiet", "--input"]).arg(&image.archive).output().ok()?;
    loaded.status.success().then_some(image.tag)
}
