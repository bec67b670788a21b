//! Terminal, JUnit, `report.json`, events and exit code say the same, however the checks are run.

use std::collections::BTreeMap;

use harness::Look;
use serde_json::Value;

use crate::answers::{ANSWERS, Answer, STAGES};
use crate::program::{Ran, World, wait_for};

pub(crate) fn every_surface_agrees_with_the_table_one_check_at_a_time() {
    agrees(&["--test-threads=1"]);
}

pub(crate) fn every_surface_agrees_with_the_table_with_checks_side_by_side() {
    agrees(&["--test-threads=8"]);
}

pub(crate) fn every_surface_agrees_with_the_table_with_one_process_per_check() {
    let world = World::of_many_processes();
    let list = world.ran(&["--list", "--format", "terse"]);
    let listed: Vec<&str> = list.stdout.lines().filter_map(|line| line.strip_suffix(": test")).collect();
    assert_eq!(listed, ANSWERS.map(|answer| answer.check));
    let started = listed.iter().map(|check| (check, world.start(&["--exact", check, "--nocapture"])));
    let started: Vec<_> = started.collect();
    for ((check, child), answer) in started.into_iter().zip(&ANSWERS) {
        let ran = crate::program::ended(child);
        assert_eq!(ran.code, Some(answer.code), "{check}: {ran:?}");
        terminal(&ran, answer);
    }
    records_agree(&world);
}

fn agrees(args: &[&str]) {
    let world = World::new();
    let ran = world.ran(args);
    assert_eq!(ran.code, Some(2), "{ran:?}");
    for answer in &ANSWERS {
        terminal(&ran, answer);
    }
    records_agree(&world);
}

fn terminal(ran: &Ran, answer: &Answer) {
    let begin = format!("test {} ", answer.check);
    let line = ran.stdout.lines().find(|line| line.starts_with(&begin));
    let (_, verdict) = line.and_then(|line| line.split_once(" ... ")).unwrap_or_else(|| panic!("{ran:?}"));
    assert!(verdict.starts_with(answer.is.libtest()), "{}: {verdict}", answer.check);
    assert!(one_line(&ran.stdout).contains(answer.says), "{}: {}", answer.check, ran.stdout);
}

fn records_agree(world: &World) {
    junit(&world.read("junit.xml"));
    let report = world.report();
    let ended: Vec<Value> =
        world.events().into_iter().filter(|event| event["event"] == "check_ended").collect();
    for records in [report["checks"].as_array().unwrap(), &ended] {
        let found: BTreeMap<_, _> =
            records.iter().map(|record| (text(&record["name"]), text(&record["outcome"]))).collect();
        assert_eq!(found, ANSWERS.iter().map(|answer| (answer.check, answer.is.word())).collect());
        assert_eq!(records.len(), ANSWERS.len(), "no check runs twice");
    }
    let stages: Vec<Value> =
        world.events().into_iter().filter(|event| event["event"] == "stage_ended").collect();
    for records in [report["stages"].as_array().unwrap(), &stages] {
        let mut found: Vec<_> =
            records.iter().map(|record| (text(&record["stage"]), text(&record["outcome"]))).collect();
        found.sort_unstable();
        assert_eq!(found, STAGES.map(|(stage, is)| (stage, is.word())), "each stage is tried once");
    }
    assert_eq!(report["debris"][0]["what"], "crumbs on the table");
    assert_eq!(report["environment"]["weather"], "cloudy");
}

fn junit(xml: &str) {
    let document = roxmltree::Document::parse(xml).unwrap();
    for answer in &ANSWERS {
        let (class, name) = answer.check.rsplit_once("::").unwrap();
        let mut cases = document.descendants().filter(|node| {
            node.has_tag_name("testcase")
                && node.attribute("name") == Some(name)
                && node.attribute("classname") == Some(class)
        });
        let (case, twice) = (cases.next().unwrap_or_else(|| panic!("no {}", answer.check)), cases.next());
        assert!(twice.is_none(), "{} is there twice", answer.check);
        let verdict = case.children().find(|node| node.is_element() && !node.has_tag_name("system-out"));
        assert_eq!(verdict.map(|node| node.tag_name().name()), answer.is.junit(), "{}", answer.check);
        let body = verdict.and_then(|node| node.text()).unwrap_or_default();
        assert!(one_line(body).contains(answer.says), "{}: {body}", answer.check);
    }
}

pub(crate) fn what_a_check_started_has_ended_with_it() {
    let world = World::new();
    world.ran(&["_a_"]);
    for check in ["leaks_a_process", "hangs_with_a_child"] {
        let pid = world.read(&format!("evidence/validate/{check}/pid"));
        wait_for("the end of the process", || {
            match std::fs::read_to_string(format!("/proc/{}/stat", pid.trim())) {
                Ok(stat) if !stat.contains(") Z ") => Look::NotYet(stat),
                _ => Look::Ready(()),
            }
        });
    }
}

pub(crate) fn the_report_says_which_checks_answer_to_a_clause() {
    let world = World::new();
    world.ran(&["--exact", "validate::passes"]);
    let clauses = &world.report()["clauses"];
    assert_eq!(clauses[0]["text"], "the hole is deep");
    assert_eq!(clauses[0]["checks"], serde_json::json!(["validate::passes"]));
    assert_eq!(clauses[1]["checks"], serde_json::json!([]));
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
