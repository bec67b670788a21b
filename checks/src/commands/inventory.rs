//! `reinstall inventory`: all of BuildKit's state, or what became different of it.

use std::path::{Path, PathBuf};

use fixtures::installation::Installation;
use fixtures::inventory::{Inventory, SCHEMA};
use harness::Exit;

use super::asked::look;
use super::page::clipped;
use super::trouble::Trouble;

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Print JSON.
    #[arg(long)]
    json: bool,

    /// Compare this inventory, saved with --json, with what there is now, or with a second one. Ends with 1 where they differ.
    #[arg(long, value_name = "FILE", num_args = 1..=2)]
    diff: Vec<PathBuf>,
}

pub(crate) async fn inventory(args: Args) -> Result<Exit, Trouble> {
    match args.diff.as_slice() {
        [] => {
            let found = now().await?;
            if args.json {
                super::print_json(&found)?
            } else {
                print!("{found}")
            }
            Ok(Exit::Passed)
        }
        [before] => differences(&read(before)?, &now().await?, args.json),
        [before, after, ..] => differences(&read(before)?, &read(after)?, args.json),
    }
}

async fn now() -> Result<Inventory, Trouble> {
    Ok(look(&Installation::from_environment()?).await?)
}

fn read(path: &Path) -> Result<Inventory, Trouble> {
    let bytes = std::fs::read(path);
    let bytes = bytes.map_err(|error| Trouble::usage(format!("cannot read {}: {error}", path.display())))?;
    let no_inventory = |why: String| {
        let advice = "`reinstall inventory --json` writes one";
        Trouble::usage(format!("{} is no inventory ({why}); {advice}", path.display()))
    };
    let read: Inventory = serde_json::from_slice(&bytes).map_err(|error| no_inventory(error.to_string()))?;
    match read.schema {
        SCHEMA => Ok(read),
        other => Err(no_inventory(format!("its format is version {other}, and this program knows {SCHEMA}"))),
    }
}

fn differences(before: &Inventory, after: &Inventory, json: bool) -> Result<Exit, Trouble> {
    let changes = before.diff(after);
    if json {
        super::print_json(&changes)?;
    } else if changes.is_empty() {
        println!("no difference");
    } else {
        changes.iter().for_each(|change| println!("{}", clipped(&change.to_string())));
    }
    Ok(if changes.is_empty() { Exit::Passed } else { Exit::Failed })
}
