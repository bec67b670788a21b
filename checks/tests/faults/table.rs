//! Faults and the checks that see them: planted, the check fails and names the cause with its remedy; on a sound
//! installation it does not.

use fixtures::faults;
use libtest_mimic::{Failed, Trial};

use crate::program::{self, Client, ENGINE, RUNTIME};

/// A fault of the catalogue, and a check that it turns red.
struct Seen {
    fault: &'static str,
    by: &'static str,
}

const fn seen(fault: &'static str, by: &'static str) -> Seen {
    Seen { fault, by }
}

const TABLE: &[Seen] = &[
    seen("context-npipe", "builder_functionality::desktop_linux_builds"),
    seen("context-npipe-current", "builder_functionality::engine_answers"),
    seen("context-current-missing", "builder_functionality::engine_answers"),
    seen("context-metadata-corrupt", "builder_functionality::contexts_can_be_read"),
    seen("config-corrupt", "builder_functionality::contexts_can_be_read"),
    seen("plugin-corrupt", "builder_functionality::buildx_answers"),
    seen("store-stray-file", "builder_functionality::definitions_can_be_read"),
    seen("store-definition-corrupt", "builder_functionality::definitions_can_be_read"),
    seen("store-embedded-config-corrupt", "builder_functionality::definitions_can_be_read"),
    seen("store-unknown-driver", "builder_functionality::builders_are_listed_without_an_error"),
    seen("store-current-dangling", "builder_functionality::chosen_builder_exists"),
    seen("builder-endpoint-gone", "builder_functionality::builders_are_listed_without_an_error"),
    seen("builder-restarting", "builder_functionality::containers_answer_or_rest"),
    seen("builder-frozen", "builder_functionality::containers_answer_or_rest"),
    seen("builder-remote-away", "builder_functionality::drivers::remote_nodes_answer"),
    seen("builder-certificate-missing", "builder_functionality::drivers::remote_nodes_answer"),
    seen("builder-certificate-expired", "builder_functionality::drivers::remote_nodes_answer"),
    seen("builder-certificate-unknown", "builder_functionality::drivers::remote_nodes_answer"),
    seen("builder-platform-untrue", "builder_functionality::drivers::nodes_can_build_what_they_are_made_for"),
    seen(
        "builder-cluster-config-missing",
        "builder_functionality::drivers::builders_elsewhere_are_within_reach",
    ),
    seen("builder-cluster-away", "builder_functionality::drivers::builders_elsewhere_are_within_reach"),
    seen("builder-collector-off", "cache_operations::garbage_collector_has_rules"),
    seen("env-builder-gone", "development_workflow::buildx_builds_in_the_users_environment"),
    seen("env-unparsable-value", "development_workflow::buildx_builds_in_the_users_environment"),
    seen("env-classic-builder", "development_workflow::docker_build_goes_through_buildkit"),
    seen("env-api-version-pinned", "development_workflow::docker_build_goes_through_buildkit"),
];

pub(crate) fn trials() -> Vec<Trial> {
    let seen = TABLE.iter().map(|seen| {
        let name = format!("{} is seen by {}", seen.fault, seen.by);
        Trial::test(name, move || is_seen(seen))
    });
    let sound = Trial::test("every check of the table passes on a sound installation", all_pass_when_sound);
    let dead = Trial::test("a dead engine is one failure, and the rest is blocked by it", dead_engine);
    seen.chain([sound, dead]).collect()
}

fn is_seen(seen: &Seen) -> Result<(), Failed> {
    let _turn = ENGINE.read()?;
    let mut client = Client::new();
    program::load_image_once();
    let plant = faults::named(seen.fault).and_then(|fault| fault.plant).ok_or("it cannot be planted")?;
    for (name, value) in RUNTIME.block_on(plant(&client.installation())).map_err(|stop| stop.to_string())? {
        client.set(name, value);
    }
    let check = format!("validate::{}", seen.by);
    let run = client.reinstall(&["--target", "live", "--exact", &check]);
    client.remove_builders();
    let record = run.check(&check);
    let cause = record["cause"].as_str().unwrap_or_default();
    let named = cause.ends_with(&format!("({})", seen.fault));
    if record["outcome"] != "failed" || !named || record["remedy"].is_null() || run.code != 1 {
        return Err(format!("exit {}: {record:#}\n{}{}", run.code, run.stdout, run.stderr).into());
    }
    Ok(())
}

fn all_pass_when_sound() -> Result<(), Failed> {
    let _turn = ENGINE.read()?;
    let client = Client::new();
    client.docker(&["context", "create", "desktop-linux", "--docker", "host=unix:///var/run/docker.sock"]);
    let run = client.reinstall(&["--target", "live", "validate::builder_functionality"]);
    let workflows = client.reinstall(&["--target", "live", "in_the_users_environment"]);
    for run in [&run, &workflows] {
        if run.code != 0 {
            return Err(format!("exit {}: {}{}", run.code, run.stdout, run.stderr).into());
        }
    }
    let known = run.with_outcome("passed");
    let unknown = TABLE.iter().map(|seen| format!("validate::{}", seen.by));
    let unknown = unknown.filter(|by| by.contains("builder_functionality") && !known.contains(&by.as_str()));
    match unknown.collect::<Vec<_>>() {
        unknown if unknown.is_empty() => Ok(()),
        unknown => Err(format!("not among those that passed: {unknown:?}").into()),
    }
}

fn dead_engine() -> Result<(), Failed> {
    let mut client = Client::new();
    let socket = client.path("dead.sock");
    drop(std::os::unix::net::UnixListener::bind(&socket)?);
    client.set("DOCKER_HOST", format!("unix://{}", socket.display()));
    let run = client.reinstall(&["--target", "live", "validate::"]);
    let failed = run.with_outcome("failed");
    if failed != ["validate::builder_functionality::engine_answers"] || run.code != 1 {
        return Err(format!("exit {}: failed {failed:?}\n{}{}", run.code, run.stdout, run.stderr).into());
    }
    let cause = run.check(failed[0])["cause"].as_str().unwrap_or_default();
    let builds = run.check("validate::cache_operations::second_build_runs_no_step");
    if !cause.ends_with("(engine-down)") || builds["outcome"] != "blocked" {
        return Err(format!("{cause:?}, {builds:#}").into());
    }
    Ok(())
}
