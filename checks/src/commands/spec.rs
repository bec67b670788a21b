//! `reinstall spec`: the clauses, and the checks that answer to them.

use harness::{Exit, Spec};

use super::page::below;
use super::trouble::Trouble;
use crate::{CHECKS, SPEC};

pub(crate) fn spec() -> Result<Exit, Trouble> {
    let spec = Spec::parse(SPEC).map_err(|error| Trouble::broken(error.to_string()))?;
    let checks = harness::listing(&CHECKS, &Default::default());
    let mut uncovered = 0;
    for clause in &spec.clauses {
        println!("{}", below(&format!("{:<6} ", clause.id), &clause.text));
        let answering: Vec<&str> = checks
            .iter()
            .filter(|check| check.clauses.contains(&clause.id.as_str()))
            .map(|check| check.name)
            .collect();
        answering.iter().for_each(|name| println!("         {name}"));
        if answering.is_empty() {
            uncovered += 1;
            println!("         NO CHECK");
        }
    }
    println!(
        "\n{} clauses, {} checks, {uncovered} clauses without a check",
        spec.clauses.len(),
        checks.len()
    );
    Ok(if uncovered == 0 { Exit::Passed } else { Exit::Failed })
}
