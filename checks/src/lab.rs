//! Getting into a lab: making one, and running this same program inside it.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use fixtures::lab::buildkit_image::{self, BuildKitImage};
use fixtures::lab::npm;
use fixtures::lab::packages::{PackageCache, Suite};
use fixtures::lab::progress::Progress;
use fixtures::lab::{ImageStore, Lab, LabSpec, Owner};
use harness::{Exit, Look, Stop, until};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::cli::LAB_FOLDER;

/// How long BuildKit may take to be built from source on a slow machine.
pub(crate) const IMAGE_BUILD: Duration = Duration::from_secs(20 * 60);
/// How long npm may take on a slow line.
pub(crate) const FETCH: Duration = Duration::from_secs(60);
const IMAGE: &str = "buildkit-image.json";
const DEV_CONTAINERS: &str = "devcontainers.json";

/// Whether there is a BuildKit image for docker-container builders, once that is known.
type ImageAnswer = Result<BuildKitImage, String>;

/// Runs this program again inside a lab, with the same arguments; the lab is made first, unless this run has one already.
/// What is to be a JUnit file elsewhere is brought out of the lab afterwards.
pub fn judge_inside(
    suite: Suite,
    image_store: Option<ImageStore>,
    runs: &Path,
    junit: Option<&Path>,
) -> ExitCode {
    let entered = tokio::runtime::Runtime::new()
        .map_err(|error| format!("no runtime: {error}"))
        .and_then(|runtime| runtime.block_on(enter(suite, image_store, runs)))
        .and_then(|code| junit.map_or(Ok(()), |path| bring_out(runs, path)).map(|()| code));
    entered.unwrap_or_else(|line| {
        eprintln!("error: {line}");
        Exit::Usage.into()
    })
}

/// Copies the JUnit file of the latest run to `path`.
fn bring_out(runs: &Path, path: &Path) -> Result<(), String> {
    let copied = std::fs::read(runs.join("latest/junit.xml"))
        .and_then(|report| harness::run_folder::write_whole(path, &report));
    copied.map_err(|error| format!("cannot write {}: {error}", path.display()))
}

async fn enter(suite: Suite, image_store: Option<ImageStore>, runs: &Path) -> Result<ExitCode, String> {
    eprintln!(
        "reinstall: a lab of Debian {suite}: a real engine in namespaces of its own; nothing of this machine changes"
    );
    let cache = PackageCache::open().map_err(|error| error.to_string())?;
    let progress = Progress::stderr();
    let (folder, owner) = place_and_owner(runs)?;
    let spec = LabSpec::from_packages(suite, folder.clone(), &cache, &progress).await;
    let mut spec = shared(spec.map_err(|error| harness::outcome::chain(&error))?, runs)?;
    spec.image_store = image_store.unwrap_or(spec.image_store);
    let lab = Lab::find_or_start(spec, owner).await.map_err(|error| harness::outcome::chain(&error))?;
    let arguments = std::env::args_os().skip(1);
    let inside = lab.exec_self(arguments.chain([LAB_FOLDER.into(), folder.clone().into()]));
    let provided = async {
        tokio::join!(provide_devcontainers(&cache, &folder), provide_image(&cache, &folder, &progress))
    };
    tokio::pin!(inside, provided);
    let status = tokio::select! {
        status = &mut inside => status,
        _ = &mut provided => inside.await,
    };
    let status = status.map_err(|error| format!("cannot run in the lab: {error}"))?;
    if !one_of_many() {
        lab.stop().map_err(|error| harness::outcome::chain(&error))?;
    }
    Ok(ExitCode::from(status.code().and_then(|code| u8::try_from(code).ok()).unwrap_or(Exit::Broken.code())))
}

/// A runner that starts one process per check shares one lab among them, which lives as long as the runner.
fn one_of_many() -> bool {
    std::env::var_os("NEXTEST_RUN_ID").is_some()
}

fn place_and_owner(runs: &Path) -> Result<(PathBuf, Owner), String> {
    let labs = runs.with_file_name("labs");
    let (name, owner) = match std::env::var("NEXTEST_RUN_ID") {
        Ok(id) => (id, Owner::parent_process()),
        Err(_) => (std::process::id().to_string(), Owner::this_process()),
    };
    Ok((labs.join(name), owner.map_err(|error| format!("cannot watch the owner of a lab: {error}"))?))
}

/// The checkout, the program, and what runs leave are the same inside and outside; restore points are not: those of a lab
/// go with it.
fn shared(spec: LabSpec, runs: &Path) -> Result<LabSpec, String> {
    let checkout = std::env::current_dir().map_err(|error| format!("no working folder: {error}"))?;
    let program = std::env::current_exe().map_err(|error| format!("no program: {error}"))?;
    let labs = spec.folder.parent().unwrap_or(&spec.folder).to_owned();
    for folder in [runs, &labs] {
        std::fs::create_dir_all(folder)
            .map_err(|error| format!("cannot make {}: {error}", folder.display()))?;
    }
    Ok(spec.share(checkout).share(runs).share(labs).share(program.parent().unwrap_or(&program)))
}

/// Builds the BuildKit image while the lab is in use already, and leaves word of it in the lab's folder.
async fn provide_image(cache: &PackageCache, folder: &Path, progress: &Progress) {
    let image = buildkit_image::ensure(cache, progress).await;
    let answer: ImageAnswer = image.map_err(|error| harness::outcome::chain(&error));
    leave_word(folder, IMAGE, &answer);
}

/// The same for the program that editors build dev containers by.
pub async fn provide_devcontainers(cache: &PackageCache, folder: &Path) {
    let program = npm::devcontainers(cache).await.map_err(|error| harness::outcome::chain(&error));
    leave_word(folder, DEV_CONTAINERS, &program);
}

fn leave_word(folder: &Path, name: &str, answer: &impl Serialize) {
    let written = serde_json::to_vec(answer)
        .map_err(std::io::Error::from)
        .and_then(|bytes| harness::run_folder::write_whole(&folder.join(name), &bytes));
    if let Err(error) = written {
        eprintln!("cannot leave word in {}: {error}", folder.join(name).display());
    }
}

/// The BuildKit image of the lab in `folder`, waited for while it is being built; or why there is none.
///
/// # Errors
/// When nobody tells.
pub async fn image(folder: &Path) -> Result<ImageAnswer, Stop> {
    word(folder, IMAGE, IMAGE_BUILD).await
}

/// The program `devcontainer` for the lab in `folder`, waited for while it is being fetched; or why there is none.
///
/// # Errors
/// When nobody tells.
pub(crate) async fn devcontainers(folder: &Path) -> Result<Result<PathBuf, String>, Stop> {
    word(folder, DEV_CONTAINERS, FETCH).await
}

async fn word<T: DeserializeOwned>(folder: &Path, name: &str, up_to: Duration) -> Result<T, Stop> {
    let path = folder.join(name);
    let what = format!("word in {}", path.display());
    let answer = until(&what, Duration::from_millis(50), up_to, || async {
        match std::fs::read(&path) {
            Ok(bytes) => serde_json::from_slice(&bytes)
                .map_or_else(|error| Look::Never(format!("{}: {error}", path.display())), Look::Ready),
            Err(error) => Look::NotYet(format!("{}: {error}", path.display())),
        }
    });
    Ok(answer.await?)
}
