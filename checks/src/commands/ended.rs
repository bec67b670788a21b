//! How a transaction ended, in a few lines and an exit code.

use std::collections::BTreeMap;

use fixtures::size::Size;
use fixtures::transaction::{Ending, RolledBack, TransactionError};
use harness::Exit;

use super::page::below;
use super::trouble::Trouble;

/// Says how a transaction ended, and ends the process by `code`.
pub(crate) fn ended(
    ending: Result<Ending, TransactionError>,
    code: fn(&Ending) -> Exit,
) -> Result<Exit, Trouble> {
    let ending = ending.map_err(|error| Trouble::from(error).in_the_middle())?;
    match &ending {
        Ending::Committed { guide } => {
            println!("committed: every builder builds; `reinstall rollback` goes back");
            println!("step by step: {}", guide.display());
        }
        Ending::BackedUp { point, bytes } => {
            println!("restore point {point} ({}), proved by restoring it", Size(*bytes));
            println!("  reinstall rollback {point}");
        }
        Ending::Abandoned { why } => println!("{}", below("nothing was changed: ", why)),
        Ending::RolledBack { rollback, doubts } => tell(rollback, doubts),
    }
    Ok(code(&ending))
}

fn tell(rollback: &RolledBack, doubts: &[String]) {
    println!("{}", below("rolled back: ", &rollback.reason));
    println!("began {:.0}, took {:.1} s", rollback.at, rollback.took.as_secs_f64());
    let mut unavoidable: BTreeMap<&str, usize> = BTreeMap::new();
    for allowed in &rollback.verdict.allowed {
        *unavoidable.entry(&allowed.why).or_default() += 1;
    }
    for (why, count) in unavoidable {
        println!("{}", below(&format!("  differs in {count} places, as it must: "), why));
    }
    rollback.lost.iter().for_each(|lost| println!("{}", below("  did not come back: ", lost)));
    if let Some(folder) = &rollback.aside {
        println!("files that had changed since are kept in\n  {}", folder.display());
    }
    if doubts.is_empty() {
        println!("verified: all is as it was");
    }
    doubts.iter().for_each(|doubt| println!("{}", below("  NOT AS IT WAS: ", doubt)));
}

/// The code of a run: that it was rolled back is not what was asked for.
pub(crate) fn of_reinstall(ending: &Ending) -> Exit {
    match ending {
        Ending::Committed { .. } | Ending::BackedUp { .. } => Exit::Passed,
        Ending::Abandoned { .. } => Exit::Broken,
        Ending::RolledBack { doubts, .. } if doubts.is_empty() => Exit::RolledBack,
        Ending::RolledBack { .. } => Exit::RolledBackUnverified,
    }
}

/// The code of a rollback that was asked for.
pub(crate) fn of_rollback(ending: &Ending) -> Exit {
    match ending {
        Ending::Committed { .. } | Ending::BackedUp { .. } | Ending::Abandoned { .. } => Exit::Passed,
        Ending::RolledBack { doubts, .. } if doubts.is_empty() => Exit::Passed,
        Ending::RolledBack { .. } => Exit::RolledBackUnverified,
    }
}
