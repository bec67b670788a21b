//! `reinstall backup`: a restore point, proved.

use fixtures::installation::Installation;
use fixtures::transaction::{self, Aim, Transaction};
use harness::Exit;

use super::asked::told;
use super::ended::{ended, of_reinstall};
use super::trouble::Trouble;

pub(crate) async fn backup() -> Result<Exit, Trouble> {
    let installation = Installation::from_environment()?;
    let held = transaction::hold(&installation).await?;
    transaction::refuse_unfinished(&held)?;
    transaction::admit(&installation).await?;
    let begun = Transaction::begin(Aim::Backup, &held, &installation, told())?;
    ended(begun.back_up().await, of_reinstall)
}
