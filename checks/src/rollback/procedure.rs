//! How a rollback goes, shown by one that was carried out.

use fixtures::guide::standard::REPLACED;
use fixtures::plan::{Kind, Step, StepId};
use harness::{Verdict, expect};

use crate::evidence::{not_done, steps};
use crate::papers::PROCEDURE;
use crate::{Cx, Stage};

/// What the reinstall had set up is stopped and removed before anything is restored.
#[harness::check(covers = "R.10", needs(Lab, ContainerBuilder), stage = Drilled, within = "30s")]
async fn what_came_later_goes_first(cx: &Cx) -> Verdict {
    let plan = cx.plan_of(Stage::Drilled)?;
    let removed = steps(&plan, |step| matches!(step, Step::RemoveContainer(_) | Step::RemoveVolume(_)));
    let restored = steps(&plan, |step| matches!(step, Step::RestoreVolume(_) | Step::RestoreItem(_)));
    expect("steps that remove what came later", removed.clone()).is_not_empty()?;
    expect("the last removal and the first restoration", (removed.last().copied(), restored.first().copied()))
        .is("the removal first", |(removed, restored): &(Option<StepId>, Option<StepId>)| removed < restored)
}

/// The previous configuration is back as it was: the inventory equals the one before the reinstall.
#[harness::check(covers = ["R.11", "R.17"], needs(Lab), stage = Drilled, within = "30s")]
async fn inventory_equals_the_one_before(cx: &Cx) -> Verdict {
    let differences = cx.drill()?.verdict.differences.into_iter().map(|change| change.to_string());
    expect("differences between the inventories before and after", differences.collect::<Vec<_>>()).is_empty()
}

/// The cache is back with its content: no step of the sentinel runs, and its files are what they were.
#[harness::check(covers = "R.11", needs(Lab, ContainerBuilder), stage = Drilled, within = "30s")]
async fn sentinel_comes_from_the_cache_with_the_right_content(cx: &Cx) -> Verdict {
    let planted = cx.sentinel()?;
    let wanted = planted.map(|planted| planted.again.content).unwrap_or_default();
    let Some(reading) = cx.drill()?.sentinel else {
        return expect("readings of the sentinel", 0).at_least(1);
    };
    let reading = match reading {
        Ok(reading) => reading,
        Err(why) => return expect("the sentinel after the rollback", why).equals("a build"),
    };
    expect("steps of the sentinel that ran after the rollback", reading.executed).is_empty()?;
    expect("the sentinel's files after the rollback", reading.content).equals(wanted)
}

/// Volumes are whole before any container can use them, and the selection comes last.
#[harness::check(covers = "R.11", needs(Lab, ContainerBuilder), stage = Drilled, within = "30s")]
async fn volumes_come_before_containers_and_the_selection_last(cx: &Cx) -> Verdict {
    let plan = cx.plan_of(Stage::Drilled)?;
    let volumes = steps(&plan, |step| matches!(step, Step::RestoreVolume(_)));
    let boots = steps(&plan, |step| matches!(step, Step::BootBuilder(_)));
    let selects = steps(&plan, |step| match step {
        Step::RestoreItem(step) => step.place.relative().ends_with("current"),
        _ => false,
    });
    expect("volumes, boots and selection", (volumes.last(), boots.first(), boots.last(), selects.first()))
        .is("in that order", |(volume, first, last, select)| volume < first && last < select)
}

/// Building works again after the rollback.
#[harness::check(covers = ["R.12", "R.15", "R.16"], needs(Lab, Buildx), stage = Drilled, within = "30s")]
async fn default_builder_builds_after_the_rollback(cx: &Cx) -> Verdict {
    let built = cx.drill()?.default_builder;
    expect(
        "a build by the engine's own builder after the rollback",
        built.map(|reading| !reading.content.is_empty()),
    )
    .equals(Ok(true))
}

/// `desktop-linux` comes back as it was, broken as it was found: a rollback improves nothing by itself.
#[harness::check(covers = "R.13", needs(Lab, Buildx), stage = Drilled, within = "30s")]
async fn desktop_linux_is_as_it_was_found(cx: &Cx) -> Verdict {
    expect("what desktop-linux says after the rollback", cx.drill()?.desktop.unwrap_or_default())
        .contains("protocol not available")
}

/// No plan of ours uses commands that cannot work or that lose data.
#[harness::check(covers = "R.13", needs(Consent), stage = Installed, within = "30s")]
async fn no_plan_uses_what_cannot_work(cx: &Cx) -> Verdict {
    for stage in [Stage::Planned, Stage::Installed] {
        let text = cx.plan_of(stage)?.to_string();
        // `buildx create --driver docker` is refused; the other two lose definitions and caches.
        for command in ["--driver docker ", "--append", "--all-inactive"] {
            expect(format!("the plan of the stage {stage:?}"), &text).holds_no(command)?;
        }
    }
    Ok(())
}

/// Steps of older notes that cannot work are named in the guide, each with what replaces it.
#[harness::check(covers = ["R.10", "R.12", "R.13"], within = "10s")]
async fn steps_that_cannot_work_are_replaced(cx: &Cx) -> Verdict {
    let guide = cx.guide(PROCEDURE)?;
    for old in
        ["pkill buildkit", "docker buildx use default", "docker buildx build --help", "--driver docker"]
    {
        let replaced = REPLACED.iter().find(|replaced| replaced.step.contains(old));
        let instead = replaced.map(|replaced| replaced.instead).unwrap_or_default();
        expect(format!("what replaces `{old}`"), instead).contains("reinstall ")?;
        expect("the guide", &guide).contains(instead)?;
    }
    Ok(())
}

/// A rollback is recorded with its reason, its time, how long it took and what came of it.
#[harness::check(covers = "R.14", needs(Lab), stage = Drilled, within = "30s")]
async fn rollback_is_recorded(cx: &Cx) -> Verdict {
    let drill = cx.drill()?;
    expect("the recorded reason", drill.reason).is("something", |reason| !reason.is_empty())?;
    expect("the recorded duration", drill.took).is("more than nothing", |took| !took.is_zero())?;
    let plan = cx.plan_of(Stage::Drilled)?;
    expect("the kind of the recorded plan", plan.kind).equals(Kind::Rollback)?;
    expect("steps that were not done", not_done(&plan, &cx.journal_of(Stage::Drilled)?)).is_empty()
}
