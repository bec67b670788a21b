//! Scenario: the commands that people type every day, and the programs that type them for people.

mod editors;
mod environment;

use std::collections::HashMap;
use std::io::Write;
use std::path::Path;
use std::time::Duration;

use fixtures::builds::{Build, BuildError, Output};
use fixtures::image::Layout;
use fixtures::projects::{BAKE, BUILD_ARGS, COMPOSE, EDITOR, SECRET, THREE_STEPS, WAITS};
use futures_util::StreamExt;
use harness::{Doing, Failure, Look, Stop, Tool, Verdict, expect, until};

use crate::Cx;
use crate::building::{self, images, text, unanswered};

/// How often a condition is looked at.
const EVERY: Duration = Duration::from_millis(20);
/// How long BuildKit may take to notice that a build began or ended.
const NOTICED: Duration = Duration::from_secs(20);

/// `docker build`, as the user's shell runs it, goes through BuildKit.
#[harness::check(
    covers = "4.4.1",
    stage = Installed,
    after = "validate::builder_functionality::buildx_answers",
    within = "60s"
)]
async fn docker_build_goes_through_buildkit(cx: &Cx) -> Verdict {
    let (sources, result) = (cx.project(&BUILD_ARGS).await?, cx.desk().place("result").await?);
    let build = Build::by_docker_build(cx.client_as_user().await?, &sources).run_id(cx.desk().run());
    let record = build.output(Output::Folder(&result)).run().await?;
    expect("steps that BuildKit ran", record.executed()).is_not_empty()?;
    expect("what was built", text(&result, "environment")?).contains("WORD=default")
}

/// `docker buildx build`, as the user's shell runs it, builds what it should.
#[harness::check(
    covers = ["4.4.1", "4.4.5"],
    needs(SelectedBuilder),
    stage = Installed,
    after = "validate::builder_functionality::buildx_answers",
    within = "60s"
)]
async fn buildx_builds_in_the_users_environment(cx: &Cx) -> Verdict {
    let (sources, result) = (cx.project(&BUILD_ARGS).await?, cx.desk().place("result").await?);
    let docker = cx.client_as_user().await?.args(["buildx", "build", "--label", &cx.run_label(), "--output"]);
    docker.arg(format!("type=local,dest={}", result.display())).arg(sources.folder()).run_ok().await?;
    expect("what was built", text(&result, "environment")?).contains("WORD=default")
}

/// A result that is loaded into the engine is there under its tag, with its labels.
#[harness::check(
    covers = ["4.4.1", "4.4.5"],
    stage = Installed,
    after = "validate::builder_functionality::builder_builds",
    within = "60s"
)]
async fn loaded_image_is_in_the_engine(cx: &Cx) -> Verdict {
    let tag = format!("buildkit-reinstall/loaded:{}", cx.desk().salt());
    let sources = cx.project(&BUILD_ARGS).await?;
    cx.build(&sources).await?.arg("WORD", "loaded").output(Output::Engine(&tag)).run().await?;
    expect("the image's label", label_of(cx, &tag, "word").await?.as_str()).equals("loaded")
}

/// Bake builds every target of a group, each with its own argument.
#[harness::check(
    covers = "4.4.1",
    stage = Installed,
    after = "validate::builder_functionality::builder_builds",
    within = "60s"
)]
async fn bake_builds_every_target(cx: &Cx) -> Verdict {
    let (sources, result) = (cx.project(&BAKE).await?, cx.desk().place("result").await?);
    let bake = Build::by_bake(cx.client().await?, &sources, &[]).builder(&cx.builder().await?.name);
    let bake = bake.option("--set", format!("*.labels.{}", cx.run_label()));
    let set_output = |bake: Build, target: &&str| {
        bake.option("--set", format!("{target}.output=type=local,dest={}/{target}", result.display()))
    };
    let targets = ["one", "two"];
    targets.iter().fold(bake, set_output).run().await?;
    for target in targets {
        expect(format!("what {target} was built with"), text(&result, &format!("{target}/environment"))?)
            .contains(&format!("WORD={target}"))?;
    }
    Ok(())
}

