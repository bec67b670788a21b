//! `reinstall plan`: what a reinstall would do, and the digest to agree to.

use fixtures::installation::Installation;
use fixtures::transaction::Agreement;
use harness::Exit;
use serde::Serialize;

use super::asked::{Choices, look};
use super::trouble::Trouble;

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Print JSON.
    #[arg(long)]
    json: bool,

    #[command(flatten)]
    choices: Choices,
}

#[derive(Serialize)]
struct Document<'a> {
    installation: &'a str,
    digest: String,
    #[serde(flatten)]
    agreement: &'a Agreement,
}

pub(crate) async fn plan(args: Args) -> Result<Exit, Trouble> {
    let (installation, wish) = (Installation::from_environment()?, args.choices.wish()?);
    let agreement = Agreement::proposed(&installation, &look(&installation).await?, &wish)?;
    let name = agreement.installation();
    if args.json {
        let digest = agreement.digest().to_string();
        super::print_json(&Document { installation: name, digest, agreement: &agreement })?;
        return Ok(Exit::Passed);
    }
    print!("{agreement}");
    println!("\nThis and nothing else is done by:");
    let choices = args.choices.words();
    println!("  reinstall run --plan {} --consent {name}{choices}", agreement.digest().short());
    Ok(Exit::Passed)
}
