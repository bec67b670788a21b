//! `reinstall emergency`: what helps at once when nothing builds.

use fixtures::installation::Installation;
use fixtures::transaction::emergency::{Help, give, help};
use fixtures::transaction::{self, TransactionError};
use harness::Exit;

use super::asked::Consent;
use super::page::below;
use super::progress::Telling;
use super::trouble::Trouble;

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    consent: Consent,

    #[command(flatten)]
    telling: Telling,
}

pub(crate) async fn emergency(args: Args) -> Result<Exit, Trouble> {
    let installation = Installation::from_environment()?;
    let name = transaction::name(&installation).await;
    let held = transaction::hold(&installation).await?;
    let folder = held.folder()?;
    let found = help(&installation, &folder).await;
    println!("{}", below("", &found.to_string()));
    match &found {
        Help::NotNeeded => return Ok(Exit::Passed),
        Help::ClassicBuilder { .. } => {
            println!("  export DOCKER_BUILDKIT=0");
            return Ok(Exit::Failed);
        }
        Help::Rollback { .. } => {
            println!("  reinstall rollback");
            return Ok(Exit::Failed);
        }
        Help::StartEngine { .. } | Help::SelectDefault { .. } => {}
    }
    if args.consent.is_for(&name).is_err() {
        println!("This is done by:\n  reinstall emergency --consent {name}");
        return Ok(Exit::Failed);
    }
    give(&found, &installation, &held, args.telling.teller()).await?;
    match help(&installation, &folder).await {
        Help::NotNeeded => println!("builds work again; `reinstall check` looks at the rest"),
        still => return Err(Trouble::from(TransactionError::Unhelped { help: still.to_string() })),
    }
    Ok(Exit::Passed)
}
