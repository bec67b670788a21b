//! Scenario: cache is stored safely, limited, collected and measured.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use fixtures::builds::Output;
use fixtures::installation::GcRule;
use fixtures::inventory::{Daemon, Inventory};
use fixtures::projects::THREE_STEPS;
use harness::{Doing, Stop, Verdict, expect};

use super::contained;
use super::development_environment::variable;
use crate::{Cx, Stage};

/// Definitions of builders, which may hold keys, can be read by their owner only.
#[harness::check(covers = "3.3.1", needs(Consent, ContainerBuilder), stage = Installed, within = "20s")]
async fn definitions_keep_others_out(cx: &Cx) -> Verdict {
    let mut open = Vec::new();
    for entry in
        std::fs::read_dir(cx.installation()?.instances_folder()).doing("reading the builders' definitions")?
    {
        let entry = entry?;
        let mode = entry.metadata()?.permissions().mode() & 0o777;
        if mode & 0o077 != 0 {
            open.push(format!("{} {mode:o}", entry.file_name().display()));
        }
    }
    expect("definitions that others can read", open).is_empty()
}

/// Others cannot get at the cache of a builder: a folder on the way to its volume keeps them out.
#[harness::check(covers = "3.3.1", needs(Lab, ContainerBuilder), stage = Installed, within = "20s")]
async fn caches_keep_others_out(cx: &Cx) -> Verdict {
    let inventory = cx.inventory_of(Stage::Installed)?;
    let volumes: Vec<_> = inventory.reached().flat_map(|engine| &engine.volumes).collect();
    expect("volumes of builders", volumes.len()).at_least(1)?;
    let mode = |folder: &Path| folder.metadata().map_or(0, |about| about.permissions().mode());
    let open = volumes.iter().filter(|volume| {
        let mut way = Path::new(&volume.mountpoint).ancestors().skip(1);
        !way.any(|folder| mode(folder) & 0o005 == 0)
    });
    expect("volumes that others can read", open.map(|volume| &volume.mountpoint).collect::<Vec<_>>())
        .is_empty()
}

/// The limit on the size of each builder's cache is in force in its daemon.
#[harness::check(covers = "3.3.2", needs(Consent, ContainerBuilder), stage = Installed, within = "20s")]
async fn limits_are_in_force(cx: &Cx) -> Verdict {
    let inventory = cx.inventory_of(Stage::Installed)?;
    let desired = crate::stages::installed::desired(cx).await?;
    for (name, node) in contained(&desired) {
        let Some(gc) = &desired.builders[&name].gc else { continue };
        let wanted = i64::try_from(gc.limit()).unwrap_or(i64::MAX);
        let limits: Vec<i64> = rules(&inventory, &node).iter().map(|rule| rule.max_used_space).collect();
        expect(format!("size limits in the daemon of node {node}, in bytes"), limits).has_all(&[wanted])?;
    }
    Ok(())
}

/// Garbage collection is on in the daemon of each desired node, by as many rules as were asked for.
#[harness::check(covers = "3.3.3", needs(Consent, ContainerBuilder), stage = Installed, within = "20s")]
async fn garbage_collection_is_on(cx: &Cx) -> Verdict {
    let inventory = cx.inventory_of(Stage::Installed)?;
    let desired = crate::stages::installed::desired(cx).await?;
    for (name, node) in contained(&desired) {
        let found = rules(&inventory, &node);
        let about = format!("rules of garbage collection in node {node}");
        match &desired.builders[&name].gc {
            Some(gc) => expect(about, found.len()).equals(gc.rules.len() + 1)?,
            None => expect(about, found).is_not_empty()?,
        }
    }
    Ok(())
}

/// Cache goes from one builder to another by the words that a shell is given for it.
#[harness::check(covers = "3.3.4", needs(Lab, ContainerBuilder, Exports), stage = Installed, within = "120s")]
async fn cache_is_shared_as_desired(cx: &Cx) -> Verdict {
    let (one, other) = (cx.builder().await?, cx.engine_builder().await?);
    let to = variable(cx, "REINSTALL_CACHE_TO").await?;
    let from = variable(cx, "REINSTALL_CACHE_FROM").await?;
    let sources = cx.project(&THREE_STEPS).await?;
    let first = cx.build_on(&one, &sources).await?.cache_to(&to).output(Output::Cache).run().await?;
    expect("steps of a first build from the cache", first.cached()).is_empty()?;
    let second = cx.build_on(&other, &sources).await?.cache_from(&from).output(Output::Cache).run().await?;
    expect("steps that another builder ran again", second.executed()).is_empty()
}

/// The folder that cache is shared through can be used by its owner only.
#[harness::check(covers = ["3.3.1", "3.3.4"], needs(Lab, ContainerBuilder), stage = Installed, within = "20s")]
async fn shared_cache_keeps_others_out(cx: &Cx) -> Verdict {
    let cache = crate::stages::installed::desired(cx).await?.cache.and_then(|cache| cache.folder);
    let folder = cache.ok_or_else(|| Stop::Broken("a lab shares cache through a folder".into()))?;
    let mode = folder.metadata().doing("looking at the folder for shared cache")?.permissions().mode();
    expect("permissions of the folder for shared cache", format!("{:o}", mode & 0o777)).equals("700")
}

/// Cache use of every daemon can be measured in bytes.
#[harness::check(covers = "3.3.5", needs(Consent), stage = Installed, within = "20s")]
async fn cache_use_is_measured(cx: &Cx) -> Verdict {
    let inventory = cx.inventory_of(Stage::Installed)?;
    let daemons = inventory.reached().flat_map(|engine| {
        let containers = engine.containers.iter().filter(|found| found.container.state == "running");
        std::iter::once(&engine.embedded).chain(containers.map(|found| &found.daemon))
    });
    let silent = daemons.filter(|daemon| daemon.cache_bytes().is_none()).count();
    expect("daemons that do not say what their cache uses", silent).equals(0)
}

fn rules(inventory: &Inventory, node: &str) -> Vec<GcRule> {
    let container = fixtures::installation::container_name(node);
    let found = inventory
        .reached()
        .flat_map(|engine| &engine.containers)
        .find(|found| found.container.name == container);
    match found.map(|found| &found.daemon) {
        Some(Daemon::Answered { workers, .. }) => {
            workers.iter().flat_map(|worker| worker.gc.clone()).collect()
        }
        _ => Vec::new(),
    }
}
