//! One attempt: something is broken, one command is typed, and all that matters is looked at.

use std::sync::{Arc, Mutex};

use fixtures::control::EngineControl;

use crate::begun;
use crate::blow::{self, ENGINE};
use crate::case::{Case, Course, Fault, Way};
use crate::dice::Dice;
use crate::disk::Disk;
use crate::outcome::{Came, Outcome};
use crate::person::Typed;
use crate::swept::{Stands, Swept};
use crate::watched::{self, Ended, Moment, Phase, Watch};

/// How late a way home may be killed: at one of its first so many writes.
const FIRST_WRITES: usize = 150;
/// So many writes at most come after the last point at which an interrupt is obeyed: the guide, and the record that all is done.
const LAST_WRITES: usize = 16;

/// Breaks an installation, and brings it home.
pub(crate) async fn attempt(swept: &Swept, case: &Case) -> Outcome {
    let mut outcome = Outcome::new(case.to_string(), case.fault.to_string(), case.phase);
    let words = ready(swept, case.course).await;
    let disk = Disk::of(case.fault, swept);
    let ended = broken(swept, case, &words, &mut outcome);
    disk.iter().for_each(Disk::mend);
    outcome.struck = ended.struck.as_ref().map(ToString::to_string);
    outcome.wrong.extend(wrong_ending(case, &ended, swept.is_unfinished()));
    if case.fault == Fault::Engine {
        EngineControl::here().start(ENGINE).await.unwrap();
        if ended.code == Some(0) && ended.after == 0 {
            // It died when all was done and looked at: what ran on it is its owner's to start.
            swept.starts().await;
        }
    }
    let way = if swept.is_unfinished() { Some(go_home(swept, case, &mut outcome)) } else { None };
    let stands = swept.stands();
    outcome.came = match (case.course, stands, way) {
        (course, Stands::Reinstalled, _) if course.reinstalls() => Came::Resume,
        (course, _, None) if course.reinstalls() && ended.code != Some(7) => Came::NotBegun,
        (Course::Rollback, Stands::Reinstalled, None) => Came::NotBegun,
        (Course::Backup, _, None) if ended.code != Some(0) => Came::NotBegun,
        (Course::Backup, _, None) | (Course::Backup | Course::Rollback, _, Some(Way::Resume)) => Came::Resume,
        _ => Came::Rollback,
    };
    if case.course.reinstalls() || stands == Stands::AsItWas {
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

/// Makes it ready for a command, and gives the words of that.
async fn ready(swept: &Swept, course: Course) -> Vec<String> {
    match course {
        Course::Backup => vec!["backup".into()],
        Course::Reinstall => {
            swept.forget();
            swept.person.agreed()
        }
        Course::Resumed => {
            swept.forget();
            begun::leave(swept).await;
            vec!["resume".into()]
        }
        Course::Rollback => {
            let id = swept.wreck().await;
            vec!["rollback".into(), id, "--consent".into(), swept.name.clone()]
        }
    }
}

/// Types a command, and breaks it.
fn broken(swept: &Swept, case: &Case, words: &[String], outcome: &mut Outcome) -> Ended {
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let refused = Arc::new(Mutex::new(Vec::new()));
    let blow = match case.fault {
        Fault::SecondRun => blow::other_runs(swept, refused.clone()),
        Fault::Filled => blow::fill(&swept.disk()),
        _ => blow::of(case),
    };
    let (below, begins, moment) = (swept.folders(), case.course.begins(), case.moment());
    let ended = watched::run(swept.person.command(&words), Watch { below, begins, moment, blow });
    outcome.wrong.append(&mut refused.lock().unwrap());
    ended
}

/// What is wrong with how the broken command ended.
fn wrong_ending(case: &Case, ended: &Ended, is_unfinished: bool) -> Option<String> {
    let struck = ended.struck.as_ref()?;
    let says_what_next = !is_unfinished || ended.err.contains("reinstall resume");
    match (case.fault, ended.code) {
        (Fault::Io, Some(0)) if struck.is_record() => Some("a journal that failed was trusted".into()),
        (Fault::Interrupt | Fault::Interrupts, Some(130)) if says_what_next => None,
        // There was nothing left to be stopped.
        (Fault::Interrupt | Fault::Interrupts, Some(0)) if ended.after <= LAST_WRITES => None,
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
    // A rollback that was killed may have had nothing to take back.
    let had_nothing = case.twice && typed.code == 2 && typed.out.starts_with("nothing was changed");
    let is_home = match way {
        Way::Resume => matches!(typed.code, 0 | 7) || had_nothing,
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
        blow: blow::of(&Case { fault: Fault::Kill, ..*case }),
    };
    watched::run(swept.person.command(&[word(case.way)]), watch);
}
