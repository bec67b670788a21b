//! The JUnit report is well-formed whatever texts it gets, keeps to the profile that every reader accepts, and is valid
//! against Jenkins' schema where that is at hand.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on should say where")]

use std::collections::BTreeMap;
use std::path::Path;

use harness::args::Dialect;
use harness::event::{CheckRecord, Event, StageRecord};
use harness::report::{Report, junit};
use harness::{Failure, Outcome};
use proptest::prelude::*;
use roxmltree::{Document, Node};

fn check(name: &str, outcome: Outcome) -> Event {
    Event::CheckEnded(Box::new(CheckRecord {
        name: name.into(),
        claim: "It holds.".into(),
        clauses: vec!["1.1.1".into()],
        needs: vec![],
        stage: None,
        outcome,
        required: None,
        at: "2026-01-02T03:04:05.678Z".parse().unwrap(),
        seconds: 1.238_999_999,
        debris: vec![],
        rerun: format!("again {name}"),
        evidence: None,
        selected: true,
        file: "src/it.rs".into(),
        line: 7,
    }))
}

fn broken(text: &str) -> Outcome {
    Outcome::Broken { doing: text.into(), why: text.into() }
}

/// A run with every outcome and a stage.
fn events(text: &str) -> Vec<Event> {
    let at = "2026-01-02T03:04:05.678Z".parse().unwrap();
    let failure = Failure::new(text, text, text).explained(text, text);
    let environment = BTreeMap::from([(text.to_owned(), text.to_owned())]);
    let (evidence, debris) = (None, vec![text.to_owned()]);
    let stage =
        StageRecord { stage: "dug".into(), outcome: broken(text), at, seconds: 61.0, debris, evidence };
    vec![
        Event::RunStarted { at, selected: 6 },
        check("a::b::passes", Outcome::Passed),
        check("a::b::fails", Outcome::Failed(failure)),
        check("a::c::breaks", broken(text)),
        check("d::is_skipped", Outcome::Skipped { need: "moon".into(), why: text.into() }),
        check("d::is_blocked", Outcome::Blocked { by: "a::b::fails".into(), why: text.into() }),
        Event::CheckStarted { check: "d::was_killed".into(), at },
        Event::StageEnded(stage),
        Event::Environment { values: environment },
        Event::RunEnded { at, exit: 2 },
    ]
}

fn xml(events: Vec<Event>, dialect: Dialect) -> String {
    junit::render(&Report::of(events), dialect)
}

fn cases<'a>(document: &'a Document<'a>) -> impl Iterator<Item = Node<'a, 'a>> {
    document.descendants().filter(|node| node.has_tag_name("testcase"))
}

