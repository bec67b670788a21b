//! The ways to break a program that is watched.

use std::path::Path;
use std::process::Command;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use fixtures::control::EngineControl;
use rustix::process::{Pid, Signal, kill_process, kill_process_group};

use crate::case::{Case, Fault};
use crate::dice::Dice;
use crate::disk;
use crate::swept::Swept;
use crate::watched::{Answer, Blow, Write};

/// How long an engine may take to die, or to come back.
pub(crate) const ENGINE: Duration = Duration::from_secs(60);

/// Types everything else that would change the installation. All of it is to be refused.
pub(crate) fn other_runs(swept: &Swept, wrong: Arc<Mutex<Vec<String>>>) -> Blow {
    let name = swept.name.as_str();
    let lines: [&[&str]; 4] =
        [&["run", "--plan", "0123456789ab", "--consent", name], &["resume"], &["rollback"], &["backup"]];
    let mut commands: Vec<Command> = lines.into_iter().map(|words| swept.person.command(words)).collect();
    Box::new(move |_, _| {
        for mut command in commands.drain(..) {
            let said = command.output().unwrap();
            let text = String::from_utf8_lossy(&said.stderr);
            if said.status.code() != Some(3) || !text.contains("another run is busy") {
                wrong.lock().unwrap().push(format!("{command:?} was not refused: {said:?}"));
            }
        }
        Answer::Done
    })
}

/// Takes all the room that a disk has left.
pub(crate) fn fill(disk: &Path) -> Blow {
    let (disk, mut is_full) = (disk.to_owned(), false);
    Box::new(move |_, _| {
        if !std::mem::replace(&mut is_full, true) {
            disk::fill(&disk);
        }
        Answer::Done
    })
}

/// What is done by a fault that needs nothing but the program.
pub(crate) fn of(case: &Case) -> Blow {
    let whole_group = Dice::of(&case.to_string()).below(2) == 0;
    let mut first = true;
    let mut once = move || std::mem::replace(&mut first, false);
    match case.fault {
        Fault::Kill => Box::new(move |_, process| {
            if once() {
                kill(process, whole_group);
            }
            Answer::Done
        }),
        Fault::NoSpace => Box::new(|write, _| fails_if(write.takes_space(), libc::ENOSPC)),
        Fault::Io => Box::new(move |_, _| fails_if(once(), libc::EIO)),
        Fault::ReadOnly => Box::new(|write, _| fails_if(write.changes(), libc::EROFS)),
        Fault::SecondRun | Fault::Filled | Fault::ReadOnlyState | Fault::ReadOnlyClient => {
            Box::new(|_, _| Answer::Done)
        }
        Fault::Engine => Box::new(move |_, _| {
            if once() {
                kill_engine();
            }
            Answer::Done
        }),
        Fault::Interrupt | Fault::Interrupts => {
            let times = if case.fault == Fault::Interrupt { 1 } else { 2 };
            Box::new(move |_, process| {
                if once() {
                    (0..times).for_each(|_| send(process, Signal::INT));
                }
                Answer::Done
            })
        }
    }
}

fn fails_if(fails: bool, number: i32) -> Answer {
    if fails { Answer::Fails(number) } else { Answer::Done }
}

/// `kill -9` of the program alone, as by its number, or of its group, as by a terminal that is closed.
fn kill(process: u32, whole_group: bool) {
    let Some(pid) = Pid::from_raw(process.cast_signed()) else { return };
    // It may just have ended.
    let _ = if whole_group { kill_process_group(pid, Signal::KILL) } else { kill_process(pid, Signal::KILL) };
}

fn send(process: u32, signal: Signal) {
    let _ = Pid::from_raw(process.cast_signed()).map(|pid| kill_process(pid, signal));
}

fn kill_engine() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(EngineControl::here().kill(ENGINE)).unwrap();
}

impl Write {
    /// Whether it can find a disk full.
    fn takes_space(&self) -> bool {
        let writes = ["write", "writev", "pwrite", "sendfile", "copy_file_range", "fallocate"];
        let names = ["open", "rename", "setxattr", "lsetxattr", "fsetxattr"];
        writes.contains(&self.call) || self.makes() || names.contains(&self.call) && !self.path.exists()
    }

    /// Whether it can find a disk read-only.
    fn changes(&self) -> bool {
        let only_waits = matches!(self.call, "fsync" | "fdatasync");
        let makes = matches!(self.call, "mkdir" | "mknod" | "symlink" | "link");
        !only_waits && (!makes || self.makes())
    }

    /// Whether it makes something. Of what is there already the kernel says just that, whatever the disk is like.
    fn makes(&self) -> bool {
        matches!(self.call, "mkdir" | "mknod" | "symlink" | "link") && !self.path.exists()
    }
}
