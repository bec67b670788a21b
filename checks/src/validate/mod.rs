//! Requirement 4: what was installed works, shown by using it.
//!
//! Three checks come before the others, so that one fault is one failure: `engine_answers`, then `buildx_answers`, then
//! `builder_builds`.

mod builder_functionality;
mod cache_operations;
mod development_workflow;
mod multi_platform;

use fixtures::builds::Output;
use fixtures::projects::THREE_STEPS;
use harness::{Verdict, expect};

use crate::building::text;
use crate::cx::World;

/// The context whose builder broke in the field.
pub(crate) const DESKTOP_LINUX: &str = "desktop-linux";

/// The builder of the context `desktop-linux` builds, and its result is right. On an installation that is broken as it was
/// in the field, this fails with the words that buildx says.
pub(crate) async fn desktop_linux(world: &World) -> Verdict {
    let sources = world.project(&THREE_STEPS).await?;
    let result = world.desk().place("result").await?;
    let docker = world.fresh_client()?;
    let build = world.build_as(docker.docker_on(DESKTOP_LINUX), &sources).builder(DESKTOP_LINUX);
    let record = build.output(Output::Folder(&result)).run().await?;
    expect("the builder that built", record.builder()).equals(Some(DESKTOP_LINUX))?;
    expect("the result of its build", text(&result, "made-of-b")?).equals("the first b\n")
}
