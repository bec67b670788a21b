//! The clauses that a suite answers to.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

/// One thing that was asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Clause {
    /// Its number, such as "4.3.2".
    pub id: String,
    /// The scenario that it belongs to.
    pub scenario: String,
    /// What it asks for, in the project's words.
    pub text: String,
}

/// All clauses, in the order of the file.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Spec {
    /// The clauses.
    #[serde(default, rename = "clause")]
    pub clauses: Vec<Clause>,
}

/// A specification that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum SpecError {
    /// It is no TOML of the right shape.
    #[error("the specification is not `[[clause]]` tables with id, scenario and text: {0}")]
    Shape(#[from] toml::de::Error),
    /// Two clauses have the same number.
    #[error("the specification has two clauses {0}")]
    Twice(String),
}

impl Spec {
    /// Reads `[[clause]]` tables with `id`, `scenario` and `text`.
    ///
    /// # Errors
    /// When the text has another shape, or a number twice.
    pub fn parse(text: &str) -> Result<Self, SpecError> {
        let spec: Self = toml::from_str(text)?;
        let mut ids = BTreeSet::new();
        match spec.clauses.iter().find(|clause| !ids.insert(&clause.id)) {
            Some(twice) => Err(SpecError::Twice(twice.id.clone())),
            None => Ok(spec),
        }
    }

    /// The clause with this number.
    pub fn get(&self, id: &str) -> Option<&Clause> {
        self.clauses.iter().find(|clause| clause.id == id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CLAUSE: &str = "[[clause]]\nid = \"1.1.1\"\nscenario = \"a\"\ntext = \"b\"\n";

    #[test]
    fn clauses_are_read_in_order_and_found_by_number() {
        let spec = Spec::parse(&format!("{CLAUSE}{}", CLAUSE.replace("1.1.1", "1.1.2"))).unwrap();
        assert_eq!(spec.clauses.len(), 2);
        assert_eq!(spec.get("1.1.2").unwrap().text, "b");
    }

    #[test]
    fn a_number_given_twice_is_named() {
        let error = Spec::parse(&CLAUSE.repeat(2)).unwrap_err();
        assert_eq!(error.to_string(), "the specification has two clauses 1.1.1");
    }

    #[test]
    fn a_misspelt_key_is_named() {
        let error = Spec::parse(&CLAUSE.replace("text", "txt")).unwrap_err().to_string();
        assert!(error.contains("unknown field `txt`"), "{error}");
    }
}
