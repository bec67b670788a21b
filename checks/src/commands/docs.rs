//! `reinstall docs`: the guides, from what the program knows.

use std::path::Path;

use fixtures::guide::Guide;
use fixtures::install::Desired;
use harness::Exit;
use harness::run_folder::write_whole;

use super::trouble::Trouble;
use crate::papers;

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Write them into the folder `docs`, with the contact of `reinstall.toml`.
    #[arg(long)]
    write: bool,
}

pub(crate) fn docs(args: &Args, folder: &Path) -> Result<Exit, Trouble> {
    let mut drifted = false;
    for guide in guides()? {
        let path = folder.join(guide.file);
        let agrees = std::fs::read_to_string(&path).is_ok_and(|text| text == guide.text);
        drifted |= !agrees;
        if args.write && !agrees {
            write_whole(&path, guide.text.as_bytes())?;
        }
        let said = match (agrees, args.write) {
            (true, _) => "up to date",
            (false, true) => "written",
            (false, false) => "is not what the program knows; `reinstall docs --write` writes it",
        };
        println!("{}: {said}", path.display());
    }
    Ok(if drifted && !args.write { Exit::Failed } else { Exit::Passed })
}

fn guides() -> Result<Vec<Guide>, Trouble> {
    let contact = Desired::here(None)?.team.contact;
    Ok(papers::guides(contact.as_deref()))
}
