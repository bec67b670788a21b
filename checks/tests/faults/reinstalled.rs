//! Reinstalls of what faults have broken. Where the catalogue says that a reinstall heals, the checks that were red pass again;
//! where it says that none does, it refuses with the remedy in its words, or they are red still until the remedy is typed.

use std::collections::BTreeSet;

use fixtures::faults::{Breakage, Healing};
use fixtures::lab::packages::Suite;
use fixtures::transaction::refuse_running_builds;
use harness::{Look, until};
use libtest_mimic::{Failed, Trial};

use crate::healed;
use crate::matrix::look_at;
use crate::program::{self, Client, ENDED, ENGINE, EVERY, RUNTIME, Run};
use crate::rows;

/// Faults that one reinstall heals at once, in an order in which they can be planted: where the last is, nothing builds.
pub(crate) const TOGETHER: &[&str] = &[
    "builder-endpoint-gone",
    "builder-frozen",
    "builder-restarting",
    "builder-state-volatile",
    "cache-database-invalid",
    "store-current-dangling",
    "store-definition-corrupt",
    "store-driver-missing",
    "store-embedded-config-corrupt",
    "store-stray-file",
    "store-unknown-driver",
    "context-npipe",
    "context-metadata-corrupt",
];

/// Faults of which a rollback brings everything back.
const BROUGHT_BACK: &[&str] = &[
    "builder-endpoint-gone",
    "builder-frozen",
    "builder-restarting",
    "cache-database-invalid",
    "store-definition-corrupt",
    "store-unknown-driver",
    "context-metadata-corrupt",
];

const NO_IMAGE: &str = "no BuildKit image";

/// Faults of a builder that a reinstall keeps as it is: builds that name none use the new one.
const KEPT: &[&str] = &["disk-full"];

pub(crate) fn trials() -> Vec<Trial> {
    let singly = Breakage::all().map(|breakage| {
        let name = format!("{} is healed as the catalogue says", breakage.name());
        // `make heal` runs them.
        Trial::test(name, move || is_healed(breakage)).with_ignored_flag(true)
    });
    let together = Trial::test("one reinstall heals what can be broken at once", are_healed_together);
    let back =
        Trial::test("what is not healed by a reinstall that fails is as broken as it was", are_brought_back);
    // A builder that ends as soon as it starts is waited for.
    singly.chain([together, back.with_ignored_flag(true)]).collect()
}

fn is_healed(breakage: Breakage) -> Result<(), Failed> {
    let _turn = ENGINE.write()?;
    let mut client = match breakage {
        Breakage::Fault(..) => Client::new(),
        Breakage::Wrapper(_) => Client::with_the_shared_builder(),
    };
    client.wish_for(program::load_image_once().ok_or(NO_IMAGE)?);
    client.plant(breakage)?;
    let nodes = client.nodes();
    let red = red(&client, &rows::expected(Suite::Trixie, breakage));
    let healed = match breakage.fault().healing {
        _ if red.is_empty() => Err("nothing is red".into()),
        Healing::Reinstall => reinstall(&client).and_then(|run| all_pass(&client, &red, &run)),
        Healing::Remedy(_) | Healing::Person(_) => none_heals(&mut client, breakage, &red),
    };
    client.clear();
    client.remove(&nodes);
    healed
}

fn are_healed_together() -> Result<(), Failed> {
    let _turn = ENGINE.write()?;
    let mut client = Client::new();
    client.wish_for(program::load_image_once().ok_or(NO_IMAGE)?);
    let red = plant_all(&mut client, TOGETHER)?;
    let nodes = client.nodes();
    let healed = reinstall(&client).and_then(|run| all_pass(&client, &red, &run));
    client.clear();
    client.remove(&nodes);
    healed
}

/// A reinstall for a builder that cannot be had is taken back, and what was broken is there again, as broken as it was.
fn are_brought_back() -> Result<(), Failed> {
    let _turn = ENGINE.write()?;
    let mut client = Client::new();
    program::load_image_once();
    client.wish_for("nowhere.invalid/buildkit:gone");
    plant_all(&mut client, BROUGHT_BACK)?;
    let run = reinstall(&client);
    client.clear();
    match run? {
        Run { code: 7, .. } => Ok(()),
        Run { code, stdout, stderr, .. } => Err(format!("exit {code}: {stdout}{stderr}").into()),
    }
}

/// Plants these, and says which checks they turn red.
fn plant_all(client: &mut Client, faults: &[&str]) -> Result<BTreeSet<String>, Failed> {
    let mut red = BTreeSet::new();
    let named = |id: &&str| Breakage::all().find(|breakage| breakage.name() == *id);
    for breakage in faults.iter().filter_map(named) {
        client.plant(breakage)?;
        red.extend(rows::expected(Suite::Trixie, breakage));
    }
    Ok(red)
}

/// Those of the checks that are red.
fn red(client: &Client, checks: &BTreeSet<String>) -> BTreeSet<String> {
    let run = look_at(client, |check| checks.contains(check));
    let named = |name: &&str| name.replacen(rows::REQUIREMENT, "", 1);
    run.with_outcome("failed").iter().map(named).collect()
}

/// Plans a reinstall and runs it, once nobody builds any more.
fn reinstall(client: &Client) -> Result<Run, Failed> {
    program::end_builds();
    let installation = client.installation();
    let nobody_builds = async || match refuse_running_builds(&installation).await {
        Ok(()) => Look::Ready(()),
        Err(building) => Look::NotYet(building.to_string()),
    };
    RUNTIME.block_on(until("the end of all builds", EVERY, ENDED, nobody_builds))?;
    let plan = client.reinstall_as_wished(&["plan"]);
    let agreed = plan.stdout.lines().last().unwrap_or_default().trim();
    if plan.code != 0 {
        return Err(format!("no plan: {}{}", plan.stdout, plan.stderr).into());
    }
    let words: Vec<&str> = agreed.split(' ').skip(1).collect();
    Ok(client.reinstall_as_wished(&words))
}

fn all_pass(client: &Client, red: &BTreeSet<String>, reinstall: &Run) -> Result<(), Failed> {
    let said = format!("exit {}: {}{}", reinstall.code, reinstall.stdout, reinstall.stderr);
    if reinstall.code != 0 {
        return Err(said.into());
    }
    healed::all_pass(&look_at(client, |check| red.contains(check)), &said)
}

/// A reinstall refuses and names the remedy, or leaves red what was; and the remedy heals, where it can be typed here.
fn none_heals(client: &mut Client, breakage: Breakage, red: &BTreeSet<String>) -> Result<(), Failed> {
    does_not_heal(client, breakage, red)?;
    match healed::remedy(breakage) {
        Some(remedy) => {
            healed::heals(client, &remedy, red, |client, red| look_at(client, |check| red.contains(check)))
        }
        None => Ok(()),
    }
}

fn does_not_heal(client: &Client, breakage: Breakage, red: &BTreeSet<String>) -> Result<(), Failed> {
    let plan = client.reinstall_as_wished(&["plan"]);
    if plan.code == 3 {
        let names = plan.stderr.contains(breakage.fault().remedy);
        return if names {
            Ok(())
        } else {
            Err(format!("it refuses without a remedy: {}", plan.stderr).into())
        };
    }
    let run = reinstall(client)?;
    let still = self::red(client, red);
    if still == *red || KEPT.contains(&breakage.fault().id) {
        return Ok(());
    }
    Err(format!(
        "a reinstall heals it: {still:?} are red of {red:?}\nexit {}: {}{}",
        run.code, run.stdout, run.stderr
    )
    .into())
}
