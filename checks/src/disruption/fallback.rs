//! Scenario: another way to build while builders are being replaced.

use fixtures::projects::{CACHE_MOUNT, THREE_STEPS};
use fixtures::team::fallback::{Way, ways};
use harness::{Stop, Tool, Verdict, expect};

use crate::Cx;

/// The engine offers a way to build that needs no builder of ours.
#[harness::check(covers = "6.2.1", within = "20s")]
async fn there_is_another_way_to_build(cx: &Cx) -> Verdict {
    expect("other ways to build", ways(cx.engine_info().await?, true)).is_not_empty()
}

/// Every other way to build makes an image, typed as it is written down.
#[harness::check(covers = ["6.2.2", "6.2.4"], needs(Buildx), within = "60s")]
async fn every_other_way_builds_as_it_is_written_down(cx: &Cx) -> Verdict {
    let mut failed = Vec::new();
    for way in ways(cx.engine_info().await?, true) {
        failed.extend(try_out(cx, way).await?);
    }
    expect("ways that made no image", failed).is_empty()
}

/// Builds by the command of a way, and removes the image. Returns what went wrong.
async fn try_out(cx: &Cx, way: Way) -> Result<Option<String>, Stop> {
    let installation = cx.installation()?;
    let folder = cx.scope().folder()?.join(format!("{way:?}"));
    // The classic builder knows no TARGETARCH; what is tried is the way, not the project.
    let sources = THREE_STEPS.materialise(&folder, cx.scope().name())?;
    sources.write("Dockerfile", "FROM scratch\nCOPY salt /salt\n")?;
    let tag =
        format!("buildkit-reinstall/other-way:{}-{}", format!("{way:?}").to_lowercase(), std::process::id());
    let line = way.command().replace("NAME", &tag);
    cx.scope().doing(format!("running `{line}`"));
    let client = installation.private_client()?;
    let build = installation.environment().scrubbed(Tool::new("sh")).arg("-c").arg(&line);
    let build =
        build.env("BUILDX_CONFIG", client.buildx_config()).current_dir(sources.folder()).output().await?;
    let image = installation.docker().args(["image", "inspect", &tag]).output().await?;
    if !image.status.success() {
        return Ok(Some(format!("`{line}`: {}", build.last_words())));
    }
    if !installation.docker().args(["image", "rm", &tag]).output().await?.status.success() {
        cx.scope().leaves(format!("image {tag}"));
    }
    Ok(None)
}

/// What the classic builder is said to lack, it lacks: a Dockerfile with `RUN --mount` is refused.
#[harness::check(covers = "6.2.3", needs(Buildx), within = "20s")]
async fn what_the_classic_builder_lacks_is_written_down(cx: &Cx) -> Verdict {
    if !ways(cx.engine_info().await?, true).contains(&Way::ClassicBuilder) {
        return expect("the ways that this engine offers", vec![Way::EngineBuilder]).is_not_empty();
    }
    let sources = CACHE_MOUNT.materialise(&cx.scope().folder()?.join("sources"), cx.scope().name())?;
    let build = cx.installation()?.docker().env("DOCKER_BUILDKIT", "0").args(["build", "."]);
    let said = build.args(["--build-arg", "TARGETARCH=amd64"]).current_dir(sources.folder()).output().await?;
    expect("the classic builder on `RUN --mount`", said.stderr + &said.stdout)
        .contains("requires BuildKit")?;
    expect("what is written down", Way::ClassicBuilder.differences().join(" ")).contains("`RUN --mount`")
}
