//! The matrix as data: `docs/fault-matrix.json`.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::{LazyLock, Mutex};

use fixtures::faults::Breakage;
use fixtures::lab::packages::Suite;

use crate::picture::picture;

/// The checks that each fault turns red, by the names of fault and check.
pub(crate) type Rows = BTreeMap<String, BTreeSet<String>>;

/// The rows by engine: all of them on the default one, and those that differ on others.
type Matrix = BTreeMap<String, Rows>;

/// What all names of checks in the matrix begin with.
pub(crate) const REQUIREMENT: &str = "validate::";

static MATRIX: LazyLock<Matrix> = LazyLock::new(|| {
    let matrix = std::fs::read(file("json")).map(|bytes| serde_json::from_slice(&bytes).unwrap());
    matrix.unwrap_or_default()
});
static SEEN: Mutex<Rows> = Mutex::new(Rows::new());

/// The rows of an engine's own.
pub(crate) fn of(engine: Suite) -> Rows {
    MATRIX.get(&engine.to_string()).cloned().unwrap_or_default()
}

/// The checks that a fault turns red on an engine.
pub(crate) fn expected(engine: Suite, breakage: Breakage) -> BTreeSet<String> {
    let row = |engine: Suite| MATRIX.get(&engine.to_string())?.get(&breakage.name()).cloned();
    row(engine).or_else(|| row(Suite::Trixie)).unwrap_or_default()
}

/// Every check that is turned red by a fault on some engine.
pub(crate) fn ever_red() -> BTreeSet<&'static str> {
    MATRIX.values().flat_map(Rows::values).flatten().map(String::as_str).collect()
}

/// Keeps what was seen, for [`bless`].
pub(crate) fn saw(breakage: Breakage, red: &BTreeSet<String>) {
    SEEN.lock().unwrap().insert(breakage.name(), red.clone());
}

/// Writes what was seen as the new rows, and leaves those that were not looked at; draws them.
pub(crate) fn bless(engine: Suite) {
    let mut matrix = MATRIX.clone();
    let known: BTreeSet<String> = Breakage::all().map(Breakage::name).collect();
    matrix.values_mut().for_each(|rows| rows.retain(|name, _| known.contains(name)));
    let usual = matrix.get(&Suite::Trixie.to_string()).cloned().unwrap_or_default();
    let rows = matrix.entry(engine.to_string()).or_default();
    for (name, red) in SEEN.lock().unwrap().clone() {
        if engine != Suite::Trixie && usual.get(&name) == Some(&red) {
            rows.remove(&name);
        } else {
            rows.insert(name, red);
        }
    }
    std::fs::write(file("json"), serde_json::to_string_pretty(&matrix).unwrap() + "\n").unwrap();
    std::fs::write(file("svg"), picture(&whole(&matrix))).unwrap();
}

/// Whether the picture is that of the rows.
pub(crate) fn is_drawn() -> bool {
    std::fs::read_to_string(file("svg")).is_ok_and(|drawn| drawn == picture(&whole(&MATRIX)))
}

/// The rows of all engines in one: those that only another engine has say so.
fn whole(matrix: &Matrix) -> Rows {
    let named = |engine: &String, name: &String| match engine == &Suite::Trixie.to_string() {
        true => name.clone(),
        false => format!("{name} ({engine})"),
    };
    let rows = matrix
        .iter()
        .flat_map(|(engine, rows)| rows.iter().map(move |(name, red)| (named(engine, name), red.clone())));
    rows.filter(|(_, red)| !red.is_empty()).collect()
}

fn file(kind: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).with_file_name("docs").join(format!("fault-matrix.{kind}"))
}
