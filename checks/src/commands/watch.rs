//! `reinstall watch`: a line in the log each time, what changed since, and what to do about it.

use fixtures::installation::Installation;
use fixtures::state::StateFolder;
use fixtures::team::trend::{proposals, trend};
use fixtures::team::watch::{Entry, Log, Note, Sample};
use harness::Exit;

use super::asked::look;
use super::page::below;
use super::trouble::Trouble;

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Record a problem beside the measurements.
    #[arg(long, value_name = "TEXT")]
    note: Option<String>,
}

pub(crate) async fn watch(args: Args) -> Result<Exit, Trouble> {
    let log = Log::at(StateFolder::from_environment()?.path().join("watch"));
    if let Some(text) = args.note {
        return note(&log, Note::now(text));
    }
    let sample = Sample::of(&look(&Installation::from_environment()?).await?);
    log.append(&Entry::Sample(sample))?;
    let samples = log.read()?.samples;
    if let Some(trend) = trend(&samples) {
        let (days, megabytes) = (trend.over.as_secs_f64() / 86_400.0, trend.cache_bytes_per_day / 1e6);
        println!("{} looks in {days:.1} days; caches grow by {megabytes:.0} MB a day", trend.looks);
        println!("{} looks found a builder that did not answer", trend.unhealthy);
    }
    let proposals = proposals(&samples);
    for proposal in &proposals {
        println!("{}", below("  - ", &format!("{}: {}", proposal.seen, proposal.advice)));
    }
    if proposals.is_empty() {
        println!("nothing to change");
    }
    println!("log: {}", log.path().display());
    Ok(Exit::Passed)
}

fn note(log: &Log, note: Note) -> Result<Exit, Trouble> {
    if let Some(fault) = note.explained() {
        println!("{}", below("likely cause: ", fault.cause));
        println!("remedy: {}", fault.remedy);
    }
    log.append(&Entry::Note(note))?;
    println!("noted in {}", log.path().display());
    Ok(Exit::Passed)
}
