//! A rollback that brings back too little, too much, or in another order.

use std::time::Duration;

use checks::Stage;
use checks::stages::drilled::DRILL;
use fixtures::inventory::{Change, Difference};
use fixtures::plan::{Plan, Step};
use fixtures::rollback::Allowed;
use fixtures::transaction::RolledBack;

use super::{engine, is_done, is_foreign, number};
use crate::case::Case;

fn drill(case: &Case, change: impl FnOnce(&mut RolledBack)) {
    case.edit(Stage::Drilled, DRILL, change);
}

fn lost_key() -> Change {
    Change { at: "client.config.keys".into(), difference: Difference::Removed("auths".into()) }
}

/// Puts the first step that `one` picks behind the last one.
fn put_last(plan: &mut Plan, one: impl Fn(&Step) -> bool) {
    let from = plan.steps.iter().position(|planned| one(&planned.step)).unwrap();
    let numbers: Vec<_> = plan.steps.iter().map(|planned| planned.id).collect();
    let moved = plan.steps.remove(from);
    plan.steps.push(moved);
    plan.steps.iter_mut().zip(numbers).for_each(|(planned, id)| planned.id = id);
}

pub(super) fn a_builder_in_use_that_is_another(case: &mut Case) {
    case.inventory(Stage::Drilled, |inventory| inventory.client.selected.name = "default".into());
}

pub(super) fn a_difference_that_nobody_explains(case: &mut Case) {
    drill(case, |drill| drill.verdict.allowed.push(Allowed { change: lost_key(), why: String::new() }));
}

pub(super) fn a_difference_that_should_not_be(case: &mut Case) {
    drill(case, |drill| drill.verdict.differences.push(lost_key()));
}

pub(super) fn a_rollback_without_a_reason(case: &mut Case) {
    drill(case, |drill| {
        drill.reason.clear();
        drill.took = Duration::ZERO;
    });
}

pub(super) fn a_sentinel_built_anew(case: &mut Case) {
    drill(case, |drill| {
        let reading = drill.sentinel.as_mut().unwrap().as_mut().unwrap();
        reading.executed.push(reading.cached.pop().unwrap());
    });
}

pub(super) fn a_step_not_done(case: &mut Case) {
    let plan: Plan = case.recorded(Stage::Drilled, checks::stages::PLAN);
    let boot = number(&plan, |step| matches!(step, Step::BootBuilder(_)));
    case.journal(Stage::Drilled, |journal| journal.retain(|record| !is_done(record, boot)));
}

pub(super) fn an_engine_set_up_otherwise(case: &mut Case) {
    case.inventory(Stage::Drilled, |inventory| engine(inventory).info.version = "0.0.1".into());
}

pub(super) fn desktop_mended_by_the_way(case: &mut Case) {
    drill(case, |drill| drill.desktop = None);
}

pub(super) fn nothing_builds(case: &mut Case) {
    drill(case, |drill| drill.default_builder = Err("no space left on device".into()));
}

pub(super) fn restored_before_removed(case: &mut Case) {
    case.plan(Stage::Drilled, |plan| put_last(plan, |step| matches!(step, Step::RemoveVolume(_))));
}

pub(super) fn selected_before_booted(case: &mut Case) {
    case.plan(Stage::Drilled, |plan| put_last(plan, |step| matches!(step, Step::BootBuilder(_))));
}

pub(super) fn somebody_elses_volume_gone(case: &mut Case) {
    case.inventory(Stage::Drilled, |inventory| {
        engine(inventory).volumes.retain(|volume| !is_foreign(&volume.name));
    });
}
