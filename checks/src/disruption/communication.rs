//! Scenario: what is told when it is done.

use std::path::Path;

use fixtures::plan::Step;
use fixtures::projects::THREE_STEPS;
use fixtures::team::announcement::{self, After, Builders, Sender, examples};
use fixtures::team::notice::Notice;
use fixtures::team::outage::Outage;
use fixtures::team::watch::{Entry, Log, Note};
use harness::report::Report;
use harness::{Outcome, Stop, Tool, Verdict, expect};

use crate::Cx;
use crate::journals::{Reinstall, run_folder};

/// The announcement tells how many checks of this run passed, and each builder that the plans took away or brought.
#[harness::check(covers = ["6.3.1", "6.3.3"], needs(Consent), stage = Installed, within = "20s")]
async fn it_tells_the_result_and_every_change_of_commands(cx: &Cx) -> Verdict {
    let reinstall = Reinstall::of(cx)?;
    let (passed, ran) = passed(cx)?;
    let text = notice(&reinstall, passed, ran).plain();
    let created = steps(&reinstall, |step| match step {
        Step::CreateBuilder(create) => Some(create.name.clone()),
        _ => None,
    });
    let before: Vec<_> =
        reinstall.before.client.builders.iter().map(|builder| builder.name.clone()).collect();
    let gone = before
        .iter()
        .filter(|name| !created.contains(name))
        .map(|name| format!("The builder {name} is gone"));
    let come = created.iter().filter(|name| !before.contains(name));
    let come = come.map(|name| format!("There is a new builder {name}"));
    let result = format!("{passed} of {ran} checks passed");
    let left_out: Vec<_> =
        gone.chain(come).chain([result]).filter(|words| !text.contains(words.as_str())).collect();
    expect("what the announcement leaves out", left_out).is_empty()
}

/// How many checks of this run have passed by now, of how many.
fn passed(cx: &Cx) -> Result<(usize, usize), Stop> {
    let records = Report::from_events(&run_folder(cx)?.join("events.jsonl"))?.checks;
    let passed = records.values().filter(|record| record.outcome == Outcome::Passed).count();
    Ok((passed, records.len()))
}

fn steps(reinstall: &Reinstall, pick: impl Fn(&Step) -> Option<String>) -> Vec<String> {
    let plans = [&reinstall.purge.plan, &reinstall.install.plan];
    plans.iter().flat_map(|plan| &plan.steps).filter_map(|planned| pick(&planned.step)).collect()
}

/// What is announced after this reinstall.
fn notice(reinstall: &Reinstall, passed: usize, ran: usize) -> Notice {
    let (old, new) = (Builders::of(&reinstall.before), Builders::of(&reinstall.after));
    let sender = Sender { installation: &reinstall.purge.plan.installation, contact: None, run: "." };
    announcement::after(sender, &After { passed, ran, outage: Outage::default(), old: &old, new: &new })
}

/// The builder that the announcement calls the selected one is the one that `docker buildx inspect` names.
#[harness::check(covers = "6.3.2", needs(Consent, Buildx), stage = Installed, within = "20s")]
async fn its_guidance_names_the_builder_in_use(cx: &Cx) -> Verdict {
    let text = notice(&Reinstall::of(cx)?, 1, 1).plain();
    let inspect = cx.installation()?.private_client()?.docker().args(["buildx", "inspect"]).run_ok().await?;
    let name = inspect
        .stdout
        .lines()
        .find_map(|line| line.strip_prefix("Name:"))
        .unwrap_or_default()
        .trim()
        .to_owned();
    expect("the guidance", text)
        .contains(&format!("`docker buildx build` the selected one, {name}.").replace('`', ""))
}

/// Every example in the announcement works as it is printed, and leaves the files that it names.
#[harness::check(covers = "6.3.4", needs(Lab, Buildx, ContainerBuilder), stage = Installed, within = "120s")]
async fn its_examples_work_as_they_are_printed(cx: &Cx) -> Verdict {
    let installation = cx.installation()?;
    let builders = installation.builders().found;
    let builder = builders.iter().find(|builder| builder.driver == "docker-container");
    let builder = builder.ok_or_else(|| Stop::Broken("no docker-container builder was installed".into()))?;
    let sources = cx.project(&THREE_STEPS).await?;
    // No step runs, so that no emulator is needed.
    sources.write("Dockerfile", "FROM scratch\nCOPY salt /salt\n")?;
    let mut without_result = Vec::new();
    for example in examples(&builder.name) {
        cx.scope().doing(format!("running `{}`", example.command));
        let run = installation.environment().scrubbed(Tool::new("sh")).arg("-c").arg(&example.command);
        run.current_dir(sources.folder()).run_ok().await?;
        let missing = results(&example.command).filter(|file| !sources.folder().join(file).exists());
        without_result.extend(missing.map(|file| format!("{} of `{}`", file.display(), example.command)));
    }
    expect("files that examples name and do not make", without_result).is_empty()
}

/// What a command says that it will write: the values of `dest=`.
fn results(command: &str) -> impl Iterator<Item = &Path> {
    command.split([' ', ',']).filter_map(|word| word.strip_prefix("dest=")).map(Path::new)
}

/// There is a way to tell how it went: the announcement gives the command, and what is told is kept with its likely cause.
#[harness::check(covers = "6.3.5", needs(Consent), stage = Installed, within = "20s")]
async fn there_is_a_way_to_tell_how_it_went(cx: &Cx) -> Verdict {
    let reinstall = Reinstall::of(cx)?;
    let (passed, ran) = passed(cx)?;
    let text = cx.paper("afterwards.txt", || notice(&reinstall, passed, ran).plain())?;
    expect("the announcement", text).contains("reinstall watch --note")?;
    let log = Log::at(cx.scope().folder()?.join("watch"));
    log.append(&Entry::Note(Note::now("buildx ls says: protocol not available")))?;
    let told = log.read()?.notes;
    let causes: Vec<_> = told.iter().filter_map(|note| note.explained()).map(|fault| fault.id).collect();
    expect("the causes of what was told", causes).equals(vec!["context-npipe"])
}
