//! Scenario: the way through a reinstall, as it is written down.

use fixtures::guide::procedure::{Part, guide};
use fixtures::plan::journal::Record;
use fixtures::plan::{StepId, Undo};
use harness::{Failure, Name, Stop, Verdict, expect};

use crate::journals::Reinstall;
use crate::papers::PROCEDURE;
use crate::{Cx, Stage};

/// The heading in that guide over what went another way.
const DIFFERENTLY: &str = "What was done differently from the standard procedure";

/// The guide through the reinstall of this run.
fn written(cx: &Cx, reinstall: &Reinstall) -> Result<String, Stop> {
    cx.paper("reinstall.md", || guide(reinstall.story(&reinstall.parts())))
}

/// Every step that was done stands in the guide, in the order in which it was done, with its reason.
#[harness::check(covers = ["5.1.1", "5.1.2"], needs(Consent), stage = Installed, within = "20s")]
async fn every_step_stands_in_the_guide_in_order(cx: &Cx) -> Verdict {
    let reinstall = Reinstall::of(cx)?;
    let parts = reinstall.parts();
    let text = written(cx, &reinstall)?;
    let mut rest = text.as_str();
    for (part, step) in parts.iter().flat_map(|part| done(part).map(move |step| (part, step))) {
        let planned = part.plan.steps.iter().find(|planned| planned.id == step);
        let planned = planned
            .ok_or_else(|| Failure::new("the journal", "steps of its plan", format!("step {step}")))?;
        let line = format!("{step}. **{}**", planned.step.describe());
        let (_, after) = rest.split_once(&line).ok_or_else(|| {
            Failure::new("the guide, after the steps before", line.clone(), "another step, or none")
        })?;
        expect(format!("the lines below `{line}`"), after.lines().take(2).collect::<String>())
            .contains(&planned.reason)?;
        rest = after;
    }
    expect("steps in the journals", parts.iter().flat_map(done).count()).at_least(1)
}

/// The steps of a journal that were done, in order.
fn done<'a>(part: &Part<'a>) -> impl Iterator<Item = StepId> + 'a {
    part.records.iter().filter_map(|record| match record {
        Record::Done { step, .. } => Some(*step),
        _ => None,
    })
}

/// The reason that is given for repointing `desktop-linux` instead of creating a builder of that name is true of this buildx.
#[harness::check(covers = "5.1.2", needs(Buildx), within = "20s")]
async fn the_decision_about_desktop_linux_is_well_founded(cx: &Cx) -> Verdict {
    let reason = "additional instances of driver \"docker\" cannot be created";
    expect("the decisions", cx.guide(PROCEDURE)?).contains(reason)?;
    let client = cx.installation()?.private_client()?;
    let create = client.docker().args(["buildx", "create", "--name", "second", "--driver", "docker"]);
    expect("`docker buildx create --driver docker`", create.output().await?.stderr).contains(reason)
}

/// The output that the guide shows is the journal's: as many steps done, at the same times, and completed.
#[harness::check(covers = "5.1.3", needs(Consent), stage = Installed, within = "20s")]
async fn the_output_shown_is_what_happened(cx: &Cx) -> Verdict {
    let reinstall = Reinstall::of(cx)?;
    let parts = reinstall.parts();
    let text = written(cx, &reinstall)?;
    let (_, shown) = text.split_once("succeeds").unwrap_or_default();
    let times = |line: &str| line.contains("  done  ").then(|| line.chars().take(9).collect::<String>());
    let shown_done: Vec<_> = shown.lines().filter_map(times).collect();
    let happened = parts.iter().flat_map(|part| part.records).filter_map(|record| match record {
        Record::Done { at, .. } => Some(at.strftime("%H:%M:%SZ").to_string()),
        _ => None,
    });
    expect("when steps were done, as shown", shown_done).equals(happened.collect::<Vec<_>>())?;
    expect("how often it says `completed`", shown.matches("  completed").count()).equals(parts.len())
}

/// The picture has the stages of a run in their order.
#[harness::check(covers = "5.1.4", within = "20s")]
async fn the_picture_has_the_stages_in_order(cx: &Cx) -> Verdict {
    let text = cx.guide(PROCEDURE)?;
    let chain = text.lines().find(|line| line.contains(" --> ")).unwrap_or_default();
    let drawn: Vec<_> = chain.trim().split(" --> ").filter(|name| *name != "validated").collect();
    // A drill is what this suite does to prove the way back, and no part of a reinstall.
    let stages: Vec<_> =
        Stage::all().iter().filter(|stage| **stage != Stage::Drilled).map(|stage| stage.name()).collect();
    expect("the stages in the picture", drawn).equals(stages)
}

/// Whatever a journal has that is not a step done is told as a deviation, and nothing else is.
#[harness::check(covers = "5.1.5", needs(Consent), stage = Installed, within = "20s")]
async fn every_deviation_is_on_record(cx: &Cx) -> Verdict {
    let reinstall = Reinstall::of(cx)?;
    let parts = reinstall.parts();
    let planned: usize = parts.iter().map(|part| part.plan.steps.len()).sum();
    let records = || parts.iter().flat_map(|part| part.records);
    let plain = records().filter(|record| matches!(record, Record::Done { .. })).count();
    let already = |undo: &Undo| matches!(undo, Undo::Untouched);
    let lost = |undo: &Undo| matches!(undo, Undo::Lost { .. });
    let begun = |is: &dyn Fn(&Undo) -> bool| {
        records().filter(|record| matches!(record, Record::Begun { undo, .. } if is(undo))).count()
    };
    let expected = planned - plain + begun(&already) + begun(&lost);
    let text = written(cx, &reinstall)?;
    let (_, told) = text.split_once(DIFFERENTLY).unwrap_or_default();
    let told = told.lines().skip(1).take_while(|line| !line.starts_with('#'));
    expect("deviations that the guide tells", told.filter(|line| line.starts_with("- ")).count())
        .equals(expected)
}
