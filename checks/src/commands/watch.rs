//! `reinstall watch`: a line in the log each time, what changed since, and what to do about it.

use std::time::Duration;

use fixtures::installation::Installation;
use fixtures::rollback::Window;
use fixtures::state::StateFolder;
use fixtures::team::trend::{proposals, trend};
use fixtures::team::watch::{Entry, Log, Note, Sample};
use fixtures::transaction::{self, Aim, Committed, Judged, Refusal, Transaction};
use harness::{Exit, Look, until};

use super::asked::{Consent, look};
use super::checked::checker;
use super::ended::{ended, of_reinstall};
use super::page::below;
use super::progress::Telling;
use super::trouble::Trouble;

/// How late a window may be seen to open, as on a machine that was asleep.
const LATE: Duration = Duration::from_secs(60);

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Record a problem beside the measurements.
    #[arg(long, value_name = "TEXT", conflicts_with = "triggers")]
    note: Option<String>,

    /// Judge the last reinstall by the six triggers, as it is now. With consent, roll it back by itself when one fires.
    #[arg(long)]
    triggers: bool,

    /// Go on until the last of the three windows for a rollback has been judged too.
    #[arg(long, requires = "triggers")]
    through: bool,

    #[command(flatten)]
    consent: Consent,

    #[command(flatten)]
    telling: Telling,
}

pub(crate) async fn watch(args: Args) -> Result<Exit, Trouble> {
    if args.triggers {
        return triggers(&args).await;
    }
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

/// Judges the last reinstall now, and where it is asked for once more in each window that is still to open.
async fn triggers(args: &Args) -> Result<Exit, Trouble> {
    let (installation, state) = (Installation::from_environment()?, StateFolder::from_environment()?);
    let kept = Committed::last(&state, &installation)?.ok_or(Refusal::NothingToJudge)?;
    loop {
        transaction::refuse_running_builds(&installation).await?;
        let held = state.hold(&kept.installation)?;
        let judged = kept.judge(&installation).await?;
        tell(kept.window(), &judged);
        if !judged.fired.is_empty() {
            if args.consent.is_for(&kept.installation).is_err() {
                println!(
                    "This goes back:\n  reinstall rollback {} --consent {}",
                    kept.point, kept.installation
                );
                return Ok(Exit::Failed);
            }
            let aim = Aim::Rollback { point: kept.point.clone() };
            let begun = Transaction::begin(aim, &held, &installation, args.telling.teller())?;
            return ended(begun.checked_by(checker()).go_back(&judged.reason()).await, of_reinstall);
        }
        drop(held);
        match kept.next_window_in().filter(|_| args.through) {
            Some(wait) => opened(&kept, wait).await?,
            None => return Ok(Exit::Passed),
        }
    }
}

/// Waits for the window after the one that is open now, which is to open in `wait`.
async fn opened(kept: &Committed, wait: Duration) -> Result<(), Trouble> {
    let open = kept.window();
    let opened = until("the next window", Duration::from_secs(1), wait + LATE, || async {
        if kept.window() == open { Look::NotYet(open.to_string()) } else { Look::Ready(()) }
    });
    opened.await.map_err(|error| Trouble::broken(error.to_string()))
}

fn tell(window: Window, judged: &Judged) {
    println!(
        "{window}: {}",
        if judged.fired.is_empty() { "nothing orders a rollback" } else { "a rollback is due" }
    );
    judged.fired.iter().for_each(|fired| println!("{}", below("  - ", &fired.to_string())));
}