proptest! {
    #[test]
    fn any_text_gives_well_formed_xml_whose_bodies_begin_with_their_messages(text in any::<String>()) {
        for dialect in [Dialect::Strict, Dialect::Rich] {
            let xml = xml(events(&text), dialect);
            let document = Document::parse(&xml).expect("well-formed");
            prop_assert_eq!(cases(&document).count(), 7);
            for verdict in cases(&document).flat_map(|case| case.children()) {
                let Some(message) = verdict.attribute("message") else { continue };
                let body = verdict.text().unwrap_or_default();
                prop_assert!(!body.trim().is_empty());
                prop_assert!(one_line(body).starts_with(&one_line(message)), "{body:?} {message:?}");
            }
        }
    }
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn characters_that_break_readers_are_gone_and_the_rest_is_kept() {
    let text = "a\u{1b}[31mred\u{1b}[0m \u{0}\u{8}\u{fffe}\u{ffff} ]]> <&\"'> é \u{1f600}";
    let xml = xml(vec![check("a::b", broken(text))], Dialect::Strict);
    let document = Document::parse(&xml).unwrap();
    let error = document.descendants().find(|node| node.has_tag_name("error")).unwrap();
    let kept = "ared  ]]> <&\"'> é \u{1f600}";
    assert_eq!(error.attribute("message").unwrap(), format!("{kept}: {kept}"));
}

#[test]
fn a_case_stays_below_what_readers_cut() {
    let xml = xml(events(&"\u{1f600}<".repeat(500_000)), Dialect::Rich);
    let document = Document::parse(&xml).unwrap();
    for case in cases(&document) {
        let texts = case.descendants().filter(Node::is_text).filter_map(|node| node.text());
        assert!(texts.map(|text| text.chars().count()).sum::<usize>() < 100_000);
    }
}

#[test]
fn times_have_three_decimals_and_timestamps_no_zone_and_no_fraction() {
    let xml = xml(events("x"), Dialect::Strict);
    let document = Document::parse(&xml).unwrap();
    let times = document.descendants().filter_map(|node| node.attribute("time"));
    for time in times {
        assert_eq!(time.split_once('.').map(|(_, decimals)| decimals.len()), Some(3), "{time}");
    }
    let suites: Vec<_> =
        document.root_element().children().filter(|node| node.has_tag_name("testsuite")).collect();
    let names: Vec<_> = suites.iter().filter_map(|suite| suite.attribute("name")).collect();
    assert_eq!(names, ["a", "d", "stages"]);
    assert!(suites.iter().all(|suite| suite.attribute("timestamp") == Some("2026-01-02T03:04:05")));
    assert!(suites.iter().all(|suite| suite.attribute("hostname") == Some("localhost")));
}

#[test]
fn totals_are_the_sums_of_the_cases() {
    let xml = xml(events("x"), Dialect::Strict);
    let document = Document::parse(&xml).unwrap();
    let root = document.root_element();
    let totals = ["tests", "failures", "errors", "skipped"].map(|name| root.attribute(name));
    assert_eq!(totals, [Some("7"), Some("1"), Some("3"), None]);
}

#[test]
fn a_run_without_events_has_a_case_that_says_so() {
    let xml = xml(vec![], Dialect::Strict);
    let document = Document::parse(&xml).unwrap();
    let case = cases(&document).next().unwrap();
    assert_eq!(case.attribute("name"), Some("nothing_ran"));
}

#[test]
fn the_strict_dialect_is_valid_against_the_schema_of_jenkins_and_the_rich_one_is_not() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data/junit-10.xsd");
    let Ok(schema) = std::fs::read_to_string(&path) else {
        eprintln!("{} is not there: nothing to hold the report against", path.display());
        return;
    };
    let schema = Document::parse(&schema).unwrap();
    for events in [events("x"), vec![]] {
        assert_eq!(faults(&schema, &xml(events, Dialect::Strict)), Vec::<String>::new());
    }
    let faults = faults(&schema, &xml(events("x"), Dialect::Rich));
    assert!(faults.contains(&"testcase: no attribute file".to_owned()), "{faults:?}");
    assert!(faults.contains(&"testcase: no element properties in it".to_owned()), "{faults:?}");
}

/// What a document has that the schema does not allow, for the part of XML Schema that junit-10.xsd uses.
fn faults(schema: &Document, xml: &str) -> Vec<String> {
    let document = Document::parse(xml).unwrap();
    let elements = document.descendants().filter(Node::is_element);
    elements.flat_map(|element| faults_of(schema, element)).collect()
}

fn faults_of(schema: &Document, element: Node) -> Vec<String> {
    let name = element.tag_name().name();
    let top = schema.root_element().children();
    let Some(declared) = top
        .filter(|node| node.has_tag_name(("http://www.w3.org/2001/XMLSchema", "element")))
        .find(|node| node.attribute("name") == Some(name))
    else {
        return vec![format!("no element {name}")];
    };
    let part = |kind, key| {
        let parts = declared.descendants().filter(move |node| node.tag_name().name() == kind);
        parts.filter_map(move |node| Some((node.attribute(key)?, node)))
    };
    let mut faults = Vec::new();
    for attribute in element.attributes() {
        match part("attribute", "name").find(|(name, _)| *name == attribute.name()) {
            None => faults.push(format!("{name}: no attribute {}", attribute.name())),
            Some((_, node))
                if node.attribute("type") == Some("SUREFIRE_TIME") && !is_time(attribute.value()) =>
            {
                faults.push(format!("{name}: no time {}", attribute.value()));
            }
            Some(_) => {}
        }
    }
    for (wanted, node) in part("attribute", "name") {
        if node.attribute("use") == Some("required") && element.attribute(wanted).is_none() {
            faults.push(format!("{name}: attribute {wanted} is missing"));
        }
    }
    for child in element.children().filter(Node::is_element) {
        if !part("element", "ref").any(|(allowed, _)| allowed == child.tag_name().name()) {
            faults.push(format!("{name}: no element {} in it", child.tag_name().name()));
        }
    }
    faults
}

/// SUREFIRE_TIME without its thousands separators.
fn is_time(text: &str) -> bool {
    let (whole, decimals) = text.split_once('.').unwrap_or((text, ""));
    decimals.len() <= 3 && [whole, decimals].iter().all(|part| part.chars().all(|c| c.is_ascii_digit()))
}