/// Compose builds two services through BuildKit, and each image holds what its service asks for.
#[harness::check(
    covers = ["4.4.2", "4.4.1"],
    needs(Compose, SelectedBuilder),
    stage = Installed,
    after = "validate::builder_functionality::buildx_answers",
    within = "120s"
)]
async fn compose_builds_two_services(cx: &Cx) -> Verdict {
    let services = Services::of(cx).await?;
    services.compose(cx).await?.arg("build").run_ok().await?;
    expect("builds of compose that BuildKit remembers", remembered(cx, &services.name).await?).at_least(1)?;
    for service in ["front", "back"] {
        let made = content_of(cx, &services.image(service), "made").await?;
        expect(format!("what the image of {service} holds"), made).equals(format!("{service}\n"))?;
    }
    Ok(())
}

/// Services that compose has built run, and say what their images hold.
#[harness::check(
    covers = "4.4.2",
    needs(Compose, Lab),
    stage = Installed,
    after = "validate::builder_functionality::buildx_answers",
    within = "120s"
)]
async fn compose_services_run(cx: &Cx) -> Verdict {
    let services = Services::of(cx).await?;
    let up = ["--project-name", "buildkit-reinstall", "up", "--build", "--no-log-prefix"];
    let said = services.compose(cx).await?.args(up).run_ok().await;
    services.compose(cx).await?.args(["--project-name", "buildkit-reinstall", "down"]).run_ok().await?;
    let said = said?.stdout;
    expect("what the services say", said.as_str()).contains("front")?;
    expect("what the services say", said.as_str()).contains("back")
}

/// A step that fails ends the build, which names the step.
#[harness::check(
    covers = ["4.4.4", "4.4.5"],
    stage = Installed,
    after = "validate::builder_functionality::builder_builds",
    within = "60s"
)]
async fn failing_step_is_named(cx: &Cx) -> Verdict {
    let sources = cx.project(&THREE_STEPS).await?;
    let dockerfile = std::fs::read_to_string(sources.folder().join("Dockerfile"))?;
    sources.write("Dockerfile", dockerfile.replace(r#""append", "/b""#, r#""fail", "/b""#))?;
    match cx.build(&sources).await?.output(Output::Cache).run().await {
        Err(BuildError::Failed(failed)) => expect("the step that is named", failed.step.unwrap_or_default())
            .contains(r#"RUN ["/probe", "fail", "/b""#),
        Err(other) => Err(other.into()),
        Ok(record) => {
            Err(Failure::new("a build with a step that fails", "a failure", format!("{record:?}")).into())
        }
    }
}

/// A secret reaches the step that asks for it, and no part of the image.
#[harness::check(
    covers = "4.4.5",
    needs(Exports),
    stage = Installed,
    after = "validate::builder_functionality::builder_builds",
    within = "60s"
)]
async fn secret_stays_out_of_the_image(cx: &Cx) -> Verdict {
    const SECRET_WORD: &str = "open-sesame";
    let (sources, word) = (cx.project(&SECRET).await?, cx.desk().place("word").await?);
    std::fs::write(&word, SECRET_WORD)?;
    let secret = format!("id=word,src={}", word.display());
    let exported = cx.exported_with(&sources, &[], &[("--secret", &secret)]).await?;
    let holding = files_holding(&exported.folder, SECRET_WORD.as_bytes())?;
    expect("parts of the image that hold the secret", holding).is_empty()
}

/// A build ends when the command that started it is ended.
#[harness::check(
    covers = "4.4.4",
    stage = Installed,
    after = "validate::builder_functionality::builder_builds",
    within = "60s"
)]
async fn interrupted_build_ends(cx: &Cx) -> Verdict {
    let run = cx.desk().own_label();
    let sources = cx.project(&WAITS).await?;
    let builder = cx.builder().await?;
    let buildkit = cx.buildkits(&builder).await?.remove(0);
    let runs = async || {
        let running = buildkit.running_builds().await.map_err(unanswered)?;
        Ok::<_, Stop>(running.iter().any(|build| !build.ended && build.run.as_deref() == Some(run.as_str())))
    };
    let looks = async |wanted: bool| match runs().await {
        Ok(found) if found == wanted => Look::Ready(()),
        Ok(found) => Look::NotYet(format!("running: {found}")),
        Err(stop) => Look::Never(stop.to_string()),
    };
    let build =
        Build::new(cx.client().await?, &sources).run_id(&run).builder(&builder.name).output(Output::Cache);
    tokio::select! {
        ended = build.run() => return Err(ended.map_or_else(Stop::from, |record| {
            Failure::new("a build that waits", "it to go on", format!("{record:?}")).into()
        })),
        began = until("the build among those that run", EVERY, NOTICED, || looks(true)) => began?,
    }
    let ended = until("the end of the build", EVERY, NOTICED, || looks(false)).await;
    Ok(ended.map_err(|wait| Failure::new("a build whose command was ended", "its end", wait.to_string()))?)
}

