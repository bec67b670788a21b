//! What somebody else has on the same engine and in the same folders. No run may touch it.

use std::fs;
use std::path::{Path, PathBuf};

use fixtures::backup::Tree;
use fixtures::installation::{Installation, context_id};

/// Called like the volume of a builder, of which this client has no definition.
const VOLUME: &str = "buildx_buildkit_somebody0_state";
const CONTAINER: &str = "buildx_buildkit_somebody0";
const IMAGE: &str = "somebody/work:1";
const CONTEXT: &str = "somebodys";

/// Somebody else's container, volume, image and context, as they are to stay.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Foreign {
    /// What the engine says of its objects, a line each.
    engine: Vec<String>,
    /// The volume's files.
    volume: String,
    /// The context's files.
    context: String,
}

impl Foreign {
    /// Plants them in an engine, once, and in a client.
    pub(crate) async fn plant(installation: &Installation) -> Self {
        plant_context(installation);
        if ask(installation, &["volume", "inspect", VOLUME]).await.is_none() {
            plant_on_engine(installation).await;
        }
        Self::find(installation).await
    }

    /// As they are now.
    pub(crate) async fn find(installation: &Installation) -> Self {
        let asked: [&[&str]; 3] = [
            &[
                "container",
                "inspect",
                "--format",
                "{{.Id}} {{.Created}} {{.Image}} {{.State.Status}}",
                CONTAINER,
            ],
            &["volume", "inspect", "--format", "{{.Name}} {{.CreatedAt}} {{.Labels}}", VOLUME],
            &["image", "inspect", "--format", "{{.Id}} {{.Created}}", IMAGE],
        ];
        let mut engine = Vec::new();
        for words in asked {
            engine.push(ask(installation, words).await.unwrap_or_else(|| format!("no {}", words[4])));
        }
        let context = lines(&installation.contexts_folder().join(context_id(CONTEXT)));
        Self { engine, volume: lines(&data(VOLUME)), context }
    }
}

/// Where the engine keeps the files of a volume.
pub(crate) fn data(volume: &str) -> PathBuf {
    Path::new("/var/lib/docker/volumes").join(volume).join("_data")
}

fn lines(folder: &Path) -> String {
    Tree::of_folder(folder).manifest(&()).map_or_else(|error| error.to_string(), |tree| tree.to_lines())
}

fn plant_context(installation: &Installation) {
    let folder = installation.contexts_folder().join(context_id(CONTEXT));
    fs::create_dir_all(&folder).unwrap();
    let meta = format!(
        r#"{{"Name":"{CONTEXT}","Metadata":{{"kept":[1]}},"Endpoints":{{"docker":{{"Host":"unix:///run/nobody.sock"}}}}}}"#
    );
    fs::write(folder.join("meta.json"), meta).unwrap();
}

async fn plant_on_engine(installation: &Installation) {
    let sources = tempfile::tempdir().unwrap();
    let archive = sources.path().join("work.tar");
    fs::write(sources.path().join("work"), "somebody's\n").unwrap();
    let mut tar = std::process::Command::new("tar");
    tar.arg("--create").arg("--file").arg(&archive).arg("--directory").arg(sources.path()).arg("work");
    assert!(tar.status().unwrap().success());
    for words in [
        &["image", "import", archive.to_str().unwrap(), IMAGE] as &[&str],
        &["volume", "create", VOLUME],
        &[
            "container",
            "create",
            "--name",
            CONTAINER,
            "--volume",
            &format!("{VOLUME}:/var/lib/buildkit"),
            IMAGE,
            "/work",
        ],
    ] {
        installation.docker().args(words).run_ok().await.unwrap();
    }
    fs::write(data(VOLUME).join("cache.db"), "somebody's cache").unwrap();
}

async fn ask(installation: &Installation, words: &[&str]) -> Option<String> {
    let said = installation.docker().args(words).run_ok().await.ok()?;
    Some(said.stdout.trim().to_owned())
}
