//! `reinstall restore-points`: what there is to go back to.

use std::collections::BTreeMap;

use clap::Subcommand;
use fixtures::backup::RestorePoint;
use fixtures::size::Size;
use fixtures::state::StateFolder;
use fixtures::transaction::Unfinished;
use harness::Exit;

use super::page::{below, clipped};
use super::trouble::Trouble;

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    what: Option<What>,
}

#[derive(Debug, Subcommand)]
enum What {
    /// List them, oldest first.
    List,
    /// Describe one.
    Show {
        /// Its name.
        id: String,
    },
    /// Remove all but the newest ones of each installation; never one that an unfinished run needs.
    Prune {
        /// How many stay.
        #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
        keep: u16,
    },
}

pub(crate) fn restore_points(args: Args) -> Result<Exit, Trouble> {
    let state = StateFolder::from_environment()?;
    match args.what.unwrap_or(What::List) {
        What::List => list(&state),
        What::Show { id } => show(&RestorePoint::open(&state, &id)?),
        What::Prune { keep } => prune(&state, keep.into()),
    }
}

fn list(state: &StateFolder) -> Result<Exit, Trouble> {
    let (points, damaged) = RestorePoint::list(state)?;
    let in_use = in_use(state)?;
    if points.is_empty() && damaged.is_empty() {
        println!("no restore points; `reinstall backup` makes one");
    }
    for point in points {
        let (contents, size) = (point.contents(), Size(point.size()).to_string());
        let used = if in_use.contains(&contents.id) { ", in use" } else { "" };
        println!("{}", clipped(&format!("{}  {size:>10}  {}{used}", contents.id, contents.installation)));
    }
    damaged.iter().for_each(|why| println!("{}", below("damaged: ", &why.to_string())));
    Ok(Exit::Passed)
}

fn show(point: &RestorePoint) -> Result<Exit, Trouble> {
    let contents = point.contents();
    println!("restore point {} of {}", contents.id, contents.installation);
    println!("  made        {:.0}", contents.created_at);
    if let Some(engine) = &contents.engine {
        println!("  engine      {} ({:?})", engine.version, engine.store);
    }
    println!("  size        {}", Size(point.size()));
    println!("  sentinel    {}", point.sentinel()?.map_or("none".into(), |planted| planted.sentinel.builder));
    for volume in &contents.volumes {
        let size = Size(volume.archive.totals.bytes);
        println!(
            "{}",
            clipped(&format!("  volume      {} of builder {} [{size}]", volume.volume, volume.builder))
        );
    }
    for item in &contents.items {
        println!(
            "{}",
            clipped(&format!("  file        {} [{}]", item.place, Size(item.archive.totals.bytes)))
        );
    }
    println!("  in          {}", point.folder().display());
    Ok(Exit::Passed)
}

fn prune(state: &StateFolder, keep: usize) -> Result<Exit, Trouble> {
    let in_use = in_use(state)?;
    let mut of: BTreeMap<String, Vec<RestorePoint>> = BTreeMap::new();
    for point in RestorePoint::list(state)?.0 {
        of.entry(point.contents().installation.clone()).or_default().push(point);
    }
    for (installation, points) in of {
        // A run that is under way may be about to need one.
        let _held = state.hold(&installation)?;
        let old = points.len().saturating_sub(keep);
        for point in points.into_iter().take(old).filter(|point| !in_use.contains(&point.contents().id)) {
            println!("removing {} [{}]", point.contents().id, Size(point.size()));
            point.remove()?;
        }
    }
    Ok(Exit::Passed)
}

/// The restore points that unfinished transactions need.
fn in_use(state: &StateFolder) -> Result<Vec<String>, Trouble> {
    Ok(Unfinished::all(state)?.into_iter().filter_map(|unfinished| unfinished.point).collect())
}
