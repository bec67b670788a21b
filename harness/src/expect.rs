//! Comparisons that say what was looked at, what was expected and what was found.

use std::fmt::Debug;

use crate::outcome::{Failure, Verdict};
use crate::text::clip;

/// Starts a comparison. `looked_at` is a noun phrase, such as "steps run by the second build".
pub fn expect<T>(looked_at: impl Into<String>, found: T) -> Expect<T> {
    Expect { looked_at: looked_at.into(), found }
}

/// Something that was found, waiting to be compared.
#[must_use = "an observation proves nothing until it is compared"]
pub struct Expect<T> {
    looked_at: String,
    found: T,
}

impl<T> Expect<T> {
    /// Holds when `holds` says so of what was found; `expected` says it in words. Shows what was found by `show`.
    pub fn shown(
        self,
        expected: impl Into<String>,
        show: impl FnOnce(&T) -> String,
        holds: impl FnOnce(&T) -> bool,
    ) -> Verdict {
        if holds(&self.found) {
            return Ok(());
        }
        Err(Failure::new(self.looked_at, expected, clip(&show(&self.found), CLIP)).into())
    }
}

impl<T: Debug> Expect<T> {
    /// Holds when what was found equals `expected`.
    pub fn equals<U: Debug>(self, expected: U) -> Verdict
    where
        T: PartialEq<U>,
    {
        self.shown(format!("{expected:?}"), |found| format!("{found:?}"), |found| *found == expected)
    }

    /// Holds when what was found differs from `other`.
    pub fn differs_from<U: Debug>(self, other: U) -> Verdict
    where
        T: PartialEq<U>,
    {
        self.shown(format!("anything but {other:?}"), |found| format!("{found:?}"), |found| *found != other)
    }

    /// Holds when `holds` says so of what was found; `expected` says it in words.
    pub fn is(self, expected: impl Into<String>, holds: impl FnOnce(&T) -> bool) -> Verdict {
        self.shown(expected, |found| format!("{found:?}"), holds)
    }
}

impl<T: Debug> Expect<Vec<T>> {
    /// Holds when nothing was found.
    pub fn is_empty(self) -> Verdict {
        self.is("none", Vec::is_empty)
    }

    /// Holds when something was found.
    pub fn is_not_empty(self) -> Verdict {
        self.is("at least one", |found| !found.is_empty())
    }

    /// Holds when every one of `wanted` was found.
    pub fn has_all<U: Debug>(self, wanted: &[U]) -> Verdict
    where
        T: PartialEq<U>,
    {
        self.is(format!("all of {wanted:?}"), |found| {
            wanted.iter().all(|want| found.iter().any(|have| have == want))
        })
    }
}

impl<S: AsRef<str>> Expect<S> {
    /// Holds when the text that was found contains `wanted`.
    pub fn contains(self, wanted: &str) -> Verdict {
        self.shown(
            format!("a text with {wanted:?}"),
            |found| found.as_ref().to_owned(),
            |found| found.as_ref().contains(wanted),
        )
    }

    /// Holds when the text that was found does not contain `unwanted`.
    pub fn holds_no(self, unwanted: &str) -> Verdict {
        self.shown(
            format!("a text without {unwanted:?}"),
            |found| found.as_ref().to_owned(),
            |found| !found.as_ref().contains(unwanted),
        )
    }
}

impl<T: PartialOrd + Debug> Expect<T> {
    /// Holds when what was found is `least` or more.
    pub fn at_least(self, least: T) -> Verdict {
        let expected = format!("{least:?} or more");
        self.is(expected, |found| *found >= least)
    }

    /// Holds when what was found is `most` or less.
    pub fn at_most(self, most: T) -> Verdict {
        let expected = format!("{most:?} or less");
        self.is(expected, |found| *found <= most)
    }
}

/// The most characters of a found value that a report carries.
const CLIP: usize = 4_000;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outcome::Stop;

    fn failure(verdict: Verdict) -> Failure {
        match verdict {
            Err(Stop::Failed(failure)) => *failure,
            other => panic!("expected a failure, found {other:?}"),
        }
    }

    #[test]
    fn a_comparison_that_holds_is_ok() {
        assert_eq!(expect("two", 2).equals(2), Ok(()));
        assert_eq!(expect("names", vec!["a", "b"]).has_all(&["b"]), Ok(()));
        assert_eq!(expect("text", "abc").contains("b"), Ok(()));
    }

    #[test]
    fn a_comparison_that_does_not_hold_says_all_three_parts() {
        let failure = failure(expect("the driver", "docker").equals("remote"));
        assert_eq!(failure.to_string(), "the driver: expected \"remote\", found \"docker\"");
    }

    #[test]
    fn a_long_value_is_cut_with_its_size() {
        let failure = failure(expect("log", "é".repeat(5_000)).contains("x"));
        assert!(failure.found.ends_with("… (10000 bytes in all)"));
    }
}
