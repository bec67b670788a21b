//! A purge that goes another way than its plan, and one that there was nothing to do for.

use checks::Stage;
use checks::stages::{JOURNAL, PLAN};
use fixtures::digest::Digest;
use fixtures::inventory::Daemon;
use fixtures::plan::journal::Record;
use fixtures::plan::{Plan, Step, StepId};
use jiff::ToSpan;

use super::{container, engine, is_done, number, team, worn};
use crate::case::Case;

fn plan(case: &Case) -> Plan {
    case.recorded(Stage::Purged, PLAN)
}

/// Has no step be done that `is` picks first.
fn leave_undone(case: &Case, is: impl Fn(&Step) -> bool) {
    let id = number(&plan(case), is);
    case.journal(Stage::Purged, |journal| journal.retain(|record| !is_done(record, id)));
}

pub(super) fn a_build_was_running(case: &mut Case) {
    case.inventory(Stage::Planned, |inventory| match &mut engine(inventory).embedded {
        Daemon::Answered { history, .. } => history[0].ended = false,
        Daemon::Silent { why } => panic!("{why}"),
    });
}

pub(super) fn a_builder_was_not_removed(case: &mut Case) {
    leave_undone(case, |step| matches!(step, Step::RemoveBuilder(_)));
}

pub(super) fn a_container_was_not_stopped(case: &mut Case) {
    leave_undone(case, |step| matches!(step, Step::StopContainer(_)));
}

pub(super) fn a_step_was_not_done(case: &mut Case) {
    leave_undone(case, |step| matches!(step, Step::ClearHistory(_)));
}

pub(super) fn another_plan_was_run(case: &mut Case) {
    case.journal(Stage::Purged, |journal| {
        let mut opened = journal.iter_mut().filter_map(|record| match record {
            Record::Opened { plan, .. } => Some(plan),
            _ => None,
        });
        *opened.next().unwrap() = Digest::of(b"another plan");
    });
}

pub(super) fn it_took_too_long(case: &mut Case) {
    case.journal(Stage::Purged, |journal| match journal.last_mut().unwrap() {
        Record::Closed { at, .. } => *at += 10.hours(),
        other => panic!("{other:?}"),
    });
}

pub(super) fn removed_before_it_was_stopped(case: &mut Case) {
    let plan = plan(case);
    let stop = number(&plan, |step| matches!(step, Step::StopContainer(_)));
    let remove = number(&plan, |step| matches!(step, Step::RemoveContainer(_)));
    let begins = |record: &Record, id: StepId| matches!(record, Record::Begun { step, .. } if *step == id);
    let journal: Vec<Record> = case.recorded(Stage::Purged, JOURNAL);
    let begun = journal.iter().position(|record| begins(record, remove)).unwrap();
    let done = journal.iter().position(|record| is_done(record, stop)).unwrap();
    case.journal(Stage::Purged, |journal| journal.swap(begun, done));
}

pub(super) fn somebody_elses_container_was_stopped(case: &mut Case) {
    let meddle = |plan: &mut Plan| {
        for planned in &mut plan.steps {
            if let Step::StopContainer(stop) = &mut planned.step {
                stop.name = "postgres".into();
            }
        }
    };
    case.plan(Stage::Purged, meddle);
}

pub(super) fn there_was_no_alias(case: &mut Case) {
    case.inventory(Stage::Planned, |inventory| {
        inventory.client.config.as_mut().unwrap().builder_alias = None;
    });
}

pub(super) fn there_was_no_cache(case: &mut Case) {
    case.inventory(Stage::Planned, |inventory| match &mut engine(inventory).embedded {
        Daemon::Answered { cache, .. } => cache.clear(),
        Daemon::Silent { why } => panic!("{why}"),
    });
}

pub(super) fn there_was_no_stale_builder(case: &mut Case) {
    case.inventory(Stage::Planned, |inventory| {
        inventory.client.builders.retain(|builder| builder.name != "stale");
    });
}

pub(super) fn there_was_nothing_running(case: &mut Case) {
    case.inventory(Stage::Planned, |inventory| {
        for node in [team(), worn()] {
            container(inventory, &node).container.state = "exited".into();
        }
    });
}

pub(super) fn there_was_no_cache_anywhere(case: &mut Case) {
    case.inventory(Stage::Planned, |inventory| {
        let reached = engine(inventory);
        let containers = reached.containers.iter_mut().map(|found| &mut found.daemon);
        for daemon in containers.chain([&mut reached.embedded]) {
            if let Daemon::Answered { cache, .. } = daemon {
                cache.clear();
            }
        }
    });
}

pub(super) fn no_context_led_to_the_engine(case: &mut Case) {
    case.inventory(Stage::Planned, |inventory| inventory.client.contexts.clear());
}
