//! Somebody whose installation is full of secrets, and who types `reinstall`.

use std::cell::RefCell;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use fixtures::lab::around;

use crate::found::Heard;
use crate::planted::Planted;

/// The builder that runs.
pub(crate) const BUILDER: &str = "canaries";

pub(crate) struct Owner {
    folder: tempfile::TempDir,
    variables: Vec<(&'static str, String)>,
    pub(crate) planted: Planted,
    /// Everything that the program said.
    pub(crate) heard: RefCell<Vec<Heard>>,
}

/// What became of something that was typed.
#[derive(Debug)]
pub(crate) struct Typed {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Owner {
    pub(crate) async fn new() -> Self {
        let mut planted = Planted::default();
        let folder = tempfile::tempdir().unwrap();
        let docker = folder.path().join("docker");
        planted.docker(&docker);
        planted.buildx(&docker.join("buildx"), folder.path());
        let variables = planted.variables();
        let mut owner = Self { folder, variables, planted, heard: RefCell::default() };
        owner.create_builder().await;
        owner.build_with_arguments();
        owner
    }

    async fn create_builder(&mut self) {
        let image = around::image().await.unwrap();
        let inspect =
            self.command(Path::new("docker")).args(["image", "inspect", &image.tag]).output().unwrap();
        // Loading it again takes as long as the first time.
        if !inspect.status.success() {
            self.docker(&["load", "--quiet", "--input", &image.archive.display().to_string()]);
        }
        let tag = format!("image={},network=host", image.tag);
        let secret = self.planted.builder(self.folder.path());
        let mut words =
            vec!["buildx", "create", "--name", BUILDER, "--use", "--bootstrap", "--driver-opt", &tag];
        words.extend(secret.iter().map(String::as_str));
        self.docker(&words);
        self.planted.definition(&self.docker_config().join("buildx/instances").join(BUILDER));
        let token = self.path("token");
        fs::write(&token, self.planted.canary("reinstall.toml from-file")).unwrap();
        let desired = format!(
            "select = \"new\"\n[builders.new]\nimage = \"{}\"\n[builders.new.driver-opts]\n\
             \"env.TOKEN\" = {{ from-file = \"{}\" }}\n\"env.OTHER\" = {{ from-env = \"GITHUB_TOKEN\" }}\n",
            image.tag,
            token.display()
        );
        fs::write(self.folder.path().join("reinstall.toml"), desired).unwrap();
    }

    /// Builds whose history remembers their arguments in clear text.
    fn build_with_arguments(&mut self) {
        let sources = self.folder.path().join("sources");
        fs::create_dir(&sources).unwrap();
        fs::write(
            sources.join("Dockerfile"),
            "FROM scratch\nARG TOKEN\nLABEL token=$TOKEN\nCOPY Dockerfile /\n",
        )
        .unwrap();
        for (builder, place) in [(BUILDER, "a builder's history"), ("default", "the engine's history")] {
            let argument = format!("TOKEN={}", self.planted.canary(place));
            let sources = sources.display().to_string();
            let words = [
                "buildx",
                "build",
                "--builder",
                builder,
                "--build-arg",
                &argument,
                "--output",
                "type=cacheonly",
            ];
            self.docker(&[&words[..], &[sources.as_str()]].concat());
        }
    }

    pub(crate) fn docker_config(&self) -> PathBuf {
        self.folder.path().join("docker")
    }

    pub(crate) fn state(&self) -> PathBuf {
        self.folder.path().join("state")
    }

    /// A file of this person's own.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn command(&self, program: &Path) -> Command {
        let mut command = Command::new(program);
        for name in ["DOCKER_HOST", "DOCKER_CONTEXT", "BUILDX_BUILDER", "BUILDX_CONFIG", "REINSTALL_TARGET"] {
            command.env_remove(name);
        }
        command
            .current_dir(self.folder.path())
            .envs(self.variables.iter().map(|(name, value)| (name, value)));
        command.env("DOCKER_CONFIG", self.docker_config()).env("XDG_STATE_HOME", self.state());
        command
    }

    pub(crate) fn docker(&self, words: &[&str]) {
        let output = self.command(Path::new("docker")).args(words).output().unwrap();
        assert!(output.status.success(), "docker {words:?}: {}", String::from_utf8_lossy(&output.stderr));
    }

    /// Types `reinstall` with these words, and remembers what it said.
    pub(crate) fn types(&self, words: &[&str]) -> Typed {
        let output = self.command(Path::new(env!("CARGO_BIN_EXE_reinstall"))).args(words).output().unwrap();
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let typed = Typed {
            code: output.status.code().unwrap(),
            out: text(&output.stdout),
            err: text(&output.stderr),
        };
        let said = [output.stdout, output.stderr].concat();
        self.heard.borrow_mut().push(Heard { from: format!("reinstall {}", words.join(" ")), said });
        typed
    }

    /// The words of the run that a plan ends with.
    pub(crate) fn agreed(&self) -> Vec<String> {
        let plan = self.types(&["plan", "--unreachable", "keep"]);
        assert_eq!(plan.code, 0, "{plan:?}");
        plan.out.lines().last().unwrap().trim().split(' ').skip(1).map(str::to_owned).collect()
    }

    /// Makes sure that every planted file is as it was planted.
    pub(crate) fn has_everything_back(&self) {
        for (path, bytes, mode) in &self.planted.files {
            let found = fs::read(path).unwrap_or_default();
            assert!(found == *bytes, "{} is not as it was planted", path.display());
            let is = fs::metadata(path).unwrap().permissions().mode() & 0o777;
            assert_eq!(is, *mode, "{}", path.display());
        }
    }

    /// Takes away what this person has on the engine.
    pub(crate) fn leaves(self) {
        for builder in [BUILDER, "new"] {
            let container = format!("buildx_buildkit_{builder}0");
            // Which of them is there depends on how far the test came.
            let _ = self.command(Path::new("docker")).args(["rm", "--force", &container]).output();
            let volume = format!("{container}_state");
            let _ = self.command(Path::new("docker")).args(["volume", "rm", &volume]).output();
        }
    }
}
