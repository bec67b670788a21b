//! Checks that lean on stages and on each other.

use harness::{Verdict, check, expect};

use crate::Cx;

/// The hole is there once it was dug.
#[check(covers = "1.1.1", needs(Ground), stage = Dug, within = "20s")]
async fn reads_the_evidence_of_its_stage(cx: &Cx) -> Verdict {
    let spade: String = cx.scope.beside("stages::dug").read("spade")?;
    expect("the spade", spade).equals("blunt")
}

/// The house stands on the hole.
#[check(covers = "2.1.1", stage = Built, within = "20s")]
async fn stands_on_two_stages(_: &Cx) -> Verdict {
    Ok(())
}

/// The cellar is dry.
#[check(covers = "1.1.2", stage = Flooded, within = "20s")]
async fn is_blocked_by_a_failed_stage(_: &Cx) -> Verdict {
    Ok(())
}

/// The cellar is dry after draining.
#[check(covers = "1.1.2", stage = Drained, within = "20s")]
async fn is_blocked_by_the_stage_before_its_own(_: &Cx) -> Verdict {
    Ok(())
}

/// The house is not haunted.
#[check(covers = "2.1.1", stage = Cursed, within = "20s")]
async fn is_blocked_by_a_stage_that_panics(_: &Cx) -> Verdict {
    Ok(())
}

/// The furniture is in when the floor is dry.
#[check(covers = "2.1.1", stage = Furnished, within = "20s")]
async fn is_blocked_by_the_check_before_its_stage(_: &Cx) -> Verdict {
    Ok(())
}

/// The roof holds when the walls hold.
#[check(covers = "2.1.1", after = "validate::fails", within = "20s")]
async fn is_blocked_by_a_failed_check(_: &Cx) -> Verdict {
    Ok(())
}

/// The door opens when the house stands.
#[check(covers = "2.1.1", after = "clean::stands_on_two_stages", within = "20s")]
async fn runs_after_a_check_that_passes(_: &Cx) -> Verdict {
    Ok(())
}

/// The tide is low.
#[check(covers = "1.1.2", needs(Ground, Moon), stage = Cursed, within = "20s")]
async fn is_skipped_before_its_stage_is_brought_up(_: &Cx) -> Verdict {
    Ok(())
}

/// The sphinx answers.
#[check(covers = "2.1.1", needs(Riddle), within = "20s")]
async fn needs_what_nobody_can_tell(_: &Cx) -> Verdict {
    Ok(())
}
