//! What the catalogue gives as a remedy, typed: the checks that a fault has turned red pass again.

use std::collections::BTreeSet;

use fixtures::faults::{Breakage, Healing};
use libtest_mimic::Failed;

use crate::program::{Client, Run};
use crate::reinstalled::TOGETHER;

/// Faults whose remedy is the whole way, with what stands for NAME in it.
const WHOLE: &[(&str, &str)] = &[
    ("builder-cluster-config-missing", "farm"),
    ("builder-database-invalid", "damaged"),
    ("builder-endpoint-gone", "stale"),
    ("builder-frozen", "frozen"),
    ("builder-image-foreign", "other"),
    ("builder-network-gone", "lost"),
    ("builder-platform-foreign", "foreign"),
    ("builder-restarting", "crashing"),
    ("builder-state-shared", "two"),
    ("builder-state-volatile", "forgets"),
    ("cache-blob-corrupt", "rotten"),
    ("cache-database-invalid", "torn"),
    ("cache-parent-snapshot-missing", "forgetful"),
    ("cache-snapshots-lost", ""),
    ("context-current-missing", ""),
    ("context-dead", ""),
    ("context-metadata-corrupt", "other"),
    ("context-named-as-builder", "twice"),
    ("context-npipe", ""),
    ("context-npipe-current", ""),
    ("engine-containerd-emptied", ""),
    ("env-api-version-pinned", ""),
    ("env-builder-gone", ""),
    ("env-classic-builder", ""),
    ("env-context-gone", ""),
    ("env-host-stale", ""),
    ("env-traces-lost", ""),
    ("plugin-corrupt", ""),
    ("plugin-hangs", ""),
    ("plugin-too-old", ""),
    ("plugin-wrapped", ""),
    ("store-current-dangling", ""),
    ("store-definition-corrupt", "cut"),
    ("store-driver-missing", "vague"),
    ("store-embedded-config-corrupt", "garbled"),
    ("store-lock-held", ""),
    ("store-read-only", ""),
    ("store-unknown-driver", "c9"),
];

/// Faults whose remedy is the whole way and cannot be typed here, each with the reason.
const NOT_HERE: &[(&str, &str)] = &[
    ("engine-database-invalid", "a lab has no systemd"),
    ("engine-down", "a lab has no systemd"),
    ("engine-hangs", "a lab has no systemd"),
    ("engine-snapshotter-invalid", "a lab has no systemd"),
    ("plugin-missing", "a lab installs no packages"),
    ("store-owned-by-root", "a lab has no sudo"),
];

/// The command that mends what was planted, if it is all that has to be done.
pub(crate) fn remedy(breakage: Breakage) -> Option<String> {
    let (_, name) = WHOLE.iter().find(|(fault, _)| *fault == breakage.fault().id)?;
    Some(breakage.fault().remedy.replace("NAME", name))
}

/// What the catalogue says of healing and nobody shows.
pub(crate) fn unproved() -> Vec<String> {
    let is_listed = |list: &[(&str, &str)], id: &str| list.iter().any(|(fault, _)| *fault == id);
    let proved = |breakage: &Breakage| {
        let (fault, is_typed) = (breakage.fault(), remedy(*breakage).is_some());
        match fault.healing {
            Healing::Reinstall => true,
            Healing::Remedy(_) => is_typed != is_listed(NOT_HERE, fault.id),
            Healing::Person(_) => !is_typed,
        }
    };
    let unproved = Breakage::all().filter(|breakage| !proved(breakage)).map(Breakage::name);
    let is_known = |id: &str| Breakage::all().any(|breakage| breakage.fault().id == id);
    let named = WHOLE.iter().chain(NOT_HERE).map(|(fault, _)| *fault).chain(TOGETHER.iter().copied());
    unproved.chain(named.filter(|id| !is_known(id)).map(str::to_owned)).collect()
}

/// Types `remedy`, has `look` look again at the checks that were red, and fails where one still is.
pub(crate) fn heals(
    client: &mut Client,
    remedy: &str,
    red: &BTreeSet<String>,
    look: impl Fn(&Client, &BTreeSet<String>) -> Run,
) -> Result<(), Failed> {
    let said = match remedy.strip_prefix("unset ") {
        Some(variables) => {
            variables.split(' ').for_each(|name| client.unset(name));
            String::new()
        }
        None => format!("{:?}", client.command("sh".as_ref()).args(["-c", remedy]).output()?),
    };
    all_pass(&look(client, red), &format!("`{remedy}` says {said}"))
}

/// Fails where one of the checks of a run does not pass, with what was `said` before it.
pub(crate) fn all_pass(run: &Run, said: &str) -> Result<(), Failed> {
    let (failed, broken) = (run.with_outcome("failed"), run.with_outcome("broken"));
    if failed.is_empty() && broken.is_empty() && !run.with_outcome("passed").is_empty() {
        return Ok(());
    }
    Err(format!("not mended: {failed:?} {broken:?}\n{said}\n{}{}", run.stdout, run.stderr).into())
}
