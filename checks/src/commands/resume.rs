//! `reinstall resume`: on from where a run was cut short.

use fixtures::install::Desired;
use fixtures::installation::Installation;
use fixtures::state::StateFolder;
use fixtures::transaction::{Refusal, Transaction, Unfinished};
use harness::Exit;

use super::checked::checker;
use super::ended::{ended, of_reinstall};
use super::progress::Telling;
use super::trouble::Trouble;

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The profile of reinstall.toml that the run was begun with.
    #[arg(long, value_name = "NAME", env = "REINSTALL_PROFILE")]
    profile: Option<String>,

    #[command(flatten)]
    telling: Telling,
}

pub(crate) async fn resume(args: Args) -> Result<Exit, Trouble> {
    let (installation, state) = (Installation::from_environment()?, StateFolder::from_environment()?);
    let unfinished = Unfinished::of(&state, &installation).await?.ok_or(Refusal::NothingToResume)?;
    let held = state.hold(&unfinished.installation)?;
    let desired = Desired::here(args.profile.as_deref())?;
    let taken_up = Transaction::take_up(&unfinished, &held, &installation, args.telling.teller())?;
    ended(taken_up.checked_by(checker()).go_on(&desired).await, of_reinstall)
}
