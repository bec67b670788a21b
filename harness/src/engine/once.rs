//! Things done once per run, by whichever thread or process comes first; the others wait and read the result.

use std::fs::File;
use std::io::{self, Read, Seek, Write};
use std::path::Path;

use serde::Serialize;
use serde::de::DeserializeOwned;

/// The result kept in `path`, made by `make` when nobody has made it yet. The file is its own lock: a process that dies
/// while making leaves it empty and unlocked, so the next one makes it.
pub(crate) fn once<T: Serialize + DeserializeOwned>(path: &Path, make: impl FnOnce() -> T) -> io::Result<T> {
    let mut file = File::options().read(true).write(true).create(true).truncate(false).open(path)?;
    file.lock()?;
    let mut text = String::new();
    file.read_to_string(&mut text)?;
    if let Ok(known) = serde_json::from_str(&text) {
        return Ok(known);
    }
    let made = make();
    let text = serde_json::to_vec(&made)?;
    file.set_len(0)?;
    file.rewind()?;
    file.write_all(&text)?;
    Ok(made)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Barrier;
    use std::sync::atomic::{AtomicU32, Ordering};

    #[test]
    fn of_many_threads_one_makes_and_all_know() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("it.json");
        let (made, start) = (AtomicU32::new(0), Barrier::new(8));
        std::thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| {
                    start.wait();
                    let value = once(&path, || made.fetch_add(1, Ordering::SeqCst) + 41).unwrap();
                    assert_eq!(value, 41);
                });
            }
        });
        assert_eq!(made.into_inner(), 1);
    }

    #[test]
    fn what_a_dead_process_left_half_written_is_made_again() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("it.json");
        std::fs::write(&path, "[1, 2").unwrap();
        assert_eq!(once(&path, || vec![3]).unwrap(), [3]);
        assert_eq!(once(&path, || vec![4]).unwrap(), [3]);
    }
}
