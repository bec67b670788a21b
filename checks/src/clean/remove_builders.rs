//! Scenario: builders are removed whole.

use fixtures::inventory::State;
use fixtures::plan::Step;
use harness::{Verdict, expect};

use crate::evidence::is_done;
use crate::stages::baselined::{FOREIGN_VOLUME, TEAM_BUILDER, WORN_BUILDER};
use crate::{Cx, Stage};

/// Every builder that was defined is gone.
#[harness::check(covers = "2.2.1", needs(Consent), stage = Purged, within = "30s")]
async fn every_builder_is_removed(cx: &Cx) -> Verdict {
    let left = cx.inventory_of(Stage::Purged)?.client.builders;
    expect("builders after the purge", left.into_iter().map(|builder| builder.name).collect::<Vec<_>>())
        .is_empty()
}

/// Every builder whose engines answered was removed by `docker buildx rm`, and the journal shows it done.
#[harness::check(covers = "2.2.1", needs(Consent), stage = Purged, within = "30s")]
async fn builders_go_by_buildx_itself(cx: &Cx) -> Verdict {
    let (plan, journal) = (cx.plan_of(Stage::Purged)?, cx.journal_of(Stage::Purged)?);
    let removed = plan.steps.iter().filter(|planned| is_done(&journal, planned.id));
    let removed: Vec<String> = removed
        .filter_map(|planned| match &planned.step {
            Step::RemoveBuilder(step) => Some(step.name.clone()),
            _ => None,
        })
        .collect();
    let before = cx.inventory_of(Stage::Planned)?;
    let sockets: Vec<&str> = before
        .engines
        .iter()
        .filter(|engine| matches!(engine.state, State::Reached(_)))
        .flat_map(|engine| engine.contexts.iter().map(String::as_str).chain([engine.endpoint.as_str()]))
        .collect();
    let builders = before.client.builders.iter().filter(|builder| builder.driver == "docker-container");
    let reached =
        builders.filter(|builder| builder.nodes.iter().all(|node| sockets.contains(&node.endpoint.as_str())));
    let wanted: Vec<String> = reached.map(|builder| builder.name.clone()).collect();
    expect("builders that `docker buildx rm` removed", removed).has_all(&wanted)
}

/// The builders of the field report were there before the purge: the team's, one with a torn cache, one whose context is gone.
#[harness::check(covers = "2.2.1", needs(Lab, ContainerBuilder), stage = Planned, within = "30s")]
async fn there_was_something_to_remove(cx: &Cx) -> Verdict {
    let before = cx.inventory_of(Stage::Planned)?.client.builders;
    let names: Vec<String> = before.into_iter().map(|builder| builder.name).collect();
    expect("builders before the purge", names).has_all(&[TEAM_BUILDER, WORN_BUILDER, "stale"])
}

/// Looking again finds nothing of what the purge was to take away.
#[harness::check(covers = ["2.2.2", "2.2.5", "2.3.5"], needs(Consent), stage = Purged, within = "30s")]
async fn looking_again_finds_nothing(cx: &Cx) -> Verdict {
    let left = cx.between()?.left.into_iter().map(|left| left.what);
    expect("what the purge left", left.collect::<Vec<_>>()).is_empty()
}

/// No definition file is left where buildx looks for builders.
#[harness::check(covers = "2.2.3", needs(Consent), stage = Purged, within = "30s")]
async fn no_definition_file_is_left(cx: &Cx) -> Verdict {
    let folder = cx.installation()?.instances_folder();
    let files = cx.inventory_of(Stage::Purged)?.files.into_iter();
    let left = files.map(|file| file.path).filter(|path| path.starts_with(&folder) && *path != folder);
    expect("files among the definitions", left.collect::<Vec<_>>()).is_empty()
}

/// No mark of activity and no reference of a removed builder is left.
#[harness::check(covers = "2.2.4", needs(Consent), stage = Purged, within = "30s")]
async fn no_activity_or_reference_is_left(cx: &Cx) -> Verdict {
    let before = cx.inventory_of(Stage::Planned)?.client;
    let after = cx.inventory_of(Stage::Purged)?.client;
    let own = |name: &String| before.builders.iter().any(|builder| builder.name == *name);
    let active = after.activity.into_keys().filter(own);
    expect("builders with a mark of activity", active.collect::<Vec<_>>()).is_empty()?;
    expect("references to builds", after.refs.total()).equals(0)
}

/// What belongs to somebody else stays: a volume that only looks like a builder's is still there.
#[harness::check(covers = "2.2.5", needs(Lab, ContainerBuilder), stage = Purged, within = "30s")]
async fn what_is_somebody_elses_stays(cx: &Cx) -> Verdict {
    let after = cx.inventory_of(Stage::Purged)?;
    let volumes = after.reached().flat_map(|engine| &engine.volumes).map(|volume| volume.name.clone());
    expect("volumes after the purge", volumes.collect::<Vec<_>>()).has_all(&[FOREIGN_VOLUME])?;
    let named = cx.plan_of(Stage::Planned)?.to_string();
    let removed = named.lines().take_while(|line| !line.starts_with("Not touched"));
    expect("the part of the plan that says what is done", removed.collect::<Vec<_>>().join("\n"))
        .holds_no(FOREIGN_VOLUME)
}
