//! Judgements of stages that come out otherwise.

use std::time::Duration;

use checks::Stage;
use checks::stages::baselined::{BUILDS, TORN};
use checks::stages::installed::JUDGED;
use checks::stages::observed::{FIRST_LOOK, FirstLook};
use checks::stages::purged::{BETWEEN, Between};
use fixtures::plan::StepId;
use fixtures::purge::Left;
use fixtures::rollback::{Built, Compared, Fired, Observed, Trigger};
use fixtures::transaction::Judged;
use harness::Failure;

use crate::case::Case;

fn first_look(case: &Case, change: impl FnOnce(&mut FirstLook)) {
    case.edit(Stage::Observed, FIRST_LOOK, change);
}

pub(super) fn a_first_look_that_names_another_cause(case: &mut Case) {
    first_look(case, |look| {
        look.failure.as_mut().unwrap().cause = Some("the engine is down (engine-down)".into())
    });
}

pub(super) fn a_first_look_that_saw_nothing(case: &mut Case) {
    first_look(case, |look| look.failure = None);
}

pub(super) fn a_first_look_that_saw_something_unheard_of(case: &mut Case) {
    first_look(case, |look| look.failure.as_mut().unwrap().found = "the moon is down".into());
}

pub(super) fn a_trigger_that_fired(case: &mut Case) {
    case.edit(Stage::Installed, JUDGED, |judged: &mut Judged| {
        judged.fired.push(Fired { trigger: Trigger::NoBuilder, why: "none of 2 builders builds".into() });
    });
}

pub(super) fn no_build_between_purge_and_install(case: &mut Case) {
    case.edit(Stage::Purged, BETWEEN, |between: &mut Between| {
        between.fallback = Err("no space left on device".into());
    });
}

pub(super) fn something_left_by_the_purge(case: &mut Case) {
    case.edit(Stage::Purged, BETWEEN, |between: &mut Between| {
        between.left.push(Left { step: StepId(3), what: "volume buildx_buildkit_team0_state".into() });
    });
}

pub(super) fn torn_by_something_else(case: &mut Case) {
    case.edit(Stage::Baselined, TORN, |torn: &mut Failure| torn.found = "no space left on device".into());
}

pub(super) fn no_build_is_remembered(case: &mut Case) {
    case.edit(Stage::Baselined, BUILDS, Vec::<jiff::Timestamp>::clear);
}

/// Has the run see something of the new installation on which it did not act.
fn overlooked(case: &Case, change: impl FnOnce(&mut Observed)) {
    case.edit(Stage::Installed, JUDGED, |judged: &mut Judged| change(&mut judged.observed));
}

pub(super) fn a_critical_error_is_overlooked(case: &mut Case) {
    overlooked(case, |seen| seen.critical_error = Some("no space left on device".into()));
}

pub(super) fn a_silent_daemon_is_overlooked(case: &mut Case) {
    overlooked(case, |seen| seen.daemon_answers = Some(false));
}

pub(super) fn a_slow_build_is_overlooked(case: &mut Case) {
    let (before, after) = (Duration::from_secs(1), Duration::from_secs(9));
    overlooked(case, |seen| seen.timings.push(Compared { build: "cold builds".into(), before, after }));
}

pub(super) fn a_broken_workflow_is_overlooked(case: &mut Case) {
    overlooked(case, |seen| seen.broken_workflows.push("compose build".into()));
}

pub(super) fn broken_desktop_is_overlooked(case: &mut Case) {
    overlooked(case, |seen| seen.desktop_problem = Some("protocol not available".into()));
}

pub(super) fn builders_that_build_nothing_are_overlooked(case: &mut Case) {
    overlooked(case, |seen| seen.builders = Some(Built { asked: 2, sound: 0 }));
}

pub(super) fn nobody_asked_the_daemon(case: &mut Case) {
    overlooked(case, |seen| seen.daemon_answers = None);
}

pub(super) fn nobody_asked_the_builders(case: &mut Case) {
    overlooked(case, |seen| seen.builders = None);
}
