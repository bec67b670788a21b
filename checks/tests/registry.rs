//! The list of checks, as reviews see it: a check that goes, or that never came to be compiled, shows here.
#![expect(clippy::unwrap_used, reason = "in a test, failing is how to say it")]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use checks::{CHECKS, SPEC};
use harness::{Name, Spec};

/// One line per check: its name, the clauses that it answers to, its needs and its stage.
const GOLDEN: &str = "tests/registry.golden";

fn listed() -> String {
    let mut lines: Vec<String> = CHECKS
        .iter()
        .map(|check| {
            let needs: Vec<_> = check.needs.iter().map(|need| need.name()).collect();
            let stage = check.stage.map_or("-", Name::name);
            format!("{} | {} | {} | {stage}\n", check.name(), check.covers.join(" "), needs.join(" "))
        })
        .collect();
    lines.sort();
    lines.concat()
}

#[test]
fn every_check_is_in_the_golden_list() {
    let golden = Path::new(env!("CARGO_MANIFEST_DIR")).join(GOLDEN);
    if std::env::var_os("REINSTALL_BLESS").is_some() {
        fs::write(&golden, listed()).unwrap();
    }
    let (golden, listed) = (fs::read_to_string(golden).unwrap_or_default(), listed());
    let (old, new): (BTreeSet<_>, BTreeSet<_>) = (golden.lines().collect(), listed.lines().collect());
    let gone: Vec<_> = old.difference(&new).collect();
    let came: Vec<_> = new.difference(&old).collect();
    assert!(
        gone.is_empty() && came.is_empty(),
        "gone: {gone:#?}\ncame: {came:#?}\nREINSTALL_BLESS=1 cargo test -p checks --test registry writes {GOLDEN} anew"
    );
}

#[test]
fn declarations_and_clauses_go_together() {
    let spec = Spec::parse(SPEC).unwrap();
    assert_eq!(harness::faults(&CHECKS, &spec), Vec::<String>::new());
}

#[test]
fn every_scenario_of_the_specification_has_a_check() {
    let spec = Spec::parse(SPEC).unwrap();
    let covered: BTreeSet<&str> = CHECKS.iter().flat_map(|check| check.covers.iter().copied()).collect();
    let scenarios: BTreeSet<&str> = spec.clauses.iter().map(|clause| clause.scenario.as_str()).collect();
    let has_check = |scenario: &&&str| {
        let mut clauses = spec.clauses.iter().filter(|clause| clause.scenario == ***scenario);
        clauses.any(|clause| covered.contains(clause.id.as_str()))
    };
    let bare: Vec<_> = scenarios.iter().filter(|scenario| !has_check(scenario)).collect();
    // What the CI strategy asks for is not built yet.
    assert_eq!(bare, [&"guard::triggers"]);
}

#[test]
fn every_source_file_is_in_the_module_tree() {
    let sources = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut forgotten = Vec::new();
    visit(&sources, &mut forgotten);
    assert_eq!(forgotten, Vec::<PathBuf>::new(), "files that no `mod` names are compiled by nobody");
}

/// Looks for files and folders below `folder` that its own module file does not declare.
fn visit(folder: &Path, forgotten: &mut Vec<PathBuf>) {
    let own = ["lib.rs", "mod.rs"].map(|name| folder.join(name)).into_iter().find(|path| path.exists());
    let declared = own.map(|path| fs::read_to_string(path).unwrap()).unwrap_or_default();
    for entry in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
        let stem = entry.file_stem().unwrap().to_string_lossy().into_owned();
        let is_root = ["lib", "mod", "main"].contains(&stem.as_str());
        if entry.is_dir() {
            visit(&entry, forgotten);
        }
        if !is_root && !declared.contains(&format!("mod {stem};")) {
            forgotten.push(entry);
        }
    }
}
