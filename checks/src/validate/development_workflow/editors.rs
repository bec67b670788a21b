//! An editor's way in: the dev container command line, and the debugger of builds.

use std::path::Path;

use fixtures::builds::{Debugger, DebuggerError, Output};
use fixtures::projects::{DEV_CONTAINER, Sources, THREE_STEPS};
use harness::{Failure, Stop, Verdict, expect};
use serde_json::{Value, json};

use super::content_of;
use crate::Cx;

/// The debugger stops before the first step and at a breakpoint, shows what is in the image there, and goes on to the end.
#[harness::check(
    covers = ["4.4.3", "4.4.5"],
    needs(Debugger),
    stage = Installed,
    after = "validate::builder_functionality::builder_builds",
    within = "60s"
)]
async fn debugger_steps_through_a_build(cx: &Cx) -> Verdict {
    let sources = cx.project(&THREE_STEPS).await?;
    let dockerfile = sources.folder().join("Dockerfile");
    let at = line_of(&std::fs::read_to_string(&dockerfile)?, "COPY b /b");
    let mut debugger = launched(cx, &sources, &dockerfile, at).await?;
    let thread = stopped(&mut debugger, "step").await?;
    let first = top(&mut debugger, &thread).await?;
    expect("the line that the build stops at first", first["line"].as_u64()).is("a step", Option::is_some)?;
    asked(&mut debugger, "next", thread.clone()).await?;
    let thread = stopped(&mut debugger, "step").await?;
    let second = top(&mut debugger, &thread).await?;
    expect("the line after one step", second["line"].as_u64()).differs_from(first["line"].as_u64())?;

    asked(&mut debugger, "continue", thread).await?;
    let thread = stopped(&mut debugger, "breakpoint").await?;
    let frame = top(&mut debugger, &thread).await?;
    expect("the line of the breakpoint", frame["line"].as_u64()).equals(Some(at))?;
    expect("the step at the breakpoint", frame["name"].as_str().unwrap_or_default()).contains("COPY b /b")?;

    asked(&mut debugger, "next", thread).await?;
    let thread = stopped(&mut debugger, "step").await?;
    let frame = top(&mut debugger, &thread).await?;
    let seen = file_in(&mut debugger, &frame, "made-of-a").await?;
    expect("a file that an earlier step made, as the debugger shows it", seen.as_str())
        .equals("the first a\n")?;
    asked(&mut debugger, "continue", thread).await?;
    debugger.event("terminated").await.map(drop).map_err(unspoken)
}

/// A build that has begun under the debugger, to stop before its first step and at a line.
async fn launched(cx: &Cx, sources: &Sources, dockerfile: &Path, at: u64) -> Result<Debugger, Stop> {
    let (builder, label) = (cx.builder().await?.name, cx.run_label());
    let arguments = ["--builder", &builder, "--label", &label, "--output", "type=cacheonly"];
    let mut debugger = Debugger::start(cx.client().await?, &arguments).map_err(unspoken)?;
    let client = json!({ "adapterID": "dockerfile", "linesStartAt1": true, "columnsStartAt1": true });
    asked(&mut debugger, "initialize", client).await?;
    let launch = json!({ "contextPath": sources.folder(), "dockerfile": dockerfile, "stopOnEntry": true });
    debugger.tell("launch", &launch).await.map_err(unspoken)?;
    debugger.event("initialized").await.map_err(unspoken)?;
    let wanted = json!({ "source": { "path": dockerfile }, "breakpoints": [{ "line": at }] });
    asked(&mut debugger, "setBreakpoints", wanted).await?;
    asked(&mut debugger, "configurationDone", json!({})).await?;
    Ok(debugger)
}

/// The number of the line with `step`, as editors count.
fn line_of(dockerfile: &str, step: &str) -> u64 {
    dockerfile.lines().take_while(|line| *line != step).count() as u64 + 1
}

