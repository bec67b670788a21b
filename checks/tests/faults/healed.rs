//! What the catalogue gives as a remedy, typed: the checks that a fault has turned red pass again.

use std::collections::BTreeSet;

use fixtures::faults::Breakage;
use libtest_mimic::Failed;

use crate::program::{Client, Run};

/// Faults whose remedy is the whole way, with what stands for NAME in it.
const WHOLE: &[(&str, &str)] = &[
    ("builder-cluster-config-missing", "farm"),
    ("builder-endpoint-gone", "stale"),
    ("builder-frozen", "frozen"),
    ("builder-platform-foreign", "foreign"),
    ("builder-restarting", "crashing"),
    ("builder-state-volatile", "forgets"),
    ("cache-database-invalid", "torn"),
    ("context-current-missing", ""),
    ("context-metadata-corrupt", "other"),
    ("context-npipe", ""),
    ("context-npipe-current", ""),
    ("env-api-version-pinned", ""),
    ("env-builder-gone", ""),
    ("env-classic-builder", ""),
    ("plugin-corrupt", ""),
    ("plugin-wrapped/no-version", ""),
    ("store-current-dangling", ""),
    ("store-definition-corrupt", "c9"),
    ("store-driver-missing", "c9"),
    ("store-embedded-config-corrupt", "c9"),
    ("store-unknown-driver", "c9"),
];

/// The command that mends what was planted, if it is all that has to be done.
pub(crate) fn remedy(breakage: Breakage) -> Option<String> {
    let (_, name) = WHOLE.iter().find(|(fault, _)| *fault == breakage.name())?;
    Some(breakage.fault().remedy.replace("NAME", name))
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
    let run = look(client, red);
    let (failed, broken) = (run.with_outcome("failed"), run.with_outcome("broken"));
    if failed.is_empty() && broken.is_empty() && !run.with_outcome("passed").is_empty() {
        return Ok(());
    }
    Err(format!("`{remedy}` does not mend it: {failed:?} {broken:?}\n{said}\n{}{}", run.stdout, run.stderr)
        .into())
}
