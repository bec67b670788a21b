//! `reinstall run`: the whole transaction, as it was agreed to.

use fixtures::installation::Installation;
use fixtures::transaction::{self, Agreement, Aim, Refusal, Transaction};
use harness::Exit;

use super::asked::{Choices, Consent, look};
use super::checked::checker;
use super::ended::{ended, of_reinstall};
use super::progress::Telling;
use super::trouble::Trouble;

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The digest of the plan that you agree to, as `reinstall plan` prints it.
    #[arg(long, value_name = "DIGEST")]
    plan: Option<String>,

    #[command(flatten)]
    consent: Consent,

    #[command(flatten)]
    choices: Choices,

    #[command(flatten)]
    telling: Telling,
}

pub(crate) async fn run(args: Args) -> Result<Exit, Trouble> {
    let agreed = args.plan.ok_or_else(|| {
        Trouble::usage("which plan? `reinstall plan` shows it and ends with the command that runs it")
    })?;
    let (installation, wish) = (Installation::from_environment()?, args.choices.wish()?);
    args.consent.is_for(&transaction::name(&installation).await)?;
    let held = transaction::hold(&installation).await?;
    transaction::refuse_unfinished(&held)?;
    let agreement = Agreement::proposed(&installation, &look(&installation).await?, &wish)?;
    if !agreement.is_named_by(&agreed) {
        return Err(Refusal::OtherPlan { agreed, found: agreement.digest().short() }.into());
    }
    let aim = Aim::Reinstall { agreed: agreement.digest(), policy: wish.policy };
    let begun = Transaction::begin(aim, &held, &installation, args.telling.teller())?;
    ended(begun.checked_by(checker()).go_on(&wish.desired).await, of_reinstall)
}
