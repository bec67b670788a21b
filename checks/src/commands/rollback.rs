//! `reinstall rollback`: back from a run that was cut short, or to a restore point.

use fixtures::backup::{Proven, RestorePoint};
use fixtures::installation::Installation;
use fixtures::progress::Teller;
use fixtures::state::StateFolder;
use fixtures::transaction::{self, Aim, Refusal, Transaction, Unfinished};
use harness::Exit;

use super::asked::{Consent, look};
use super::checked::checker;
use super::ended::{ended, of_rollback};
use super::progress::Telling;
use super::trouble::Trouble;

/// What a rollback gives as its reason when nothing went wrong.
const REASON: &str = "it was asked for";

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The restore point to go back to; without it, what was cut short is undone, or else the newest restore point is meant.
    id: Option<String>,

    #[command(flatten)]
    consent: Consent,

    #[command(flatten)]
    telling: Telling,
}

pub(crate) async fn rollback(args: Args) -> Result<Exit, Trouble> {
    let (installation, state) = (Installation::from_environment()?, StateFolder::from_environment()?);
    name_damaged(&state)?;
    match (Unfinished::of(&state, &installation).await?, args.id) {
        // Whoever began it has consented.
        (Some(unfinished), None) => {
            let held = state.hold(&unfinished.installation)?;
            let taken_up = Transaction::take_up(&unfinished, &held, &installation, args.telling.teller())?;
            ended(taken_up.checked_by(checker()).go_back(REASON).await, of_rollback)
        }
        (Some(unfinished), Some(_)) => Err(Refusal::Unfinished { id: unfinished.id() }.into()),
        (None, id) => {
            let name = transaction::name(&installation).await;
            let id = id.map_or_else(|| newest(&state, &name), Ok)?;
            let point = transaction::point(&state, &id)?;
            go_to(&point, &args.consent, args.telling.teller(), &state, &installation).await
        }
    }
}

async fn go_to(
    point: &Proven,
    consent: &Consent,
    teller: Teller,
    state: &StateFolder,
    installation: &Installation,
) -> Result<Exit, Trouble> {
    let name = &point.contents().installation;
    let held = state.hold(name)?;
    let now = look(installation).await?;
    if let Err(refusal) = consent.is_for(name) {
        let plan = fixtures::rollback::plan(installation, &now, point);
        print!("{}", plan.map_err(transaction::TransactionError::from)?);
        return Err(refusal.into());
    }
    let aim = Aim::Rollback { point: point.contents().id.clone() };
    let begun = Transaction::begin(aim, &held, installation, teller)?;
    ended(begun.checked_by(checker()).go_back(REASON).await, of_rollback)
}

/// Names what is not gone on with or back to, since it cannot be read.
fn name_damaged(state: &StateFolder) -> Result<(), Trouble> {
    let ((_, runs), (_, points)) = (Unfinished::all(state)?, RestorePoint::list(state)?);
    runs.iter().for_each(|why| eprintln!("left out: {why}"));
    points.iter().for_each(|why| eprintln!("left out: {why}"));
    Ok(())
}

/// The newest restore point of an installation.
fn newest(state: &StateFolder, installation: &str) -> Result<String, Trouble> {
    let (points, _) = RestorePoint::list(state)?;
    let mut of_it = points.into_iter().filter(|point| point.contents().installation == installation);
    let newest = of_it.next_back().map(|point| point.contents().id.clone());
    newest.ok_or_else(|| Refusal::NoRestorePoint { name: installation.to_owned() }.into())
}
