//! One attempt: something is broken, one command is typed, and all that matters is looked at.

use std::process::Command;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use fixtures::control::EngineControl;
use rustix::process::{Pid, Signal, kill_process, kill_process_group};

use crate::case::{Case, Course, Fault, Way};
use crate::dice::Dice;
use crate::outcome::{Came, Outcome};
use crate::person::Typed;
use crate::swept::{Stands, Swept};
use crate::watched::{self, Answer, Blow, Ended, Moment, Phase, Watch, Write};

/// How long an engine may take to die, or to come back.
const ENGINE: Duration = Duration::from_secs(60);
/// How late a way home may be killed: at one of its first so many writes.
const FIRST_WRITES: usize = 150;

/// Breaks an installation, and brings it home.
pub(crate) async fn attempt(swept: &Swept, case: &Case) -> Outcome {
    let mut outcome = Outcome::new(case.to_string(), case.fault.to_string(), case.phase);
    let ended = broken(swept, case, &mut outcome).await;
    outcome.struck = ended.struck.as_ref().map(ToString::to_string);
    outcome.wrong.extend(wrong_ending(case, &ended, swept.is_unfinished()));
    if case.fault == Fault::Engine {
        EngineControl::here().start(ENGINE).await.unwrap();
    }
    let way = if swept.is_unfinished() { Some(go_home(swept, case, &mut outcome)) } else { None };
    let stands = swept.stands();
    outcome.came = match (case.course, stands, way) {
        (Course::Reinstall, Stands::Reinstalled, _) => Came::Resume,
        (Course::Reinstall, _, None) if ended.code != Some(7) => Came::NotBegun,
        (Course::Rollback, Stands::Reinstalled, None) => Came::NotBegun,
        (Course::Backup, _, None) if ended.code != Some(0) => Came::NotBegun,
        (Course::Backup, _, None) | (Course::Backup | Course::Rollback, _, Some(Way::Resume)) => Came::Resume,
        _ => Came::Rollback,
    };
    if case.course == Course::Reinstall || stands == Stands::AsItWas {
        outcome.judged(swept.judge(stands).await);
    }
    // Also what a rollback was typed for that came to nothing.
    if stands == Stands::Reinstalled {
        let back = swept.person.types(&["rollback", "--consent", &swept.name]);
        outcome.wrong.extend((back.code != 0).then(|| format!("then `rollback` said {back:?}")));
        outcome.judged(swept.judge(Stands::AsItWas).await);
    }
    outcome.notes = format!("{ended:?}");
    outcome
}

/// Types the command that is to be broken, and breaks it.
async fn broken(swept: &Swept, case: &Case, outcome: &mut Outcome) -> Ended {
    let words = match case.course {
        Course::Backup => vec!["backup".into()],
        Course::Reinstall => {
            swept.forget();
            swept.person.agreed()
        }
        Course::Rollback => {
            let id = swept.wreck().await;
            vec!["rollback".into(), id, "--consent".into(), swept.name.clone()]
        }
    };
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let refused = Arc::new(Mutex::new(Vec::new()));
    let blow = if case.fault == Fault::SecondRun { others(swept, refused.clone()) } else { blow(case) };
    let (below, begins, moment) = (swept.folders(), case.course.begins(), case.moment());
    let ended = watched::run(swept.person.command(&words), Watch { below, begins, moment, blow });
    outcome.wrong.extend(refused.lock().unwrap().drain(..));
    ended
}

/// Types everything else that would change the installation. All of it is to be refused.
fn others(swept: &Swept, wrong: Arc<Mutex<Vec<String>>>) -> Blow {
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

/// What is to be done at the moment.
fn blow(case: &Case) -> Blow {
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
        Fault::SecondRun => Box::new(|_, _| Answer::Done),
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

/// What is wrong with how the broken command ended.
fn wrong_ending(case: &Case, ended: &Ended, is_unfinished: bool) -> Option<String> {
    let struck = ended.struck.as_ref()?;
    let says_what_next = !is_unfinished || ended.err.contains("reinstall resume");
    match (case.fault, ended.code) {
        (Fault::Io, Some(0)) if struck.is_record() => Some("a journal that failed was trusted".into()),
        (Fault::Interrupt | Fault::Interrupts, Some(130)) if says_what_next => None,
        (Fault::Interrupt | Fault::Interrupts, code) => {
            Some(format!("interrupted, it ended with {code:?} and said {:?}", ended.err))
        }
        (Fault::Kill, Some(code)) => Some(format!("killed, it ended with {code}")),
        (Fault::Engine | Fault::NoSpace | Fault::ReadOnly, Some(2 | 8)) if !says_what_next => {
            Some(format!("it did not say how to go on: {:?}", ended.err))
        }
        _ => None,
    }
}

/// Types the one command that brings it home; where that is killed too, the other one after it. Says which it was.
fn go_home(swept: &Swept, case: &Case, outcome: &mut Outcome) -> Way {
    let mut way = case.way;
    if case.twice {
        killed_on_the_way(swept, case);
        way = way.other();
        if !swept.is_unfinished() {
            return way.other();
        }
    }
    let typed = home(swept, way);
    let is_home = match way {
        Way::Resume => matches!(typed.code, 0 | 7),
        Way::Rollback => typed.code == 0,
    };
    if !is_home {
        outcome.wrong.push(format!("`{}` ended with {}: {}{}", word(way), typed.code, typed.out, typed.err));
    }
    way
}

fn home(swept: &Swept, way: Way) -> Typed {
    swept.person.types(&[word(way)])
}

fn word(way: Way) -> &'static str {
    match way {
        Way::Resume => "resume",
        Way::Rollback => "rollback",
    }
}

fn killed_on_the_way(swept: &Swept, case: &Case) {
    let nth = 1 + Dice::of(&case.to_string()).below(FIRST_WRITES);
    let watch = Watch {
        below: swept.folders(),
        begins: Phase::Rollback,
        moment: Moment::Write(Phase::Rollback, nth),
        blow: blow(&Case { fault: Fault::Kill, ..*case }),
    };
    watched::run(swept.person.command(&[word(case.way)]), watch);
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
