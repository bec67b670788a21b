//! An install that comes to something else than what was desired.

use checks::Stage;
use checks::stages::PLAN;
use fixtures::installation::GcRule;
use fixtures::inventory::{Daemon, Inventory};
use fixtures::plan::{Plan, Step};

use super::{container, engine, is_done, number, volume};
use crate::case::Case;

/// The only node that is installed.
const NODE: &str = "reinstall0";

fn rules(case: &Case, change: impl Fn(&mut Vec<GcRule>)) {
    case.inventory(Stage::Installed, |inventory| match &mut container(inventory, NODE).daemon {
        Daemon::Answered { workers, .. } => workers.iter_mut().for_each(|worker| change(&mut worker.gc)),
        Daemon::Silent { why } => panic!("{why}"),
    });
}

pub(super) fn a_builder_that_is_not_selected(case: &mut Case) {
    case.inventory(Stage::Installed, |inventory| inventory.client.selected.name = "default".into());
}

pub(super) fn a_cache_open_to_others(case: &mut Case) {
    case.inventory(Stage::Installed, |inventory| {
        let mut volumes = engine(inventory).volumes.iter_mut();
        volumes.find(|found| found.name == volume(NODE)).unwrap().mountpoint = "/usr/share/_data".into();
    });
}

pub(super) fn a_context_left_broken(case: &mut Case) {
    case.inventory(Stage::Installed, |inventory| {
        let mut contexts = inventory.client.contexts.iter_mut();
        let desktop = contexts.find(|context| context.name == "desktop-linux").unwrap();
        desktop.endpoint = "npipe:////./pipe/dockerDesktopLinuxEngine".into();
    });
}

pub(super) fn a_daemon_that_is_silent(case: &mut Case) {
    case.inventory(Stage::Installed, |inventory| {
        container(inventory, NODE).daemon = Daemon::Silent { why: "connection refused".into() };
    });
}

pub(super) fn a_plan_that_uses_what_cannot_work(case: &mut Case) {
    case.plan(Stage::Installed, |plan| plan.steps[0].reason = "for `buildx create --append`".into());
}

pub(super) fn a_plugin_that_cannot_run(case: &mut Case) {
    case.inventory(Stage::Installed, |inventory| {
        let mut plugins = inventory.cli.plugins.iter_mut();
        plugins.find(|plugin| plugin.name == "compose").unwrap().problem = Some("exec format error".into());
    });
}

pub(super) fn a_reason_left_out(case: &mut Case) {
    case.plan(Stage::Installed, |plan| plan.steps[0].reason.clear());
}

pub(super) fn a_second_builder(case: &mut Case) {
    let before: Inventory = case.recorded(Stage::Planned, checks::stages::INVENTORY);
    let stale = before.client.builders.into_iter().find(|builder| builder.name == "stale").unwrap();
    case.inventory(Stage::Installed, |inventory| inventory.client.builders.push(stale));
}

pub(super) fn a_step_not_done(case: &mut Case) {
    let plan: Plan = case.recorded(Stage::Installed, PLAN);
    let select = number(&plan, |step| matches!(step, Step::SelectBuilder(_)));
    case.journal(Stage::Installed, |journal| journal.retain(|record| !is_done(record, select)));
}

pub(super) fn a_variable_that_leads_astray(case: &mut Case) {
    case.inventory(Stage::Installed, |inventory| {
        let set =
            fixtures::installation::Recorded { name: "DOCKER_BUILDKIT".into(), value: Some("0".into()) };
        inventory.environment.push(set);
    });
}

pub(super) fn a_volume_that_is_missing(case: &mut Case) {
    case.inventory(Stage::Installed, |inventory| {
        engine(inventory).volumes.retain(|found| found.name != volume(NODE));
    });
}

pub(super) fn an_option_unheard_of(case: &mut Case) {
    case.inventory(Stage::Installed, |inventory| {
        let options = &mut inventory.client.builders[0].nodes[0].driver_opts;
        options.insert("frobnicate".into(), "yes".into());
    });
}

pub(super) fn collection_with_a_rule_less(case: &mut Case) {
    rules(case, |rules| drop(rules.remove(0)));
}

pub(super) fn no_builder_at_all(case: &mut Case) {
    case.inventory(Stage::Installed, |inventory| inventory.client.builders.clear());
}

pub(super) fn other_limits(case: &mut Case) {
    rules(case, |rules| rules.iter_mut().for_each(|rule| rule.max_used_space /= 2));
}

pub(super) fn a_builder_that_nobody_watches(case: &mut Case) {
    case.inventory(Stage::Installed, |inventory| engine(inventory).containers.clear());
}
