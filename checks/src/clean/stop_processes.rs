//! Scenario: everything is stopped before anything is removed.

use fixtures::plan::journal::Record;
use fixtures::plan::{Step, StepId};
use harness::{Verdict, expect};

use crate::evidence::{is_done, not_done, steps};
use crate::stages::baselined::TEAM_BUILDER;
use crate::{Cx, Stage};

/// Running builders were stopped by a step of their own, which gave them time to close their databases.
#[harness::check(covers = "2.1.1", needs(Consent), stage = Purged, within = "30s")]
async fn running_builders_are_stopped_first(cx: &Cx) -> Verdict {
    let plan = cx.plan_of(Stage::Purged)?;
    let running = cx.inventory_of(Stage::Planned)?;
    let own: Vec<String> = running
        .client
        .builders
        .iter()
        .flat_map(|builder| &builder.nodes)
        .map(|node| fixtures::installation::container_name(&node.name))
        .collect();
    let running = running
        .reached()
        .flat_map(|engine| &engine.containers)
        .filter(|found| found.container.state == "running" && own.contains(&found.container.name));
    let wanted: Vec<String> = running.map(|found| found.container.name.clone()).collect();
    let journal = cx.journal_of(Stage::Purged)?;
    let stopped = plan.steps.iter().filter(|planned| is_done(&journal, planned.id));
    let stopped = stopped.filter_map(|planned| match &planned.step {
        Step::StopContainer(step) => Some(step.name.clone()),
        _ => None,
    });
    expect("containers that the purge stopped", stopped.collect::<Vec<_>>()).has_all(&wanted)
}

/// No container of the installation's builders is left on any engine.
#[harness::check(covers = ["2.1.2", "2.1.3"], needs(Consent), stage = Purged, within = "30s")]
async fn no_builder_container_is_left(cx: &Cx) -> Verdict {
    let before = cx.inventory_of(Stage::Planned)?;
    let nodes = before.client.builders.iter().flat_map(|builder| &builder.nodes);
    let own: Vec<String> = nodes.map(|node| fixtures::installation::container_name(&node.name)).collect();
    let after = cx.inventory_of(Stage::Purged)?;
    let left =
        after.reached().flat_map(|engine| &engine.containers).map(|found| found.container.name.clone());
    expect("containers left of own builders", left.filter(|name| own.contains(name)).collect::<Vec<_>>())
        .is_empty()
}

/// No build was in progress on any daemon when the purge was planned.
#[harness::check(covers = "2.1.4", needs(Consent), stage = Planned, within = "30s")]
async fn no_build_was_in_progress(cx: &Cx) -> Verdict {
    let inventory = cx.inventory_of(Stage::Planned)?;
    let daemons = inventory.reached().flat_map(|engine| {
        std::iter::once(&engine.embedded).chain(engine.containers.iter().map(|found| &found.daemon))
    });
    let running = daemons.filter_map(|daemon| match daemon {
        fixtures::inventory::Daemon::Answered { history, .. } => {
            Some(history.iter().filter(|build| !build.ended).map(|build| build.reference.clone()))
        }
        fixtures::inventory::Daemon::Silent { .. } => None,
    });
    expect("builds in progress", running.flatten().collect::<Vec<_>>()).is_empty()
}

/// The journal shows each container stopped before it was removed.
#[harness::check(covers = "2.1.5", needs(Consent), stage = Purged, within = "30s")]
async fn stopping_is_done_before_removing_begins(cx: &Cx) -> Verdict {
    let (plan, journal) = (cx.plan_of(Stage::Purged)?, cx.journal_of(Stage::Purged)?);
    let ended = |wanted: StepId| {
        journal.iter().position(|each| matches!(each, Record::Done { step, .. } if *step == wanted))
    };
    let begun = |wanted: StepId| {
        journal.iter().position(|each| matches!(each, Record::Begun { step, .. } if *step == wanted))
    };
    for planned in &plan.steps {
        let Step::StopContainer(stop) = &planned.step else { continue };
        let removals =
            steps(&plan, |step| matches!(step, Step::RemoveContainer(remove) if remove.id == stop.id));
        expect(format!("steps that remove {}", stop.name), removals.len()).equals(1)?;
        for removal in removals {
            expect(
                format!("journal: stopping {} and removing it", stop.name),
                (ended(planned.id), begun(removal)),
            )
            .is("both, in that order", |(stopped, removed)| stopped.is_some() && stopped < removed)?;
        }
    }
    Ok(())
}

/// The builders of the lab ran before the purge, so that there was something to stop.
#[harness::check(covers = ["2.1.1", "2.1.3"], needs(Lab, ContainerBuilder), stage = Purged, within = "30s")]
async fn there_was_something_to_stop(cx: &Cx) -> Verdict {
    let before = cx.inventory_of(Stage::Planned)?;
    let containers = before.reached().flat_map(|engine| &engine.containers);
    let running = containers.filter(|found| found.container.state == "running");
    let team = fixtures::installation::container_name(&format!("{TEAM_BUILDER}0"));
    let names: Vec<String> = running.map(|found| found.container.name.clone()).collect();
    expect("containers that ran before the purge", names).has_all(&[team])?;
    let plan = cx.plan_of(Stage::Purged)?;
    expect("steps that stop a container", steps(&plan, |step| matches!(step, Step::StopContainer(_))))
        .is_not_empty()
}

/// Every step of the purge was done, and seen to be done.
#[harness::check(covers = "2.1.5", needs(Consent), stage = Purged, within = "30s")]
async fn every_step_is_done(cx: &Cx) -> Verdict {
    expect("steps that were not done", not_done(&cx.plan_of(Stage::Purged)?, &cx.journal_of(Stage::Purged)?))
        .is_empty()
}

/// What was run is what was shown: the plan that ran has the digest of the plan that was frozen.
#[harness::check(covers = "2.1.5", needs(Consent), stage = Purged, within = "30s")]
async fn the_frozen_plan_is_the_one_that_ran(cx: &Cx) -> Verdict {
    let (frozen, ran) = (cx.plan_of(Stage::Planned)?, cx.plan_of(Stage::Purged)?);
    expect("digest of the plan that ran", ran.digest()).equals(frozen.digest())?;
    let journal = cx.journal_of(Stage::Purged)?;
    let opened = journal.iter().find_map(|record| match record {
        Record::Opened { plan, .. } => Some(*plan),
        _ => None,
    });
    expect("digest in the journal", opened).equals(Some(frozen.digest()))
}
