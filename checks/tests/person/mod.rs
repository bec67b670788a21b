//! Somebody with a builder of their own, who types `reinstall`. In a lab.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use fixtures::installation::{Environment, Installation};
use fixtures::lab::around;
use fixtures::lab::buildkit_image::BuildKitImage;

/// A person with a docker configuration, a state folder and a builder.
pub(crate) struct Person {
    folder: tempfile::TempDir,
    pub(crate) installation: Installation,
}

impl Person {
    /// Somebody new, who wants to have the same builder again, but for its parallelism.
    pub(crate) async fn with_builder(builder: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let config = folder.path().join("docker");
        fs::create_dir(&config).unwrap();
        let environment =
            Environment::of_this_process().with("DOCKER_CONFIG", &config).with("BUILDX_CONFIG", "");
        let installation = Installation::of(environment).unwrap();
        let BuildKitImage { archive, tag, .. } = around::image().await.unwrap();
        let docker = || installation.docker();
        // Loading it again takes as long as the first time.
        if docker().args(["image", "inspect", &tag]).run_ok().await.is_err() {
            docker().args(["load", "--quiet", "--input"]).arg(archive).run_ok().await.unwrap();
        }
        let image = format!("image={tag}");
        let create = ["buildx", "create", "--name", builder, "--use", "--bootstrap", "--driver-opt", &image];
        docker().args(create).run_ok().await.unwrap();
        let desired =
            format!("select = \"{builder}\"\n[builders.{builder}]\nimage = \"{tag}\"\nmax-parallelism = 2\n");
        fs::write(folder.path().join("reinstall.toml"), desired).unwrap();
        Self { folder, installation }
    }

    /// The folder of all that this person has but the state of an engine.
    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// `reinstall` with these words, in this person's folder.
    pub(crate) fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_reinstall"));
        command.args(words).current_dir(self.folder());
        command.env("DOCKER_CONFIG", self.installation.docker_config()).env_remove("BUILDX_CONFIG");
        command.env("XDG_STATE_HOME", self.folder().join("state"));
        command
    }

    /// Types it, and waits for its end.
    pub(crate) fn types(&self, words: &[&str]) -> Typed {
        Typed::of(self.command(words).output().unwrap())
    }

    /// The words of the run that the plan ends with.
    pub(crate) fn agreed(&self) -> Vec<String> {
        let plan = self.types(&["plan"]);
        assert_eq!(plan.code, 0, "{plan:?}");
        assert!(plan.out.lines().all(|line| line.chars().count() <= 80), "{}", plan.out);
        let last = plan.out.lines().last().unwrap().trim();
        last.split(' ').skip(1).map(str::to_owned).collect()
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
