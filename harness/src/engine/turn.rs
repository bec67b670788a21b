//! Turns at the thing under test, across threads and processes of a run.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use crate::suite::Touch;

/// Hands out turns. Blocks the calling thread, so it is never called from a task.
#[derive(Debug)]
pub(crate) struct Turns {
    turnstile: PathBuf,
    turn: PathBuf,
}

/// A turn; over when dropped.
#[derive(Debug)]
#[must_use = "a turn is over as soon as it is dropped"]
pub(crate) struct Turn {
    _lock: File,
}

impl Turns {
    pub(crate) fn new(run: &Path) -> Self {
        Self { turnstile: run.join("turnstile.lock"), turn: run.join("turn.lock") }
    }

    /// Waits for a turn. Whoever wants to be alone waits inside the turnstile, so that those who come later queue behind
    /// it instead of overtaking it for ever. None is needed for what touches nothing.
    pub(crate) fn take(&self, touch: Touch) -> io::Result<Option<Turn>> {
        match touch {
            Touch::Shared => self.wait(File::lock_shared).map(Some),
            Touch::Alone => self.wait(File::lock).map(Some),
            Touch::Never => Ok(None),
        }
    }

    fn wait(&self, lock: impl FnOnce(&File) -> io::Result<()>) -> io::Result<Turn> {
        let turnstile = File::create(&self.turnstile)?;
        turnstile.lock()?;
        let turn = File::create(&self.turn)?;
        lock(&turn)?;
        Ok(Turn { _lock: turn })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::mpsc;

    #[test]
    fn shared_turns_overlap_and_one_who_wants_to_be_alone_waits_for_them_all() {
        let folder = tempfile::tempdir().unwrap();
        let turns = Turns::new(folder.path());
        let shared = [turns.take(Touch::Shared).unwrap(), turns.take(Touch::Shared).unwrap()];
        let (tell, told) = mpsc::channel();
        std::thread::scope(|scope| {
            scope.spawn(|| {
                let alone = turns.take(Touch::Alone).unwrap();
                tell.send("alone").unwrap();
                drop(alone);
            });
            assert_eq!(told.try_recv(), Err(mpsc::TryRecvError::Empty));
            drop(shared);
            assert_eq!(told.recv().unwrap(), "alone");
        });
    }

    #[test]
    fn what_touches_nothing_waits_for_nobody() {
        let folder = tempfile::tempdir().unwrap();
        let turns = Turns::new(folder.path());
        let _alone = turns.take(Touch::Alone).unwrap();
        assert!(turns.take(Touch::Never).unwrap().is_none());
    }

    #[test]
    fn nobody_overtakes_one_who_waits_to_be_alone() {
        let folder = tempfile::tempdir().unwrap();
        let turns = Turns::new(folder.path());
        let first = turns.take(Touch::Shared).unwrap();
        let (tell, told) = mpsc::channel();
        std::thread::scope(|scope| {
            let (turns, tell_alone) = (&turns, tell.clone());
            scope.spawn(move || {
                let _alone = turns.take(Touch::Alone).unwrap();
                tell_alone.send("alone").unwrap();
            });
            // The turnstile is taken as soon as the one above waits inside it.
            while File::create(&turns.turnstile).unwrap().try_lock().is_ok() {
                assert_eq!(told.try_recv(), Err(mpsc::TryRecvError::Empty), "it did not wait");
                std::thread::yield_now();
            }
            scope.spawn(move || {
                let _late = turns.take(Touch::Shared).unwrap();
                tell.send("late").unwrap();
            });
            drop(first);
            assert_eq!([told.recv().unwrap(), told.recv().unwrap()], ["alone", "late"]);
        });
    }
}