async fn asked(debugger: &mut Debugger, command: &str, arguments: Value) -> Result<Value, Stop> {
    debugger.ask(command, arguments).await.map_err(unspoken)
}

fn unspoken(error: DebuggerError) -> Stop {
    Failure::new("the debugger of builds", "an answer", harness::outcome::chain(&error)).into()
}

/// Waits until the build stops for `reason`; returns how requests name the thread that has.
async fn stopped(debugger: &mut Debugger, reason: &str) -> Result<Value, Stop> {
    let stopped = debugger.event("stopped").await.map_err(unspoken)?;
    expect("why the build has stopped", stopped["reason"].as_str()).equals(Some(reason))?;
    Ok(json!({ "threadId": stopped["threadId"] }))
}

/// The step at which a thread stands.
async fn top(debugger: &mut Debugger, thread: &Value) -> Result<Value, Stop> {
    let mut stack = asked(debugger, "stackTrace", thread.clone()).await?;
    Ok(stack["stackFrames"][0].take())
}

/// The content of a file in the image, as the variables of a step show it.
async fn file_in(debugger: &mut Debugger, frame: &Value, name: &str) -> Result<String, Stop> {
    let scopes = asked(debugger, "scopes", json!({ "frameId": frame["id"] })).await?;
    let files = named(&scopes["scopes"], "File Explorer")?;
    let files = asked(debugger, "variables", json!({ "variablesReference": files["variablesReference"] }));
    let file = named(&files.await?["variables"], name)?;
    let file = asked(debugger, "variables", json!({ "variablesReference": file["variablesReference"] }));
    let data = named(&file.await?["variables"], "data")?;
    Ok(data["value"].as_str().unwrap_or_default().to_owned())
}

fn named(list: &Value, name: &str) -> Result<Value, Stop> {
    let found = list.as_array().into_iter().flatten().find(|each| each["name"] == name);
    found.cloned().ok_or_else(|| Failure::new("what the debugger shows", name, list.to_string()).into())
}

/// `devcontainer build` makes the image of a dev container through BuildKit.
#[harness::check(
    covers = ["3.4.2", "4.4.3"],
    needs(DevContainers),
    stage = Installed,
    after = "validate::builder_functionality::builder_builds",
    within = "120s"
)]
async fn devcontainer_command_builds(cx: &Cx) -> Verdict {
    let (base, tag) = (tag(cx, "base"), tag(cx, "devcontainer"));
    let project = cx.project(&DEV_CONTAINER).await?;
    // The command wants to look at the base image itself, which must be in the engine then.
    let engine = cx.engine_builder().await?;
    cx.build_on(&engine, &project).await?.output(Output::Engine(&base)).run().await?;
    let folder = project.folder().join(".devcontainer");
    for file in ["Dockerfile", "devcontainer.json"] {
        let text = std::fs::read_to_string(folder.join(file))?;
        let text = text.replace("BASE", &base).replace("RUN_LABEL", &cx.run_label());
        std::fs::write(folder.join(file), text)?;
    }
    let scratch = cx.desk().place("editor").await?;
    std::fs::create_dir(&scratch)?;
    let program = cx.devcontainers().await.map_err(Stop::Broken)?;
    let build = cx.program_as_user(&program).await?.env("BUILDX_BUILDER", &engine.name);
    let build = build.args(["build", "--image-name", &tag, "--workspace-folder"]);
    let build = build.arg(project.folder()).arg("--user-data-folder").arg(&scratch).env("TMPDIR", &scratch);
    let said = build.run_ok().await?;
    expect("what the command says", said.stdout.as_str()).contains(r#""outcome":"success""#)?;
    expect("what the image holds", content_of(cx, &tag, "made-for-the-editor").await?)
        .equals("the editor's\n")
}

fn tag(cx: &Cx, name: &str) -> String {
    format!("buildkit-reinstall/{name}:{}", cx.desk().salt())
}
