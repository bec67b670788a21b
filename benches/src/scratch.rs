//! Where benches put what they measure with, and what they can say of the machine.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

/// Names the folder for large trees. `/dev/shm` measures without a disk.
pub const SCRATCH: &str = "BENCH_SCRATCH";

/// A folder of the bench's own that goes with it, below the one that [`SCRATCH`] names, or else below the target folder.
///
/// # Errors
/// When it cannot be made.
pub fn folder() -> io::Result<TempDir> {
    let parent = std::env::var_os(SCRATCH).map_or_else(target, PathBuf::from);
    fs::create_dir_all(&parent)?;
    tempfile::Builder::new().prefix("bench-").tempdir_in(parent)
}

/// The folder of the program that runs is two below the target folder's profile.
fn target() -> PathBuf {
    let program = std::env::current_exe().unwrap_or_default();
    program.ancestors().nth(3).map_or_else(std::env::temp_dir, |target| target.join("tmp"))
}

/// Waits until all that was written has reached the disk, so that one contender's writing does not slow the next.
///
/// # Errors
/// When the folder cannot be opened or the disk fails.
pub fn settle(folder: &Path) -> io::Result<()> {
    Ok(rustix::fs::syncfs(fs::File::open(folder)?)?)
}

/// How many programs have wanted to run in the last minute, on average.
pub fn load() -> String {
    let text = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    text.split(' ').next().unwrap_or_default().to_owned()
}

/// Forgets the most memory that this process has used so far (proc_pid_clear_refs(5)).
///
/// # Errors
/// When the kernel does not let us.
pub fn forget_peak_memory() -> io::Result<()> {
    fs::write("/proc/self/clear_refs", "5")
}

/// The most memory that this process has used, in bytes; none when the kernel does not tell.
pub fn peak_memory() -> Option<u64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    Some(line.trim().strip_suffix("kB")?.trim().parse::<u64>().ok()? * 1024)
}
