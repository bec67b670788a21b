//! A program whose every write is seen before it happens, by whichever of its threads and children: so it can be broken at
//! any of them, exactly there.

mod calls;
mod filter;

use std::fmt;
use std::fs::File;
use std::io::{Read, Seek};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use filter::{Heard, Listener};

/// How long a program may take, before it counts as hanging.
const PATIENCE: Duration = Duration::from_secs(600);

/// The parts of a reinstall, by what is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Phase {
    Backup,
    Purge,
    Install,
    Rollback,
}

/// A write that is about to happen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Write {
    pub(crate) phase: Phase,
    /// The system call.
    pub(crate) call: &'static str,
    pub(crate) path: PathBuf,
}

/// When a program is to be broken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Moment {
    Never,
    /// Before so many records of a phase are made to last, counted from 1: the last one is in the file, and nobody has acted on it.
    Record(Phase, usize),
    /// Before a write of a phase, counted from 1; what an archive is unpacked by does not count.
    Write(Phase, usize),
    /// Before a write by which an archive is unpacked.
    Unpacked(Phase, usize),
    /// So long after the first write of a phase.
    After(Phase, Duration),
}

/// What becomes of a write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Answer {
    Done,
    /// It fails with this error number, and is not done.
    Fails(i32),
}

/// Does something to a program, given by its process, when its moment has come, and at every write after that.
pub(crate) type Blow = Box<dyn FnMut(&Write, u32) -> Answer + Send>;

/// What is watched for.
pub(crate) struct Watch {
    /// Writes below these count.
    pub(crate) below: Vec<PathBuf>,
    /// The phase that it begins with.
    pub(crate) begins: Phase,
    pub(crate) moment: Moment,
    pub(crate) blow: Blow,
}

/// A watched program that has ended.
#[derive(Debug)]
pub(crate) struct Ended {
    /// Its exit code; none when it was killed.
    pub(crate) code: Option<i32>,
    pub(crate) out: String,
    pub(crate) err: String,
    /// Where the moment came; none when it never did.
    pub(crate) struck: Option<Write>,
    pub(crate) writes: Vec<Write>,
    /// How many of them came after the moment.
    pub(crate) after: usize,
    /// How long each phase took.
    pub(crate) phases: Vec<(Phase, Duration)>,
}

/// Runs a program to its end. What it started may go on after it, watched until that ends too.
pub(crate) fn run(mut command: Command, watch: Watch) -> Ended {
    let (mut out, mut err) = (tempfile::tempfile().unwrap(), tempfile::tempfile().unwrap());
    command.stdin(Stdio::null()).stdout(out.try_clone().unwrap()).stderr(err.try_clone().unwrap());
    command.process_group(0);
    filter::apply_to(&mut command);
    let mut child = command.spawn().unwrap();
    let watching = watching(&child, watch);
    let code = child.wait().unwrap().code();
    let seen = watching.join().unwrap();
    let phases = seen.phases();
    let (out, err) = (text(&mut out), text(&mut err));
    Ended { code, out, err, struck: seen.struck, writes: seen.writes, after: seen.after, phases }
}

fn text(file: &mut File) -> String {
    let mut text = String::new();
    file.rewind().unwrap();
    file.read_to_string(&mut text).unwrap();
    text
}

/// What a watcher has seen so far.
struct Seen {
    watch: Watch,
    process: u32,
    writes: Vec<Write>,
    begun: Vec<(Phase, Instant)>,
    struck: Option<Write>,
    after: usize,
    ended: Instant,
}

fn watching(child: &Child, watch: Watch) -> JoinHandle<Seen> {
    let listener = Listener::of(child).unwrap();
    let now = Instant::now();
    let mut seen = Seen {
        begun: vec![(watch.begins, now)],
        watch,
        process: child.id(),
        writes: Vec::new(),
        struck: None,
        after: 0,
        ended: now,
    };
    std::thread::spawn(move || {
        while seen.look(&listener) {}
        seen.ended = Instant::now();
        seen
    })
}

impl Seen {
    /// Looks once; says whether there is more to be seen.
    fn look(&mut self, listener: &Listener) -> bool {
        match listener.hear(self.patience()).unwrap() {
            Heard::Ended => return false,
            Heard::Nothing => self.strike_by_the_clock(),
            Heard::Stopped(stopped) => {
                let write = calls::about(&stopped).and_then(|(call, path)| self.write(call, path));
                match write.map(|write| self.answer(write)) {
                    Some(Answer::Fails(number)) => listener.answer(stopped, Some(number)),
                    Some(Answer::Done) | None => listener.answer(stopped, None),
                }
            }
        }
        true
    }

