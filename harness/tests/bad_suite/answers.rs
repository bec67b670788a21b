//! The right answers.

use Is::{Blocked, Broken, Failed, Passed, Skipped};

/// What becomes of a check.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Is {
    Passed,
    Skipped,
    Blocked,
    Failed,
    Broken,
}

/// The right answer about one check.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) check: &'static str,
    pub(crate) is: Is,
    /// Words that every surface with room for them says about it.
    pub(crate) says: &'static str,
    /// The exit code of a process that runs only this check, under a runner of many.
    pub(crate) code: i32,
}

/// One line per check, by name.
pub(crate) const ANSWERS: [Answer; 24] = [
    answer("clean::is_blocked_by_a_failed_check", Blocked, "blocked by validate::fails", 1),
    answer(
        "clean::is_blocked_by_a_failed_stage",
        Blocked,
        "blocked by stage flooded: water in the cellar",
        1,
    ),
    answer("clean::is_blocked_by_a_stage_that_panics", Blocked, "blocked by stage cursed", 2),
    answer("clean::is_blocked_by_the_check_before_its_stage", Blocked, "blocked by validate::fails", 1),
    answer("clean::is_blocked_by_the_stage_before_its_own", Blocked, "blocked by stage flooded", 1),
    answer("clean::is_skipped_before_its_stage_is_brought_up", Skipped, "needs moon: it is cloudy", 0),
    answer("clean::needs_what_nobody_can_tell", Broken, "nobody knows", 2),
    answer("clean::reads_the_evidence_of_its_stage", Passed, "", 0),
    answer("clean::runs_after_a_check_that_passes", Passed, "", 0),
    answer("clean::stands_on_two_stages", Passed, "", 0),
    answer("validate::breaks", Broken, "opening the letter", 2),
    answer("validate::fails", Failed, "water on the floor", 1),
    answer("validate::fails_at_great_length", Failed, "what the parrot said", 1),
    answer("validate::goes_on_for_ever", Skipped, "needs moon", 0),
    answer("validate::goes_on_for_ever_too", Skipped, "needs moon", 0),
    answer("validate::hangs", Broken, "waiting at the stop", 2),
    answer("validate::hangs_with_a_child", Broken, "watching the boat", 2),
    answer("validate::hangs_without_awaiting", Broken, "it never awaits", 2),
    answer("validate::is_alone", Passed, "", 0),
    answer("validate::is_alone_too", Passed, "", 0),
    answer("validate::leaks_a_process", Passed, "", 0),
    answer("validate::leaves_debris", Passed, "", 6),
    answer("validate::panics", Broken, "dropped it", 2),
    answer("validate::passes", Passed, "", 0),
];

/// How many times each stage is tried in a run of all checks, and what becomes of it.
pub(crate) const STAGES: [(&str, Is); 6] = [
    ("built", Passed),
    ("cursed", Broken),
    ("drained", Blocked),
    ("dug", Passed),
    ("flooded", Failed),
    ("furnished", Blocked),
];

const fn answer(check: &'static str, is: Is, says: &'static str, code: i32) -> Answer {
    Answer { check, is, says, code }
}

impl Is {
    /// The word for it in `report.json` and the events.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Passed => "passed",
            Skipped => "skipped",
            Blocked => "blocked",
            Failed => "failed",
            Broken => "broken",
        }
    }

    /// What libtest calls it.
    pub(crate) fn libtest(self) -> &'static str {
        match self {
            Passed => "ok",
            Skipped | Blocked => "ignored",
            Failed | Broken => "FAILED",
        }
    }

    /// The JUnit element for it.
    pub(crate) fn junit(self) -> Option<&'static str> {
        match self {
            Passed => None,
            Skipped | Blocked => Some("skipped"),
            Failed => Some("failure"),
            Broken => Some("error"),
        }
    }
}
