//! `reinstall report`: the reports of a run of checks, made anew from its events.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};

use harness::args::Dialect;
use harness::event::Event;
use harness::report::{Report, human, json, junit};
use harness::run_folder::write_whole;
use harness::{Exit, Spec};

use super::trouble::Trouble;
use crate::SPEC;

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The folder of the run; the latest if none is named.
    run: Option<PathBuf>,

    /// What the JUnit report may hold.
    #[arg(long, value_name = "strict|rich", default_value = "strict")]
    junit_dialect: Dialect,
}

pub(crate) fn report(args: &Args, runs: &Path) -> Result<Exit, Trouble> {
    let run = args.run.clone().unwrap_or_else(|| runs.join("latest"));
    let events = run.join("events.jsonl");
    let report = Report::from_events(&events).map_err(|error| {
        let advice = "`reinstall check` makes a run, `reinstall report FOLDER` names one";
        Trouble::usage(format!("cannot read {}: {error}; {advice}", events.display()))
    })?;
    let spec = Spec::parse(SPEC).map_err(|error| Trouble::broken(error.to_string()))?;
    write_whole(&run.join("report.json"), json::render(&report, &spec).as_bytes())?;
    write_whole(&run.join("junit.xml"), junit::render(&report, args.junit_dialect).as_bytes())?;
    let exit = exit(&events)?;
    for record in report.checks.values().filter(|record| record.outcome.needs_attention()) {
        println!("{}: {}\n{}\n", record.name, record.outcome.word(), human::message(record));
    }
    println!("{}", human::summary(&report, exit, &run));
    Ok(exit)
}

/// How the run ended; as if interrupted where it did not.
fn exit(events: &Path) -> Result<Exit, Trouble> {
    let mut found = Exit::Interrupted;
    for line in BufReader::new(File::open(events)?).lines() {
        if let Ok(Event::RunEnded { exit, .. }) = serde_json::from_str(&line?) {
            found = Exit::ALL.into_iter().find(|each| each.code() == exit).unwrap_or(found);
        }
    }
    Ok(found)
}
