//! `reinstall backup`: a restore point, proved.

use fixtures::installation::Installation;
use fixtures::transaction::{self, Aim, Transaction};
use harness::Exit;

use super::ended::{ended, of_reinstall};
use super::progress::Telling;
use super::trouble::Trouble;

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    telling: Telling,
}

pub(crate) async fn backup(args: Args) -> Result<Exit, Trouble> {
    let installation = Installation::from_environment()?;
    let held = transaction::hold(&installation).await?;
    transaction::refuse_unfinished(&held)?;
    transaction::admit(&installation).await?;
    let begun = Transaction::begin(Aim::Backup, &held, &installation, args.telling.teller())?;
    ended(begun.back_up().await, of_reinstall)
}