    /// How long there is nothing to be done but to listen.
    fn patience(&self) -> Duration {
        let until = self.due().unwrap_or(self.begun[0].1 + PATIENCE);
        let left = until.saturating_duration_since(Instant::now());
        // Rounded up: poll(2) counts whole milliseconds.
        left.max(Duration::from_millis(1))
    }

    /// When the clock strikes, if its phase has begun and it has not yet.
    fn due(&self) -> Option<Instant> {
        let Moment::After(phase, later) = self.watch.moment else { return None };
        let begun = self.begun.iter().find(|(begun, _)| *begun == phase);
        begun.filter(|_| self.struck.is_none()).map(|(_, at)| *at + later)
    }

    fn strike_by_the_clock(&mut self) {
        let now = Instant::now();
        if self.due().is_some_and(|due| due <= now) {
            let last = self.writes.last().cloned();
            let phase = self.begun.last().map_or(self.watch.begins, |(phase, _)| *phase);
            let at = last.unwrap_or_else(|| Write { phase, call: "start", path: PathBuf::new() });
            (self.watch.blow)(&at, self.process);
            self.struck = Some(at);
        }
        assert!(now - self.begun[0].1 < PATIENCE, "it hangs; its last write was {:?}", self.writes.last());
    }

    fn write(&mut self, call: &'static str, path: PathBuf) -> Option<Write> {
        if !self.watch.below.iter().any(|root| path.starts_with(root)) {
            return None;
        }
        let phase = self.phase(&path);
        Some(Write { phase, call, path })
    }

    /// The phase that a run is in, which begins when its folder is made.
    fn phase(&mut self, path: &Path) -> Phase {
        let (now, _) = *self.begun.last().expect("it begins with one");
        let next = match now {
            Phase::Backup => ("purge", Phase::Purge),
            Phase::Purge => ("install", Phase::Install),
            Phase::Install | Phase::Rollback => return now,
        };
        let mut parts = path.components().rev().map(std::path::Component::as_os_str);
        let is_next = parts.next().is_some_and(|last| last == next.0)
            && parts.nth(1).is_some_and(|parent| parent == "transactions");
        if is_next {
            self.begun.push((next.1, Instant::now()));
        }
        self.begun.last().map_or(now, |(phase, _)| *phase)
    }

    fn answer(&mut self, write: Write) -> Answer {
        self.writes.push(write.clone());
        self.after += usize::from(self.struck.is_some());
        if self.struck.is_none() && !self.is_the_moment(&write) {
            return Answer::Done;
        }
        let answer = (self.watch.blow)(&write, self.process);
        self.struck.get_or_insert(write);
        answer
    }

    fn is_the_moment(&self, write: &Write) -> bool {
        let is_nth = |phase: Phase, nth: usize, is: fn(&Write) -> bool| {
            let is = |one: &&Write| one.phase == phase && is(one);
            is(&write) && self.writes.iter().filter(is).count() == nth
        };
        match self.watch.moment {
            Moment::Never => false,
            Moment::Record(phase, nth) => is_nth(phase, nth, Write::is_record),
            Moment::Write(phase, nth) => is_nth(phase, nth, |one| !one.is_unpacked()),
            Moment::Unpacked(phase, nth) => is_nth(phase, nth, Write::is_unpacked),
            Moment::After(..) => self.due().is_some_and(|due| due <= Instant::now()),
        }
    }

    fn phases(&self) -> Vec<(Phase, Duration)> {
        let ends = self.begun.iter().skip(1).map(|(_, at)| *at).chain([self.ended]);
        self.begun.iter().zip(ends).map(|((phase, at), end)| (*phase, end - *at)).collect()
    }
}

impl Write {
    /// Whether a record of a journal is made to last.
    pub(crate) fn is_record(&self) -> bool {
        let is_journal = self.path.file_name().is_some_and(|name| name == "journal" || name == "milestones");
        self.call == "fdatasync" && is_journal
    }

    /// Whether it is one of the many by which an archive is unpacked: in the drill, into a volume, beside an engine's own tree. So
    /// are those by which what was in its place is removed.
    pub(crate) fn is_unpacked(&self) -> bool {
        let is_of_tree = |part: &std::ffi::OsStr| {
            let part = part.to_string_lossy();
            part.contains("drill-") || part.starts_with(".buildkit-reinstall-")
        };
        let mut folders = self.path.iter().rev().skip(1);
        self.path.starts_with("/var/lib/docker/volumes") || self.call != "rename" && folders.any(is_of_tree)
    }
}

impl Phase {
    pub(crate) const ALL: [Self; 4] = [Self::Backup, Self::Purge, Self::Install, Self::Rollback];
}

impl fmt::Display for Phase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Backup => "backup",
            Self::Purge => "purge",
            Self::Install => "install",
            Self::Rollback => "rollback",
        })
    }
}

impl fmt::Display for Write {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.call, self.path.display())
    }
}
