//! What people read, against recorded texts. `BLESS=1` records anew.

use std::path::Path;

use crate::program::World;

/// Holds `text` against the recorded one.
fn compare(name: &str, text: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(name);
    if std::env::var_os("BLESS").is_some() {
        std::fs::write(&path, text).unwrap();
    }
    let recorded = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(text == recorded, "not as in {}; record it anew with BLESS=1:\n{text}", path.display());
}

/// Puts `[..]` in the place of what changes from run to run: the run's folder, times, and lines of source files.
fn redacted(text: &str, world: &World) -> String {
    let text = text.replace(&world.run().display().to_string(), "[..]");
    let befores = [" after ", " in ", " dug ", " built ", " time=\"", "timestamp=\"", ".rs:", " line=\""];
    befores.iter().fold(text, |text, before| without_number(&text, before))
}

/// Puts `[..]` in the place of each number (`1`, `1.2 s`, `1:2`, `2026-01-01T…`) behind `before`.
fn without_number(text: &str, before: &str) -> String {
    let mut parts = text.split(before);
    let mut redacted = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let is_number = part.starts_with(|c: char| c.is_ascii_digit());
        let end = if is_number { part.find([',', '\n', '"', ' ']).unwrap_or(part.len()) } else { 0 };
        let name = if is_number { "[..]" } else { "" };
        redacted = format!("{redacted}{before}{name}{}", &part[end..]);
    }
    redacted
}

pub(crate) fn what_people_read_is_as_recorded() {
    let world = World::new();
    let ran = world.ran(&["--test-threads=1", "--skip", "at_great_length"]);
    compare("all.2.stdout", &redacted(&ran.stdout, &world));
    compare("all.2.stderr", &redacted(&ran.stderr, &world));
}

pub(crate) fn listing_shows_claims_and_touches_nothing() {
    let world = World::new();
    let ran = world.ran(&["--list", "--format", "json"]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    compare("list.0.json", &ran.stdout);
    assert_eq!(std::fs::read_dir(world.runs()).unwrap().count(), 0);
    let ignored = world.ran(&["--list", "--format", "terse", "--ignored"]);
    assert_eq!((ignored.code, ignored.stdout.as_str()), (Some(0), ""));
}

pub(crate) fn the_junit_report_is_as_recorded() {
    for dialect in ["strict", "rich"] {
        let world = World::new();
        let path = world.runs().join("out/result.xml");
        let path = path.to_str().unwrap();
        world.ran(&["clean::", "--test-threads=1", "--junit", path, "--junit-dialect", dialect]);
        let xml = std::fs::read_to_string(path).unwrap();
        compare(&format!("clean.{dialect}.xml"), &redacted(&xml, &world));
    }
}
