//! Scenario: when, how long, and who is told.

use std::time::Duration;

use fixtures::builds::Output;
use fixtures::installation::container_name;
use fixtures::inventory::Inventory;
use fixtures::plan::{Plan, Step};
use fixtures::projects::WAITS;
use fixtures::purge::{self, Policy, PurgeError};
use fixtures::team::announcement::{self, Before, Sender};
use fixtures::team::estimate::{Estimate, Rates, Work};
use fixtures::team::quiet_time::{ATTENDED, quiet_time};
use harness::{Doing, Failure, Look, Stop, Tool, Verdict, expect, until};
use serde_json::Value;

use super::fallback::ways_of;
use crate::journals::{Reinstall, run_folder};
use crate::own_builder::with_builder;
use crate::stages::baselined::BUILDS;
use crate::{Cx, Stage};

/// The hour that is proposed has no more builds in it than hours have on average, and somebody is there at it.
#[harness::check(covers = "6.1.1", needs(Lab, Buildx), stage = Baselined, within = "20s")]
async fn a_quiet_hour_is_proposed(cx: &Cx) -> Verdict {
    let builds: Vec<jiff::Timestamp> = cx.evidence(Stage::Baselined, BUILDS)?;
    expect("builds that buildx remembers", builds.clone()).is_not_empty()?;
    let now = jiff::Zoned::now();
    let quiet = quiet_time(&builds, &now, ATTENDED);
    let quiet = quiet.ok_or_else(|| Failure::new("the proposal", "an hour", "none"))?;
    expect("the hour of the day", quiet.next.hour())
        .is("one at which somebody is there", |hour| ATTENDED.contains(hour))?;
    expect("the start", quiet.next.timestamp()).is("ahead of now", |start| *start > now.timestamp())?;
    let then = builds.iter().map(|build| build.to_zoned(now.time_zone().clone()));
    let then = then.filter(|build| build.hour() == quiet.next.hour());
    let then = then.filter(|build| quiet.weekday.is_none_or(|day| build.weekday() == day)).count();
    let hours = ATTENDED.count() * if quiet.weekday.is_some() { 7 } else { 1 };
    expect("builds in that hour", then).at_most(builds.len() / hours)
}

/// What was estimated from the frozen plans, before anything was done, is kept by the run.
#[harness::check(covers = "6.1.2", needs(Consent), stage = Installed, within = "20s")]
async fn the_estimate_holds(cx: &Cx) -> Verdict {
    let Reinstall { purge, install, .. } = Reinstall::of(cx)?;
    let estimate = Estimate::of(Work::of(&purge.plan, &install.plan, 0), Rates::FAST, Rates::SLOW);
    for (executed, span) in [(&purge, estimate.purge), (&install, estimate.install)] {
        let kind = executed.plan.kind;
        let (from, to) =
            executed.times().ok_or_else(|| Stop::Broken(format!("the journal of the {kind} is empty")))?;
        let took = Duration::try_from(to.duration_since(from)).unwrap_or_default();
        expect(format!("what the {kind} took"), took).at_most(span.most)?;
    }
    Ok(())
}

/// While a build is running there is no purge plan, and the reason says so.
#[harness::check(
    covers = "6.1.3",
    needs(Lab, Buildx, ContainerBuilder),
    stage = BackedUp,
    within = "60s",
    alone
)]
async fn a_build_in_progress_keeps_it_from_starting(cx: &Cx) -> Verdict {
    let installation = cx.installation()?;
    let point = cx.proven()?;
    let sources = cx.project(&WAITS).await?;
    let planned = with_builder(cx, BUSY, async |client| {
        let build = cx.build_as(client.docker(), &sources).builder(BUSY).output(Output::Cache).run();
        let meanwhile = async {
            a_build_is_running(cx).await?;
            let inventory = Inventory::take(&installation).await;
            Ok(purge::plan(&installation, &inventory, &point, &Policy::default()))
        };
        tokio::select! {
            ended = build => Err(Stop::Broken(format!("the build that waits has ended: {ended:?}"))),
            planned = meanwhile => planned,
        }
    });
    expect("the purge plan while a build is running", planned.await?)
        .is("refused, because of the build", |planned| matches!(planned, Err(PurgeError::Building { .. })))
}

/// The builder that is kept busy. It goes with its build: a build whose client was killed is sometimes on record as running
/// long after.
const BUSY: &str = "busy";

/// Waits until the busy builder says that it builds.
async fn a_build_is_running(cx: &Cx) -> Result<(), Stop> {
    let engine = cx.engine().await?;
    let buildkit =
        engine.buildkit_in(&container_name(&format!("{BUSY}0"))).await.doing("asking the builder")?;
    let look = || async {
        match buildkit.running_builds().await {
            Ok(builds) if builds.is_empty() => Look::NotYet("no build".into()),
            Ok(_) => Look::Ready(()),
            Err(error) => Look::NotYet(error.to_string()),
        }
    };
    Ok(until("a running build", Duration::from_millis(50), Duration::from_secs(20), look).await?)
}

/// The announcement that the frozen plan allows names every builder that it takes away, and every other way to build.
#[harness::check(covers = ["6.1.4", "6.2.3"], needs(Consent), stage = Planned, within = "20s")]
async fn the_announcement_names_what_will_be_missing(cx: &Cx) -> Verdict {
    let plan = cx.plan_of(Stage::Planned)?;
    let missing = announcement::missing(&plan);
    let ways = ways_of(&cx.inventory_of(Stage::Planned)?);
    let install = Plan::new(fixtures::plan::Kind::Install, plan.installation.clone(), plan.inventory);
    let estimate = Estimate::of(Work::of(&plan, &install, 0), Rates::FAST, Rates::SLOW);
    let news = Before { reasons: &[], when: None, missing: &missing, estimate, ways: &ways };
    let run = run_folder(cx)?.display().to_string();
    let sender = Sender { installation: &plan.installation, contact: None, run: &run };
    let text = cx.paper("beforehand.txt", || announcement::before(sender, &news).plain())?;

    let removed = plan.steps.iter().filter_map(|planned| match &planned.step {
        Step::RemoveBuilder(step) => Some(step.name.clone()),
        Step::RemoveContainer(step) => Some(step.builder.clone()),
        _ => None,
    });
    let commands = ways.iter().map(|way| way.command().to_owned());
    let wanted = removed.chain(commands).chain([plan.installation.clone(), estimate.total().to_string()]);
    let left_out: Vec<_> = wanted.filter(|words| !text.contains(words.as_str())).collect();
    expect("what the announcement leaves out", left_out).is_empty()
}

/// The command that the announcement gives for following shows, to another process, what the run has done so far.
#[harness::check(covers = "6.1.5", needs(Consent), stage = Observed, within = "20s")]
async fn others_can_follow_its_progress(cx: &Cx) -> Verdict {
    let run = run_folder(cx)?;
    let tail = Tool::new("tail").args(["-n", "100000"]).arg(run.join("events.jsonl"));
    let followed = tail.run_ok().await?.stdout;
    let events: Vec<Value> = followed.lines().map(serde_json::from_str).collect::<Result<_, _>>()?;
    expect("events that name the stage `observed`", events)
        .is("at least one", |events| events.iter().any(|event| event.to_string().contains("\"observed\"")))
}
