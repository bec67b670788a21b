//! Faults and the checks that see them. Planted, a fault turns red exactly the checks of its row, each of which names it as
//! the cause; what no fault turns red can fail for nobody.
//!
//! The rows are in `docs/fault-matrix.json`. Of the checks that are not in a row, those are looked at that build nothing;
//! with `REINSTALL_MATRIX=all`, all of them. `REINSTALL_BLESS=1` writes what was seen as the new rows.

use std::collections::BTreeSet;

use checks::CHECKS;
use fixtures::faults::Breakage;
use fixtures::lab::packages::Suite;
use libtest_mimic::{Failed, Trial};

use crate::healed;
use crate::program::{self, Client, ENGINE, Run};
use crate::rows::{self, REQUIREMENT};

/// Checks that build nothing.
const CHEAP: &[&str] = &[
    "builder_functionality::builders_and_contexts_have_names_of_their_own",
    "builder_functionality::builders_are_listed_without_an_error",
    "builder_functionality::buildx_answers",
    "builder_functionality::chosen_builder_exists",
    "builder_functionality::containers_answer_or_rest",
    "builder_functionality::containers_keep_their_state_in_volumes",
    "builder_functionality::containers_that_rest_can_start",
    "builder_functionality::contexts_can_be_read",
    "builder_functionality::daemon::engine_would_start_again",
    "builder_functionality::definitions_can_be_read",
    "builder_functionality::drivers::builders_elsewhere_are_within_reach",
    "builder_functionality::drivers::nodes_can_build_what_they_are_made_for",
    "builder_functionality::drivers::remote_nodes_answer",
    "builder_functionality::drivers_are_as_defined",
    "builder_functionality::engine_answers",
    "builder_functionality::engine_lets_builds_through",
    "builder_functionality::engine_prefers_buildkit",
    "builder_functionality::nodes_that_run_answer",
    "builder_functionality::plugins_run",
    "builder_functionality::programs_tell_their_versions",
    "builder_functionality::slips::settings_are_ones_that_buildkit_knows",
    "builder_functionality::store::files_are_the_users_own",
    "builder_functionality::store::lock_is_let_go",
    "builder_functionality::workers_build_for_this_machine",
    "cache_operations::garbage_collector_has_rules",
    "cache_operations::lying::blobs_are_what_their_digests_say",
    "cache_operations::lying::folders_with_cache_are_whole",
    "cache_operations::lying::records_have_their_contents",
    "cache_operations::usage_can_be_counted",
    "development_workflow::environment::keepers_of_credentials_are_installed",
    "development_workflow::environment::plugins_hide_no_newer_ones",
    "development_workflow::environment::proxies_of_this_machine_are_there",
    "development_workflow::environment::traces_are_taken",
];
/// Checks that cannot run twice at a time on one engine: the names of what they start are always the same.
const ALONE: &[&str] = &["development_workflow::compose_services_run"];

/// Faults whose container runs for a moment now and then: what asks it just then is red too, for the same cause.
const NOW_AND_THEN: &[&str] = &[
    "builder-database-invalid",
    "builder-image-foreign",
    "builder-restarting",
    "builder-state-shared",
    "disk-read-only",
];

/// Every fault, on the default engine, and what is true of the whole.
pub(crate) fn trials() -> Vec<Trial> {
    let rows = Breakage::all().map(|breakage| row(Suite::Trixie, breakage));
    let whole = [
        Trial::test(
            "every check is turned red by a fault, and every fault is seen by a check and healed",
            is_whole,
        ),
        Trial::test("the picture of the matrix is drawn from its rows", is_drawn),
        Trial::test("every check that builds nothing passes on a sound installation", all_pass_when_sound),
    ];
    rows.chain(whole).collect()
}

/// The faults that another engine shows otherwise; with `REINSTALL_MATRIX=all`, all of them.
pub(crate) fn trials_on(engine: Suite) -> Vec<Trial> {
    let rows = rows::of(engine);
    let wanted = Breakage::all().filter(|breakage| all_is_wanted() || rows.contains_key(&breakage.name()));
    wanted.map(|breakage| row(engine, breakage)).collect()
}

fn row(engine: Suite, breakage: Breakage) -> Trial {
    let name = format!("{} turns red what its row says on {engine}", breakage.name());
    Trial::test(name, move || is_seen(engine, breakage))
}

fn all_is_wanted() -> bool {
    std::env::var("REINSTALL_MATRIX").is_ok_and(|value| value == "all")
}

