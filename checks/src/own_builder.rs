//! A docker-container builder for one check, gone when it is done. The user's buildx folder never hears of it.

use fixtures::installation::PrivateClient;
use harness::{Failure, Stop};

use crate::Cx;

/// Creates a builder called `name`, runs `body`, and removes the builder with its cache, however the body ended.
pub(crate) async fn with_builder<T>(
    cx: &Cx,
    name: &str,
    body: impl AsyncFnOnce(&PrivateClient) -> Result<T, Stop>,
) -> Result<T, Stop> {
    let client = cx.fresh_client()?;
    let done = match create(cx, &client, name).await {
        Ok(()) => body(&client).await,
        Err(stop) => Err(stop),
    };
    let removed = client.docker().args(["buildx", "rm", name]).output().await?;
    if !removed.status.success() {
        cx.scope().leaves(format!("builder {name}: {}", removed.last_words()));
    }
    done
}

/// Creates a builder, with the image of another one that works here.
pub(crate) async fn create(cx: &Cx, client: &PrivateClient, name: &str) -> Result<(), Stop> {
    let builders = cx.installation()?.builders().found;
    let nodes = builders.iter().filter(|builder| builder.name != name).flat_map(|builder| &builder.nodes);
    let image = nodes.filter_map(|node| node.driver_opts.get("image")).next();
    let image = image.ok_or_else(|| Failure::new("the builders", "one with an image", "none"))?;
    let create = client.docker().args(["buildx", "create", "--name", name, "--driver", "docker-container"]);
    let create = create.args([
        "--driver-opt",
        &format!("image={image}"),
        "--driver-opt",
        "network=host",
        "--bootstrap",
    ]);
    create.run_ok().await?;
    Ok(())
}
