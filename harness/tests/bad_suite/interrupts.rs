//! What an interrupt does to a run.

use std::process::Child;

use harness::Look;
use harness::args::Dialect;
use harness::report::{Report, junit};
use rustix::process::{Pid, Signal, kill_process};

use crate::program::{World, ended, wait_for};

fn started(world: &World) -> Child {
    let child = world.start(&["on_for_ever", "--test-threads=1"]);
    let verse = world.runs().join("latest/evidence/validate/goes_on_for_ever/verse.json");
    wait_for("the first verse", || match verse.try_exists() {
        Ok(true) => Look::Ready(()),
        other => Look::NotYet(format!("{other:?}")),
    });
    child
}

fn send(signal: Signal, child: &Child) {
    let pid = Pid::from_raw(child.id().try_into().unwrap()).unwrap();
    kill_process(pid, signal).unwrap();
}

pub(crate) fn an_interrupt_ends_the_run_in_order() {
    for signal in [Signal::INT, Signal::TERM, Signal::HUP] {
        let world = World::of_mood("night and sticky");
        let child = started(&world);
        send(signal, &child);
        let ran = ended(child);
        assert_eq!(ran.code, Some(130), "{ran:?}");
        let report = world.report();
        assert_eq!(report["interrupted"], true);
        for check in report["checks"].as_array().unwrap() {
            assert_eq!(
                (&check["outcome"], &check["by"]),
                (&"blocked".into(), &"an interrupt".into()),
                "{check}"
            );
        }
        assert_eq!(report["checks"][0]["why"], "it was singing");
        assert_eq!(report["checks"][1]["why"], "it did not begin");
        assert_eq!(report["debris"][0]["what"], "a puddle", "the tear-down runs");
        assert!(world.read("junit.xml").contains(r#"tests="4" failures="0""#), "reports are written");
    }
}

pub(crate) fn a_second_interrupt_ends_it_at_once() {
    let world = World::of_mood("night and stubborn");
    let mut child = started(&world);
    let mut stderr = child.stderr.take().unwrap();
    send(Signal::INT, &child);
    let begun = read_until(&mut stderr, "interrupt again to end at once");
    send(Signal::INT, &child);
    assert_eq!(child.wait().unwrap().code(), Some(130), "{begun}");
    let rest = read_until(&mut stderr, "all that is known is in ");
    assert!(rest.contains("ended without cleaning up; left: the stages dug; "), "{rest}");
}

pub(crate) fn a_killed_run_can_still_be_reported() {
    let world = World::of_mood("night");
    let mut child = started(&world);
    child.kill().unwrap();
    child.wait().unwrap();
    let report = Report::from_events(&world.run().join("events.jsonl")).unwrap();
    let unfinished: Vec<_> = report.unfinished.keys().collect();
    assert_eq!(unfinished, ["validate::goes_on_for_ever"]);
    let xml = junit::render(&report, Dialect::Strict);
    assert!(xml.contains("it began and has no outcome"), "{xml}");
}

/// Reads until `words` came, or to the end.
fn read_until(from: &mut impl std::io::Read, words: &str) -> String {
    let (mut text, mut byte) = (Vec::new(), [0]);
    while !text.ends_with(words.as_bytes()) && from.read(&mut byte).unwrap() == 1 {
        text.push(byte[0]);
    }
    String::from_utf8(text).unwrap()
}
