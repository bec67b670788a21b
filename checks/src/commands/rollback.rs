//! `reinstall rollback`: back from a run that was cut short, or to a restore point.

use fixtures::backup::{Proven, RestorePoint};
use fixtures::installation::Installation;
use fixtures::state::StateFolder;
use fixtures::transaction::{self, Aim, Refusal, Transaction, Unfinished};
use harness::Exit;

use super::asked::{Consent, look, told};
use super::ended::{ended, of_rollback};
use super::trouble::Trouble;

/// What a rollback gives as its reason when nothing went wrong.
const REASON: &str = "it was asked for";

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The restore point to go back to; without it, what was cut short is undone, or else the newest restore point is meant.
    id: Option<String>,

    #[command(flatten)]
    consent: Consent,
}

pub(crate) async fn rollback(args: Args) -> Result<Exit, Trouble> {
    let (installation, state) = (Installation::from_environment()?, StateFolder::from_environment()?);
    match (Unfinished::of(&state, &installation).await?, args.id) {
        // Whoever began it has consented.
        (Some(unfinished), None) => {
            let held = state.hold(&unfinished.installation)?;
            let taken_up = Transaction::take_up(&unfinished, &held, &installation, told())?;
            ended(taken_up.go_back(REASON).await, of_rollback)
        }
        (Some(unfinished), Some(_)) => Err(Refusal::Unfinished { id: unfinished.id() }.into()),
        (None, id) => {
            let name = transaction::name(&installation).await;
            let id = id.map_or_else(|| newest(&state, &name), Ok)?;
            let point = transaction::point(&state, &id)?;
            go_to(&point, &args.consent, &state, &installation).await
        }
    }
}

async fn go_to(
    point: &Proven,
    consent: &Consent,
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
    let begun = Transaction::begin(aim, &held, installation, told())?;
    ended(begun.go_back(REASON).await, of_rollback)
}

/// The newest restore point of an installation.
fn newest(state: &StateFolder, installation: &str) -> Result<String, Trouble> {
    let (points, _) = RestorePoint::list(state)?;
    let mut of_it = points.into_iter().filter(|point| point.contents().installation == installation);
    let newest = of_it.next_back().map(|point| point.contents().id.clone());
    newest.ok_or_else(|| Refusal::NoRestorePoint { name: installation.to_owned() }.into())
}
