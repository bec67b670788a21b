//! The folder of one run: events, reports, evidence, and what several processes of the run share.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use crate::event::Event;

/// How many runs are kept.
const KEPT_RUNS: usize = 20;
const EVENTS: &str = "events.jsonl";
const IN_USE: &str = "in-use.lock";

/// The folder of one run. Open for as long as the run lasts; nobody prunes it meanwhile.
#[derive(Debug)]
pub struct RunFolder {
    path: PathBuf,
    events: File,
    _in_use: File,
}

impl RunFolder {
    /// Opens `<base>/<id>`, making it where it is not there yet, points `<base>/latest` at it, and prunes old runs. The id
    /// is that of the nextest run, which many processes share, or else made from the time and the process.
    ///
    /// # Errors
    /// When the folder cannot be made or written.
    pub fn open(base: &Path) -> io::Result<Self> {
        fs::create_dir_all(base)?;
        let base = base.canonicalize()?;
        let guard = File::create(base.join(".lock"))?;
        guard.lock()?;
        let path = folder_of_run(&base)?;
        for part in ["stages", "checks", "needs", "evidence"] {
            fs::create_dir_all(path.join(part))?;
        }
        let in_use = File::create(path.join(IN_USE))?;
        in_use.lock_shared()?;
        let events = OpenOptions::new().create(true).append(true).open(path.join(EVENTS))?;
        point_latest(&base, &path)?;
        // An old run that cannot be removed is no reason against a new one.
        let _ = prune(&base);
        Ok(Self { path, events, _in_use: in_use })
    }

    /// Where it is; absolute.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The root of the evidence.
    pub fn evidence(&self) -> PathBuf {
        self.path.join("evidence")
    }

    /// The event log.
    pub fn events(&self) -> PathBuf {
        self.path.join(EVENTS)
    }

    /// Appends `event` to the log: one line, one write, so that lines of several processes do not mix.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn append(&self, event: &Event) -> io::Result<()> {
        let mut line = serde_json::to_vec(event)?;
        line.push(b'\n');
        (&self.events).write_all(&line)
    }
}

/// Writes `bytes` to `path` so that readers see the old file or the new one, never a part.
///
/// # Errors
/// When the folder of `path` cannot be made or written.
pub fn write_whole(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    fs::create_dir_all(folder)?;
    let name =
        path.file_name().ok_or_else(|| io::Error::other(format!("{} names no file", path.display())))?;
    let part = folder.join(format!(".{}.{}", name.display(), std::process::id()));
    let written = File::create(&part).and_then(|mut file| {
        file.write_all(bytes)?;
        fs::rename(&part, path)
    });
    if written.is_err() {
        // The error that counts is the one from writing.
        let _ = fs::remove_file(&part);
    }
    written
}

/// The folder that the processes of one nextest run share, or else a new one: the time and the process tell runs apart for people,
/// and a number those that have both the same, as each lab counts its processes anew.
fn folder_of_run(base: &Path) -> io::Result<PathBuf> {
    let given = std::env::var("NEXTEST_RUN_ID").unwrap_or_default();
    if !given.is_empty() {
        let id: String =
            given.chars().map(|c| if c.is_ascii_alphanumeric() || c == '-' { c } else { '-' }).collect();
        return Ok(base.join(id));
    }
    let now = jiff::Timestamp::now().strftime("%Y-%m-%dT%H-%M-%S");
    let mut path = base.join(format!("{now}-{}", std::process::id()));
    for number in 2.. {
        match fs::create_dir(&path) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            made => return made.map(|()| path),
        }
        path.set_file_name(format!("{now}-{}-{number}", std::process::id()));
    }
    Err(io::ErrorKind::AlreadyExists.into())
}

fn point_latest(base: &Path, run: &Path) -> io::Result<()> {
    let fresh = base.join(".latest");
    match fs::remove_file(&fresh) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    std::os::unix::fs::symlink(run.file_name().unwrap_or_default(), &fresh)?;
    fs::rename(&fresh, base.join("latest"))
}

fn prune(base: &Path) -> io::Result<()> {
    let mut runs: Vec<(SystemTime, PathBuf)> = Vec::new();
    for entry in fs::read_dir(base)? {
        let entry = entry?;
        let log = entry.path().join(EVENTS);
        if entry.file_type()?.is_dir() && log.is_file() {
            runs.push((log.metadata()?.modified()?, entry.path()));
        }
    }
    runs.sort();
    runs.reverse();
    for (_, run) in runs.iter().skip(KEPT_RUNS) {
        let lock = File::create(run.join(IN_USE))?;
        match lock.try_lock() {
            Ok(()) => fs::remove_dir_all(run)?,
            Err(TryLockError::WouldBlock) => {}
            Err(TryLockError::Error(error)) => return Err(error),
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fake_run(base: &Path, name: &str, age: u64) -> PathBuf {
        let run = base.join(name);
        fs::create_dir_all(&run).unwrap();
        let log = File::create(run.join(EVENTS)).unwrap();
        log.set_modified(SystemTime::now() - std::time::Duration::from_secs(age)).unwrap();
        run
    }

    #[test]
    fn old_runs_are_pruned_but_not_one_in_use_and_nothing_foreign() {
        let base = tempfile::tempdir().unwrap();
        let runs: Vec<_> = (0..25).map(|i| fake_run(base.path(), &format!("run-{i}"), 100 + i)).collect();
        let in_use = File::create(runs[24].join(IN_USE)).unwrap();
        in_use.lock_shared().unwrap();
        fs::create_dir(base.path().join("foreign")).unwrap();
        prune(base.path()).unwrap();
        let left: Vec<bool> = runs.iter().map(|run| run.exists()).collect();
        assert_eq!(left, (0..25).map(|i| i < KEPT_RUNS || i == 24).collect::<Vec<_>>());
        assert!(base.path().join("foreign").exists());
    }

    #[test]
    fn each_run_has_a_folder_of_its_own() {
        let base = tempfile::tempdir().unwrap();
        let [one, other] = [(); 2].map(|()| RunFolder::open(base.path()).unwrap());
        assert_ne!(one.path(), other.path());
    }

    #[test]
    fn latest_points_at_the_newest_run() {
        let base = tempfile::tempdir().unwrap();
        let run = RunFolder::open(base.path()).unwrap();
        assert_eq!(base.path().join("latest").canonicalize().unwrap(), run.path());
    }

    #[test]
    fn a_file_is_replaced_whole_and_leaves_no_part_behind() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("new/report.xml");
        write_whole(&path, b"one").unwrap();
        write_whole(&path, b"two").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"two");
        assert_eq!(fs::read_dir(path.parent().unwrap()).unwrap().count(), 1);
    }
}
