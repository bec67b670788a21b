//! Scenario: what happens after the reinstall is seen, kept, and learned from.

use std::collections::BTreeSet;

use fixtures::installation::container_name;
use fixtures::plan::Undo;
use fixtures::plan::journal::Record;
use fixtures::team::lessons::{learn_from, lessons};
use fixtures::team::trend::proposals;
use fixtures::team::watch::{Entry, Log, Note, Sample};
use harness::{Failure, Verdict, expect};
use serde::Deserialize;

use crate::journals::Reinstall;
use crate::stages::observed::{FIRST_LOOK, FirstLook};
use crate::{Cx, Stage};

/// A line of `docker buildx ls --format json` (buildx 0.13 and later).
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Listed {
    name: String,
    driver: String,
    nodes: Vec<ListedNode>,
}

/// A node in such a line.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ListedNode {
    name: String,
}

/// A look at the new installation sees every builder that `docker buildx ls` lists, and the log gives it back unchanged.
#[harness::check(covers = "6.4.1", needs(Consent, Buildx), stage = Installed, within = "30s")]
async fn every_builder_is_watched(cx: &Cx) -> Verdict {
    let installation = cx.installation()?;
    let inventory = cx.inventory_of(Stage::Installed)?;
    let sample = Sample::of(&inventory);
    let log = Log::at(cx.scope().folder()?.join("watch"));
    log.append(&Entry::Sample(sample.clone()))?;
    expect("the log", log.read()?.samples).equals(vec![sample.clone()])?;

    let client = installation.private_client()?;
    let listed = client.docker().args(["buildx", "ls", "--format", "json"]).run_ok().await?.stdout;
    let listed: Vec<Listed> = listed.lines().map(serde_json::from_str).collect::<Result<_, _>>()?;
    let watched: BTreeSet<&str> = sample.builders.iter().map(|builder| builder.name.as_str()).collect();
    let contexts_of = |name: &str| {
        inventory.engines.iter().find(|engine| engine.contexts.iter().any(|context| context == name))
    };
    let missing: Vec<_> = listed
        .iter()
        .filter(|builder| match builder.driver.as_str() {
            // An engine that several contexts lead to is watched once.
            "docker" => !contexts_of(&builder.name).is_some_and(|engine| {
                engine.contexts.iter().any(|context| watched.contains(context.as_str()))
            }),
            "docker-container" => {
                !builder.nodes.iter().all(|node| watched.contains(container_name(&node.name).as_str()))
            }
            _ => false,
        })
        .map(|builder| &builder.name)
        .collect();
    expect("builders that nobody watches", missing).is_empty()
}

/// The problem that the first look met, told as a note, is kept and leads at once to the fault that had been planted.
#[harness::check(covers = ["6.4.2", "6.4.3"], needs(Lab), stage = Observed, within = "20s")]
async fn a_problem_told_leads_to_its_cause(cx: &Cx) -> Verdict {
    let look: FirstLook = cx.evidence(Stage::Observed, FIRST_LOOK)?;
    let found = look.failure.map(|failure| failure.found).unwrap_or_default();
    let log = Log::at(cx.scope().folder()?.join("watch"));
    log.append(&Entry::Note(Note::now(&found)))?;
    let notes = log.read()?.notes;
    let note = notes.first().ok_or_else(|| Failure::new("the log", "the note", "nothing"))?;
    expect("the words of the note", &note.text).equals(&found)?;
    expect("the fault that the note leads to", note.explained().map(|fault| fault.id))
        .is("one that had been planted", |fault| {
            fault.is_some_and(|id| look.planted.iter().any(|each| each == id))
        })
}

/// Where the evidence of a run has what it taught.
const LESSONS: &str = "lessons";

/// What the run itself teaches is kept beside it: everything that its journals say cannot be undone.
#[harness::check(covers = "6.4.4", needs(Consent), stage = Installed, within = "20s")]
async fn what_the_run_teaches_is_kept(cx: &Cx) -> Verdict {
    let reinstall = Reinstall::of(cx)?;
    let parts = reinstall.parts();
    let place = cx.scope().beside(LESSONS);
    let folder = place.folder()?;
    if lessons(folder)?.is_empty() {
        learn_from(folder, reinstall.after.taken_at, reinstall.story(&parts))?;
    }
    let kept = lessons(folder)?;
    let lost = parts.iter().flat_map(|part| part.records).filter_map(|record| match record {
        Record::Begun { undo: Undo::Lost { what }, .. } => Some(what.clone()),
        _ => None,
    });
    let forgotten: Vec<_> = lost.filter(|what| !kept.contains(what.as_str())).collect();
    expect("losses that are not among the lessons", forgotten).is_empty()
}

/// Limits that real use comes near to lead to a proposal that names the builder, and limits that it does not to none.
#[harness::check(covers = "6.4.5", needs(Lab, ContainerBuilder), stage = Planned, within = "30s")]
async fn real_use_leads_to_proposals(cx: &Cx) -> Verdict {
    let sample = Sample::of(&cx.inventory_of(Stage::Planned)?);
    let caches = sample.builders.iter().filter_map(|builder| builder.cache);
    let used = caches.filter(|cache| cache.bytes > 0).count();
    expect("builders with cache", used).at_least(1)?;
    expect("proposals where limits are a hundred times what is used", about_limits(&sample, 100))
        .equals(0)?;
    expect("proposals where limits are used up", about_limits(&sample, 1)).equals(used)
}

/// How many proposals are about limits, if each cache might grow to so many times what it takes now.
fn about_limits(sample: &Sample, times: u64) -> usize {
    let mut sample = sample.clone();
    for cache in sample.builders.iter_mut().filter_map(|builder| builder.cache.as_mut()) {
        cache.limit = (cache.bytes > 0).then(|| cache.bytes.saturating_mul(times));
    }
    proposals(&[sample]).iter().filter(|proposal| proposal.seen.contains("fills")).count()
}
