//! `reinstall restore-points`: what there is to go back to, and the rollbacks that were.

use std::time::Duration;

use clap::Subcommand;
use fixtures::backup::RestorePoint;
use fixtures::size::Size;
use fixtures::state::StateFolder;
use fixtures::transaction::{PastRollback, Pruning, Rule, Unfinished};
use harness::Exit;
use jiff::{Span, SpanRelativeTo};

use super::page::{below, clipped};
use super::trouble::Trouble;

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    what: Option<What>,
}

#[derive(Debug, Subcommand)]
enum What {
    /// List them, oldest first, and the rollbacks on record.
    List,
    /// Describe one.
    Show {
        /// Its name.
        id: String,
    },
    /// Say which ones would go by a rule, or remove them; never one that an unfinished run needs, never the newest proved one
    /// of an installation.
    Prune {
        /// How many of the newest ones of each installation stay.
        #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
        keep: u16,
        /// Only those go that are older than this, such as 30d.
        #[arg(long, value_name = "TIME", value_parser = time)]
        older_than: Option<Duration>,
        /// Remove them, with the folders of the runs that needed them.
        #[arg(long)]
        yes: bool,
    },
}

/// Reads a time such as "30d" or "12h".
fn time(text: &str) -> Result<Duration, String> {
    let span: Span = text.parse().map_err(|error: jiff::Error| error.to_string())?;
    let time = span.to_duration(SpanRelativeTo::days_are_24_hours()).map_err(|error| error.to_string())?;
    Duration::try_from(time).map_err(|_| "a time cannot be less than nothing".to_owned())
}

pub(crate) fn restore_points(args: Args) -> Result<Exit, Trouble> {
    let state = StateFolder::from_environment()?;
    match args.what.unwrap_or(What::List) {
        What::List => list(&state),
        What::Show { id } => show(&RestorePoint::open(&state, &id)?),
        What::Prune { keep, older_than, yes } => {
            let pruning = Pruning::by(&Rule { keep: keep.into(), older_than }, &state)?;
            tell(&pruning);
            if yes {
                pruning.carry_out()?;
            } else if !pruning.points.is_empty() || !pruning.transactions.is_empty() {
                println!("nothing has been removed; the same with --yes removes them");
            }
            Ok(Exit::Passed)
        }
    }
}

fn list(state: &StateFolder) -> Result<Exit, Trouble> {
    let (points, damaged) = RestorePoint::list(state)?;
    let (unfinished, damaged_runs) = Unfinished::all(state)?;
    let in_use: Vec<String> = unfinished.into_iter().filter_map(|unfinished| unfinished.point).collect();
    if points.is_empty() && damaged.is_empty() {
        println!("no restore points; `reinstall backup` makes one");
    }
    for point in points {
        let (contents, size) = (point.contents(), Size(point.size()).to_string());
        let proved = if point.is_proved() { "" } else { ", not proved" };
        let used = if in_use.contains(&contents.id) { ", in use" } else { "" };
        println!(
            "{}",
            clipped(&format!("{}  {size:>10}  {}{proved}{used}", contents.id, contents.installation))
        );
        point.flaws().iter().for_each(|why| println!("{}", below("  damaged: ", &why.to_string())));
    }
    damaged.iter().for_each(|why| println!("{}", below("damaged: ", &why.to_string())));
    damaged_runs.iter().for_each(|why| println!("{}", below("damaged: ", &why.to_string())));
    let rollbacks = PastRollback::all(state)?;
    if !rollbacks.is_empty() {
        println!("\nrollbacks:");
    }
    rollbacks.iter().for_each(tell_rollback);
    Ok(Exit::Passed)
}

fn tell_rollback(rollback: &PastRollback) {
    let came_to = if rollback.doubts.is_empty() { "verified" } else { "NOT verified" };
    let (at, took) = (rollback.at, rollback.took.as_secs_f64());
    println!("{}", clipped(&format!("{at:.0}  {took:.1} s  {came_to}  to {}", rollback.point)));
    println!("{}", below("  because: ", &rollback.reason));
    rollback.doubts.iter().for_each(|doubt| println!("{}", below("  not as it was: ", doubt)));
    rollback.lost.iter().for_each(|lost| println!("{}", below("  did not come back: ", lost)));
    if let Some(folder) = &rollback.aside {
        println!("  replaced files: {}", folder.display());
    }
}

fn show(point: &RestorePoint) -> Result<Exit, Trouble> {
    let contents = point.contents();
    println!("restore point {} of {}", contents.id, contents.installation);
    println!("  made        {:.0}", contents.created_at);
    println!("  proved      {}", if point.is_proved() { "by restoring it" } else { "no" });
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

fn tell(pruning: &Pruning) {
    for point in &pruning.points {
        let (contents, size) = (point.contents(), Size(point.size()));
        println!(
            "{}",
            clipped(&format!("goes: restore point {} of {} [{size}]", contents.id, contents.installation))
        );
    }
    for past in &pruning.transactions {
        println!("goes: folder of run {}", past.id());
    }
    if pruning.points.is_empty() && pruning.transactions.is_empty() {
        println!("nothing to remove by this rule");
    }
}
