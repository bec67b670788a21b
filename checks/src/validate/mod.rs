//! Requirement 4: what was installed works, shown by using it.

mod builder_functionality;

use fixtures::builds::{Build, Output};
use fixtures::projects::THREE_STEPS;
use harness::Stop;

/// The `desktop-linux` context leads to an engine that builds.
pub(crate) async fn desktop_linux(world: &crate::cx::World) -> Result<(), Stop> {
    let client = world.installation()?.private_client()?;
    let folder = tempfile::tempdir()?;
    let sources = THREE_STEPS.materialise(folder.path(), "desktop-linux")?;
    Build::new(client.docker_on("desktop-linux"), &sources).output(Output::Cache).run().await?;
    Ok(())
}