fn is_seen(engine: Suite, breakage: Breakage) -> Result<(), Failed> {
    let _turn = (ENGINE.read()?, program::turn_of(breakage));
    let expected = rows::expected(engine, breakage);
    let mut client = match breakage {
        Breakage::Fault(..) => Client::new(),
        Breakage::Wrapper(_) => Client::with_the_shared_builder(),
    };
    program::load_image_once();
    client.plant(breakage)?;
    let run = look_at(&client, |check| is_looked_at(check, &expected));
    let seen: BTreeSet<String> =
        run.with_outcome("failed").iter().map(|name| name.replacen(REQUIREMENT, "", 1)).collect();
    if !NOW_AND_THEN.contains(&breakage.fault().id) {
        rows::saw(breakage, &seen);
    }
    let judged = judge(breakage, &run, &expected, &seen).and_then(|()| {
        match healed::remedy(breakage).filter(|_| is_typed(breakage)) {
            Some(remedy) => healed::heals(&mut client, &remedy, &seen, |client, red| {
                look_at(client, |check| red.contains(check))
            }),
            None => Ok(()),
        }
    });
    client.clear();
    judged
}

/// Whether its remedy is typed here. One wrapper stands for all of them, which are mended by the same.
fn is_typed(breakage: Breakage) -> bool {
    match breakage {
        Breakage::Fault(..) => true,
        Breakage::Wrapper(wrapper) => wrapper.name == "no-version",
    }
}

fn is_looked_at(check: &str, expected: &BTreeSet<String>) -> bool {
    expected.contains(check) || CHEAP.contains(&check) || (all_is_wanted() && !ALONE.contains(&check))
}

/// Runs the checks of the requirement that `wanted` says.
pub(crate) fn look_at(client: &Client, wanted: impl Fn(&str) -> bool) -> Run {
    let others = CHECKS.iter().map(harness::Check::name);
    let others: Vec<_> =
        others.filter(|name| name.strip_prefix(REQUIREMENT).is_some_and(|name| !wanted(name))).collect();
    let skipped = others.iter().flat_map(|name| ["--skip", name]);
    let words: Vec<&str> = ["--target", "live", REQUIREMENT].into_iter().chain(skipped).collect();
    client.reinstall_in_a_lab(&words)
}

fn judge(
    breakage: Breakage,
    run: &Run,
    expected: &BTreeSet<String>,
    seen: &BTreeSet<String>,
) -> Result<(), Failed> {
    let mut wrong = Vec::new();
    let is_absent = |name: &&String| run.check(&format!("{REQUIREMENT}{name}"))["outcome"] == "skipped";
    wrong.extend(
        expected.difference(seen).filter(|name| !is_absent(name)).map(|name| format!("not red: {name}")),
    );
    if !NOW_AND_THEN.contains(&breakage.fault().id) {
        wrong.extend(seen.difference(expected).map(|name| format!("red: {name}")));
    }
    wrong.extend(run.with_outcome("broken").iter().map(|name| format!("broken: {name}")));
    let id = format!("({})", breakage.fault().id);
    for name in seen {
        let record = run.check(&format!("{REQUIREMENT}{name}"));
        let cause = record["cause"].as_str().unwrap_or_default();
        if !cause.ends_with(&id) || record["remedy"].is_null() {
            wrong.push(format!("{name} names another cause: {cause:?}: {}", record["found"]));
        }
    }
    if wrong.is_empty() {
        return Ok(());
    }
    Err(format!("{wrong:#?}\nexit {}: {}{}", run.code, run.stdout, run.stderr).into())
}

fn is_whole() -> Result<(), Failed> {
    let red = rows::ever_red();
    let checks = CHECKS.iter().filter_map(|check| check.name().strip_prefix(REQUIREMENT));
    let never_red: Vec<_> = checks.filter(|name| !red.contains(name)).collect();
    let is_seen =
        |breakage: &Breakage| Suite::ALL.iter().any(|engine| !rows::expected(*engine, *breakage).is_empty());
    let unseen: Vec<_> = Breakage::all().filter(|breakage| !is_seen(breakage)).map(Breakage::name).collect();
    let unproved = healed::unproved();
    if never_red.is_empty() && unseen.is_empty() && unproved.is_empty() {
        return Ok(());
    }
    Err(format!(
        "checks that no fault turns red: {never_red:#?}\nfaults that no check sees: {unseen:#?}\n\
         faults of which it is not shown what heals them: {unproved:#?}"
    )
    .into())
}

fn is_drawn() -> Result<(), Failed> {
    if rows::is_drawn() {
        return Ok(());
    }
    Err("docs/fault-matrix.svg has drifted: REINSTALL_BLESS=1 cargo test -p checks --test faults draws it"
        .into())
}

fn all_pass_when_sound() -> Result<(), Failed> {
    let _turn = ENGINE.read()?;
    let client = Client::with_the_shared_builder();
    client.docker(&["context", "create", "desktop-linux", "--docker", "host=unix:///var/run/docker.sock"]);
    let run = look_at(&client, |check| CHEAP.contains(&check) || check.ends_with("_users_environment"));
    let passed = run.with_outcome("passed").len();
    if run.code == 0 && passed > CHEAP.len() {
        return Ok(());
    }
    Err(format!("exit {}, {passed} passed: {}{}", run.code, run.stdout, run.stderr).into())
}
