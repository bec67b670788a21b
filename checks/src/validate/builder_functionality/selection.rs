//! Ways to choose a builder, beside those that name it in the command: each leads to the one that it should.

use fixtures::builds::{Build, Output};
use fixtures::installation::PrivateClient;
use fixtures::projects::TWO_PLATFORMS;
use harness::{Verdict, expect};

use super::who_builds;
use crate::Cx;
use crate::building::remembers;

/// `docker buildx use --default` leads to the builder that it names whenever nothing else is selected.
#[harness::check(
    covers = "4.1.3",
    needs(ContainerBuilder),
    stage = Installed,
    after = "validate::builder_functionality::buildx_answers",
    within = "60s"
)]
async fn default_leads_to_its_builder(cx: &Cx) -> Verdict {
    let (client, name) = (cx.fresh_client()?, cx.builder().await?.name);
    client.docker().args(["buildx", "use", "--default", &name]).run_ok().await?;
    select_nothing(&client)?;
    expect("the builder that built", who_builds(cx, client.docker(), None).await?).equals(name)
}

/// `BUILDX_BUILDER` counts more than what `docker buildx use` has selected.
#[harness::check(
    covers = "4.1.3",
    needs(ContainerBuilder),
    stage = Installed,
    after = "validate::builder_functionality::buildx_answers",
    within = "60s"
)]
async fn builder_variable_counts_more_than_use(cx: &Cx) -> Verdict {
    let (client, name) = (cx.fresh_client()?, cx.builder().await?.name);
    let other = cx.engine_builder().await?.name;
    client.docker().args(["buildx", "use", &other]).run_ok().await?;
    let docker = client.docker().env("BUILDX_BUILDER", &name);
    expect("the builder that built", who_builds(cx, docker, None).await?).equals(name)
}

/// `DOCKER_HOST` leads to the builder of the engine at that address, which then remembers the build.
#[harness::check(
    covers = "4.1.3",
    stage = Installed,
    after = "validate::builder_functionality::buildx_answers",
    within = "60s"
)]
async fn docker_host_leads_to_its_engine(cx: &Cx) -> Verdict {
    let (client, link) = (cx.fresh_client()?, cx.desk().place("engine.sock").await?);
    select_nothing(&client)?;
    // An address that no context has.
    std::os::unix::fs::symlink(cx.engine().await?.socket(), &link)?;
    let docker = client.docker().env("DOCKER_HOST", format!("unix://{}", link.display()));
    let (sources, label) = (cx.project(&TWO_PLATFORMS).await?, cx.desk().own_label());
    let build = Build::new(docker.env_remove("DOCKER_CONTEXT"), &sources).run_id(&label);
    let record = build.output(Output::Cache).run().await?;
    expect("the builder that built", record.builder()).equals(Some("default"))?;
    for buildkit in cx.buildkits(&cx.engine_builder().await?).await? {
        let remembers = remembers(&buildkit, &label).await?;
        expect("whether the engine remembers the build", remembers).equals(true)?;
    }
    Ok(())
}

/// Makes a client forget what was selected; what was made the default stays.
fn select_nothing(client: &PrivateClient) -> std::io::Result<()> {
    match std::fs::remove_file(client.buildx_config().join("current")) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}
