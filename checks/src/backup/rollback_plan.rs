//! Scenario: the way back is a plan before the first removal.

use fixtures::plan::Step;
use fixtures::rollback::{Trigger, Window};
use harness::{Failure, Verdict, expect};

use crate::{Cx, Stage};

/// A rollback can be planned from the restore point as typed steps, one for each saved volume among them.
#[harness::check(covers = "1.4.1", needs(Consent), stage = Installed, within = "60s")]
async fn rollback_is_a_plan_of_typed_steps(cx: &Cx) -> Verdict {
    let now = cx.inventory_of(Stage::Installed)?;
    let plan = fixtures::rollback::plan(&cx.installation()?, &now, &cx.proven()?);
    let plan = plan.map_err(|error| Failure::new("the way back", "a plan", error.to_string()))?;
    let restored = plan.steps.iter().filter_map(|planned| match &planned.step {
        Step::RestoreVolume(step) => Some(step.name.clone()),
        _ => None,
    });
    let saved: Vec<String> = cx.secured()?.contents.volumes.into_iter().map(|volume| volume.volume).collect();
    expect("volumes that the rollback restores", restored.collect::<Vec<_>>()).has_all(&saved)?;
    expect("steps of the rollback", plan.steps).is_not_empty()
}

/// The written rollback plan names every saved volume and every saved file of the client.
#[harness::check(covers = "1.4.2", needs(Consent), stage = Planned, within = "30s")]
async fn written_plan_names_all_that_comes_back(cx: &Cx) -> Verdict {
    let text = cx.written_rollback_plan()?;
    let contents = cx.secured()?.contents;
    let volumes = contents.volumes.iter().map(|volume| volume.volume.clone());
    let items = contents.items.iter().map(|item| item.place.to_string());
    let missing: Vec<String> = volumes.chain(items).filter(|name| !text.contains(name)).collect();
    expect("saved things that the written plan does not name", missing).is_empty()
}

/// For each step of the purge the written plan says how it can fail and how to recover.
#[harness::check(covers = "1.4.3", needs(Consent), stage = Planned, within = "30s")]
async fn every_step_has_its_failure_point(cx: &Cx) -> Verdict {
    let text = cx.written_rollback_plan()?;
    let steps = cx.plan_of(Stage::Planned)?.steps;
    let missing = steps.iter().filter(|planned| {
        let point = planned.step.failure_point();
        !text.contains(&planned.step.describe())
            || !text.contains(point.recovery)
            || !text.contains(point.when)
    });
    expect(
        "steps without a failure point",
        missing.map(|planned| planned.step.describe()).collect::<Vec<_>>(),
    )
    .is_empty()
}

/// The written plan has the three windows in which a rollback is decided on.
#[harness::check(covers = "1.4.4", needs(Consent), stage = Planned, within = "30s")]
async fn decision_windows_are_written_down(cx: &Cx) -> Verdict {
    let text = cx.written_rollback_plan()?;
    let missing =
        Window::ALL.into_iter().map(|window| window.to_string()).filter(|window| !text.contains(window));
    expect("windows that the written plan does not name", missing.collect::<Vec<_>>()).is_empty()
}

/// The written plan has every criterion for a rollback.
#[harness::check(covers = "1.4.5", needs(Consent), stage = Planned, within = "30s")]
async fn criteria_are_written_down(cx: &Cx) -> Verdict {
    let text = cx.written_rollback_plan()?;
    let missing =
        Trigger::ALL.into_iter().map(Trigger::criterion).filter(|criterion| !text.contains(criterion));
    expect("criteria that the written plan does not have", missing.collect::<Vec<_>>()).is_empty()
}
