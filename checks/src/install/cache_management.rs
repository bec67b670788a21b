//! Scenario: cache is stored safely, limited, collected and measured.

use std::os::unix::fs::PermissionsExt;

use fixtures::inventory::Daemon;
use harness::{Doing, Verdict, expect};

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

/// The limit on the size of each builder's cache is in force in its daemon.
#[harness::check(covers = "3.3.2", needs(Consent, ContainerBuilder), stage = Installed, within = "20s")]
async fn limits_are_in_force(cx: &Cx) -> Verdict {
    let inventory = cx.inventory_of(Stage::Installed)?;
    for (name, wanted) in crate::stages::installed::desired(cx).await?.builders {
        let Some(gc) = wanted.gc else { continue };
        let rules = rules(&inventory, &name);
        let wanted = i64::try_from(gc.limit()).unwrap_or(i64::MAX);
        let limits: Vec<i64> = rules.iter().map(|rule| rule.max_used_space).collect();
        expect(format!("size limits in the daemon of builder {name}, in bytes"), limits)
            .has_all(&[wanted])?;
    }
    Ok(())
}

/// Garbage collection is on in the daemon of each desired builder.
#[harness::check(covers = "3.3.3", needs(Consent, ContainerBuilder), stage = Installed, within = "20s")]
async fn garbage_collection_is_on(cx: &Cx) -> Verdict {
    let inventory = cx.inventory_of(Stage::Installed)?;
    for name in crate::stages::installed::desired(cx).await?.builders.keys() {
        expect(format!("rules of garbage collection in builder {name}"), rules(&inventory, name))
            .is_not_empty()?;
    }
    Ok(())
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

fn rules(inventory: &fixtures::inventory::Inventory, builder: &str) -> Vec<fixtures::installation::GcRule> {
    let container = fixtures::installation::container_name(&format!("{builder}0"));
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
