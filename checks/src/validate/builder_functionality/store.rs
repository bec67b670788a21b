//! The files that the docker CLI and buildx keep for a user: they can be read and written, by that user, now.

use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use fixtures::installation::{Installation, lock_holder};
use harness::{Doing, Failure, Look, Verdict, expect, until};
use rustix::fs::{Access, access};

use crate::Cx;

/// How often, and for how long, the lock is looked at. buildx holds it for the time of a few small files.
const EVERY: Duration = Duration::from_millis(50);
const RELEASED: Duration = Duration::from_secs(5);

/// The lock that every buildx command takes is free within a few seconds.
#[harness::check(covers = "4.1.2", stage = Installed, within = "20s")]
async fn lock_is_let_go(cx: &Cx) -> Verdict {
    let lock = cx.installation()?.lock_file();
    let look = async || match lock_holder(&lock) {
        Ok(None) => Look::Ready(()),
        Ok(Some(holder)) => Look::NotYet(holder),
        Err(error) => Look::Never(error.to_string()),
    };
    let Err(wait) = until("the lock", EVERY, RELEASED, look).await else { return Ok(()) };
    let Some(holder) = lock_holder(&lock).doing("looking at the lock of buildx")? else {
        return Err(wait.into());
    };
    let found = format!("{holder} holds {}, which keeps every buildx command waiting", lock.display());
    Err(Failure::new("the lock of buildx", "free within seconds", found).into())
}

/// What the docker CLI and buildx keep for this user belongs to this user, and buildx can write where it must.
#[harness::check(covers = ["4.1.2", "4.4.5"], stage = Installed, within = "10s")]
async fn files_are_the_users_own(cx: &Cx) -> Verdict {
    let installation = cx.installation()?;
    let barred = kept(&installation).into_iter().filter_map(|path| obstacle(&installation, &path));
    expect("files that the user cannot use", barred.collect::<Vec<_>>()).is_empty()
}

/// The folders of the docker CLI and of buildx, and what is in them, as far as every command needs it.
fn kept(installation: &Installation) -> Vec<PathBuf> {
    let entries = |folder: &Path| {
        let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
        entries.map(|entry| entry.path()).collect::<Vec<_>>()
    };
    let buildx = installation.buildx_config();
    let mut kept =
        vec![installation.docker_config().to_owned(), installation.config_file(), buildx.to_owned()];
    kept.extend(entries(buildx));
    kept.extend(entries(&installation.instances_folder()));
    kept.retain(|path| path.exists());
    kept
}

/// Why a file is of no use to the user of this process; under `sudo`, to the user who typed that.
fn obstacle(installation: &Installation, path: &Path) -> Option<String> {
    let needed = match path.starts_with(installation.buildx_config()) {
        true => Access::READ_OK | Access::WRITE_OK,
        false => Access::READ_OK,
    };
    let path_text = path.display();
    match access(path, needed) {
        Err(rustix::io::Errno::ROFS) => {
            Some(format!("{path_text} is on a file system for reading only, where buildx must write"))
        }
        Err(error) => Some(format!("{path_text} belongs to somebody else: {error}")),
        Ok(()) if is_foreign_to_sudoer(installation, path) => {
            Some(format!("{path_text} belongs to somebody else than the home that it is in"))
        }
        Ok(()) => None,
    }
}

/// Whether `sudo` has kept a user's home, and the file there is not that user's.
fn is_foreign_to_sudoer(installation: &Installation, path: &Path) -> bool {
    let owner = |path: &Path| std::fs::metadata(path).map(|about| about.uid()).ok();
    let sudoer = installation.environment().get("SUDO_UID").and_then(|user| user.parse().ok());
    sudoer.is_some() && sudoer == owner(installation.home()) && owner(path) != sudoer
}
