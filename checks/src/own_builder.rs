//! A docker-container builder for one check, gone when it is done. The user's buildx folder never hears of it.

use fixtures::installation::PrivateClient;
use harness::{Failure, Stop, Tool};

use crate::Cx;

/// Creates a builder called `name`, runs `body`, and removes the builder with its cache, however the body ended.
pub(crate) async fn with_builder<T>(
    cx: &Cx,
    name: &str,
    body: impl AsyncFnOnce(&PrivateClient) -> Result<T, Stop>,
) -> Result<T, Stop> {
    with_own(cx, name, async |client| create(cx, client, name).await, body).await
}

/// Has `define` create a builder called `name`, runs `body`, and removes the builder with its cache, however that ended.
pub(crate) async fn with_own<T>(
    cx: &Cx,
    name: &str,
    define: impl AsyncFnOnce(&PrivateClient) -> Result<(), Stop>,
    body: impl AsyncFnOnce(&PrivateClient) -> Result<T, Stop>,
) -> Result<T, Stop> {
    let client = cx.fresh_client()?;
    let done = match define(&client).await {
        Ok(()) => body(&client).await,
        Err(stop) => Err(stop),
    };
    let removed = client.docker().args(["buildx", "rm", name]).output().await?;
    // Where it was never made, buildx says that there is none.
    if !removed.status.success() && !removed.stderr.contains("no builder") {
        cx.scope().leaves(format!("builder {name}: {}", removed.last_words()));
    }
    done
}

/// Creates a builder, with the image of another one that works here.
pub(crate) async fn create(cx: &Cx, client: &PrivateClient, name: &str) -> Result<(), Stop> {
    let image = image(cx)?;
    definition(client, name, &image).arg("--bootstrap").run_ok().await?;
    Ok(())
}

/// The command that defines a builder called `name`, or adds a node to it.
pub(crate) fn definition(client: &PrivateClient, name: &str, image: &str) -> Tool {
    let create = client.docker().args(["buildx", "create", "--name", name, "--driver", "docker-container"]);
    create.args(["--driver-opt", &format!("image={image},network=host")])
}

/// The BuildKit image of a builder that works here.
pub(crate) fn image(cx: &Cx) -> Result<String, Stop> {
    let nodes = cx.installation()?.builders().found.into_iter().flat_map(|builder| builder.nodes);
    let image = nodes.filter_map(|mut node| node.driver_opts.remove("image")).next();
    image.ok_or_else(|| Failure::new("the builders", "one with an image", "none").into())
}
