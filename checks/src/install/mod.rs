//! Requirement 3: what was desired is what is there.

mod builders;
mod cache_management;
mod daemon_availability;
mod development_environment;

use fixtures::install::Desired;
use fixtures::plan::Driver;

/// The nodes that run in containers, each after the name of its builder.
fn contained(desired: &Desired) -> Vec<(String, String)> {
    let builders = desired.builders.iter().filter(|(_, builder)| builder.driver == Driver::DockerContainer);
    let nodes = builders.flat_map(|(name, builder)| {
        builder.node_names(name).into_iter().map(move |node| (name.clone(), node))
    });
    nodes.collect()
}