/// What an editor runs to build a dev container works: a Dockerfile in a folder of its own, a stage, a second context, the
/// result loaded into the engine.
#[harness::check(
    covers = ["3.4.2", "4.4.3", "4.4.5"],
    stage = Installed,
    after = "validate::builder_functionality::builder_builds",
    within = "60s"
)]
async fn editors_build_works(cx: &Cx) -> Verdict {
    let tag = format!("buildkit-reinstall/vsc-{}", cx.desk().salt());
    let (sources, tools) = (cx.project(&EDITOR).await?, cx.project(&THREE_STEPS).await?);
    // As `devcontainer build` runs it (devcontainers/cli, `src/spec-node/singleContainer.ts`).
    let build = cx.build(&sources).await?.arg("BUILDKIT_INLINE_CACHE", "1");
    let build = build.option("--file", sources.folder().join(".devcontainer/Dockerfile"));
    let build = build.option("--build-context", format!("tools={}", tools.folder().display()));
    build.option("--target", "development").output(Output::Engine(&tag)).run().await?;
    expect("what the image holds", content_of(cx, &tag, "made-with-tool").await?).equals("the first a\n")
}

/// The compose project, under a name that nobody else uses.
struct Services {
    folder: std::path::PathBuf,
    name: String,
}

impl Services {
    async fn of(cx: &Cx) -> Result<Self, Stop> {
        let sources = cx.project(&COMPOSE).await?;
        Ok(Self { folder: sources.folder().to_owned(), name: cx.desk().own_label() })
    }

    fn image(&self, service: &str) -> String {
        format!("buildkit-reinstall-{}-{service}", self.name)
    }

    async fn compose(&self, cx: &Cx) -> Result<Tool, Stop> {
        let docker = cx.client().await?.current_dir(&self.folder).env("RUN", &self.name);
        Ok(docker.env("IMAGE_PREFIX", format!("buildkit-reinstall-{}", self.name)).arg("compose"))
    }
}

/// How many builds with this run's label the builders remember.
async fn remembered(cx: &Cx, run: &str) -> Result<usize, Stop> {
    let mut count = 0;
    for builder in cx.builders().await? {
        for buildkit in cx.buildkits(&builder).await? {
            let history = buildkit.history().await.map_err(unanswered)?;
            count += history.iter().filter(|record| record.run.as_deref() == Some(run)).count();
        }
    }
    Ok(count)
}

/// A file of an image in the engine, as the engine saves it.
async fn content_of(cx: &Cx, tag: &str, path: &str) -> Result<String, Stop> {
    let archive = cx.desk().place("saved.tar").await?;
    let mut file = std::fs::File::create(&archive)?;
    let engine = cx.engine().await?;
    labels_of(cx, tag).await?;
    let mut saved = std::pin::pin!(engine.api().export_image(tag));
    while let Some(bytes) = saved.next().await {
        file.write_all(&bytes.doing("saving an image")?)?;
    }
    let layout = Layout::open(&archive).doing("reading a saved image")?;
    let image = images(&layout)?.remove(0);
    Ok(String::from_utf8_lossy(&building::file(&layout, &image, path)?).into_owned())
}

/// A label of an image in the engine.
async fn label_of(cx: &Cx, tag: &str, label: &str) -> Result<String, Stop> {
    Ok(labels_of(cx, tag).await?.remove(label).unwrap_or_default())
}

/// The labels of an image that has to be in the engine.
async fn labels_of(cx: &Cx, tag: &str) -> Result<HashMap<String, String>, Stop> {
    let inspected = cx.engine().await?.api().inspect_image(tag).await;
    let inspected =
        inspected.map_err(|error| Failure::new(tag, "an image in the engine", error.to_string()))?;
    Ok(inspected.config.and_then(|config| config.labels).unwrap_or_default())
}

/// The files below `folder` with `bytes` somewhere in them.
fn files_holding(folder: &Path, bytes: &[u8]) -> Result<Vec<std::path::PathBuf>, Stop> {
    let mut holding = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            holding.extend(files_holding(&path, bytes)?);
        } else if std::fs::read(&path)?.windows(bytes.len()).any(|window| window == bytes) {
            holding.push(path);
        }
    }
    Ok(holding)
}
