//! Scenario: another way to build while builders are being replaced.

use std::time::Duration;

use fixtures::installation::BUILDER_PREFIXES;
use fixtures::inventory::Inventory;
use fixtures::plan::Step;
use fixtures::plan::journal::Record;
use fixtures::projects::{CACHE_MOUNT, THREE_STEPS};
use fixtures::team::fallback::{Way, ways};
use fixtures::team::outage::{Outage, changes, working};
use harness::{Stop, Tool, Verdict, expect};

use crate::journals::{Executed, Reinstall};
use crate::{Cx, Stage};

/// After the purge and before the install, when no builder of ours was left, the engine's own built, and it is among the ways
/// that were announced.
#[harness::check(covers = ["6.2.1", "6.2.4"], needs(Consent), stage = Purged, within = "20s")]
async fn there_was_another_way_to_build(cx: &Cx) -> Verdict {
    let between = cx.between()?;
    let built = between.fallback.map(|reading| reading.content.len());
    expect("files that the engine's own builder made meanwhile", built)
        .is("at least one", |files| files.as_ref().is_ok_and(|files| *files > 0))?;
    let offered = ways_of(&cx.inventory_of(Stage::Purged)?);
    expect("the ways that are announced", offered).has_all(&[Way::EngineBuilder])
}

/// The other ways to build that the engine in use has, by an inventory; none where it does not answer.
pub(super) fn ways_of(inventory: &Inventory) -> Vec<Way> {
    let engine = inventory.engine(&inventory.client.selection.context);
    engine.map(|engine| ways(&engine.info, true)).unwrap_or_default()
}

/// Nothing that the purge did touches what other work needs: it stopped and removed builders' containers and volumes only, and
/// restarted the engine only while no other container ran on it.
#[harness::check(covers = "6.2.4", needs(Consent), stage = Purged, within = "20s")]
async fn nothing_but_builders_was_touched(cx: &Cx) -> Verdict {
    let purge = Executed::by(Stage::Purged, cx)?;
    let ours = |name: &str| BUILDER_PREFIXES.iter().any(|prefix| name.starts_with(prefix));
    let before = cx.inventory_of(Stage::Planned)?;
    let others_run = |id: &str| {
        let engine = before.reached().find(|engine| engine.info.id == id);
        engine.is_none_or(|engine| engine.foreign.containers.iter().any(|found| found.state == "running"))
    };
    let touched = purge.plan.steps.iter().filter(|planned| match &planned.step {
        Step::StopContainer(step) => !ours(&step.name),
        Step::RemoveContainer(step) => !ours(&step.name),
        Step::RemoveVolume(step) => !ours(&step.name),
        Step::RestartEngine(step) => others_run(&step.engine.id),
        _ => false,
    });
    expect(
        "steps on what is no builder's",
        touched.map(|planned| planned.step.describe()).collect::<Vec<_>>(),
    )
    .is_empty()
}

/// By the journals, some builder worked all the time, but for the moments in which an engine was restarted.
#[harness::check(covers = "6.2.5", needs(Consent), stage = Installed, within = "20s")]
async fn some_builder_worked_unless_the_engine_restarted(cx: &Cx) -> Verdict {
    let reinstall = Reinstall::of(cx)?;
    let working = working(&reinstall.before);
    expect("builders that worked before", working.iter().cloned().collect::<Vec<_>>()).is_not_empty()?;
    let parts = [&reinstall.purge, &reinstall.install];
    let changes = parts.iter().flat_map(|part| changes(&part.plan, &part.records, &working));
    let times: Vec<_> = parts.iter().filter_map(|part| part.times()).collect();
    let [(start, _), (_, end)] = times.as_slice() else {
        return Err(Stop::Broken("a journal is empty".into()));
    };
    let outage = Outage::measure(*start, working.clone(), changes, *end);
    let restarts: Duration = parts.iter().map(|part| restarting(part)).sum();
    expect("how long no builder worked at all", outage.without_any)
        .is(format!("no longer than engines were restarted, {restarts:?}"), |away| *away <= restarts)
}

/// For how long engines were restarted, by a journal.
fn restarting(executed: &Executed) -> Duration {
    let steps = executed.plan.steps.iter();
    let restarts = steps.filter(|planned| matches!(planned.step, Step::RestartEngine(_)));
    let took = restarts.filter_map(|planned| {
        let begun = executed.records.iter().find_map(|record| match record {
            Record::Begun { step, at, .. } if *step == planned.id => Some(*at),
            _ => None,
        });
        let done = executed.records.iter().find_map(|record| match record {
            Record::Done { step, at } if *step == planned.id => Some(*at),
            _ => None,
        });
        Duration::try_from(done?.duration_since(begun?)).ok()
    });
    took.sum()
}

/// Every other way to build makes an image, typed as it is written down.
#[harness::check(covers = ["6.2.2", "6.2.4"], needs(Lab, Buildx), within = "60s")]
async fn every_other_way_builds_as_it_is_written_down(cx: &Cx) -> Verdict {
    let mut failed = Vec::new();
    for way in ways(cx.engine_info().await?, true) {
        failed.extend(try_out(cx, way).await?);
    }
    expect("ways that made no image", failed).is_empty()
}

/// Builds by the command of a way, and removes the image. Returns what went wrong.
async fn try_out(cx: &Cx, way: Way) -> Result<Option<String>, Stop> {
    let installation = cx.installation()?;
    // The classic builder knows no TARGETARCH; what is tried is the way, not the project.
    let sources = cx.project(&THREE_STEPS).await?;
    sources.write("Dockerfile", "FROM scratch\nCOPY salt /salt\n")?;
    let tag =
        format!("buildkit-reinstall/other-way:{}-{}", format!("{way:?}").to_lowercase(), std::process::id());
    let line = way.command().replace("NAME", &tag);
    cx.scope().doing(format!("running `{line}`"));
    let client = installation.private_client()?;
    let build = installation.environment().scrubbed(Tool::new("sh")).arg("-c").arg(&line);
    let build =
        build.env("BUILDX_CONFIG", client.buildx_config()).current_dir(sources.folder()).output().await?;
    let image = installation.docker().args(["image", "inspect", &tag]).output().await?;
    if !image.status.success() {
        return Ok(Some(format!("`{line}`: {}", build.last_words())));
    }
    if !installation.docker().args(["image", "rm", &tag]).output().await?.status.success() {
        cx.scope().leaves(format!("image {tag}"));
    }
    Ok(None)
}

/// What the classic builder is said to lack, it lacks: a Dockerfile with `RUN --mount` is refused.
#[harness::check(
    covers = "6.2.3",
    needs(Buildx),
    stage = Installed,
    after = "validate::builder_functionality::engine_answers",
    within = "20s"
)]
async fn what_the_classic_builder_lacks_is_written_down(cx: &Cx) -> Verdict {
    let sources = cx.project(&CACHE_MOUNT).await?;
    let build = cx.installation()?.docker().env("DOCKER_BUILDKIT", "0").args(["build", "."]);
    let said = build.args(["--build-arg", "TARGETARCH=amd64"]).current_dir(sources.folder()).output().await?;
    expect("the classic builder on `RUN --mount`", said.stderr + &said.stdout)
        .contains("requires BuildKit")?;
    expect("what is written down", Way::ClassicBuilder.differences().join(" ")).contains("`RUN --mount`")
}
