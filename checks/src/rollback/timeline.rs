//! By when a rollback is decided on.

use std::time::Duration;

use fixtures::rollback::{Trigger, Window};
use harness::{Stop, Verdict, expect};

use crate::Cx;

fn at(minutes: u64) -> Window {
    Window::at(Duration::from_secs(minutes * 60))
}

/// What decides in a window, as the plan says that was written before the first removal.
fn written_for(cx: &Cx, window: Window) -> Result<Vec<String>, Stop> {
    let text = cx.written_rollback_plan()?;
    let decide = text.lines().find_map(|line| line.strip_prefix(&format!("- **{window}**: ")));
    Ok(decide.into_iter().flat_map(|line| line.split("; ")).map(str::to_owned).collect())
}

fn words(triggers: &[Trigger]) -> Vec<String> {
    triggers.iter().map(ToString::to_string).collect()
}

/// In the first five minutes critical errors decide, and nothing else.
#[harness::check(covers = "R.7", needs(Consent), stage = Planned, within = "10s")]
async fn critical_errors_decide_at_once(cx: &Cx) -> Verdict {
    expect("the window after 4 minutes", at(4)).equals(Window::Immediate)?;
    expect("what decides in it", written_for(cx, Window::Immediate)?).equals(words(&[Trigger::CriticalError]))
}

/// From five to thirty minutes it is decided whether anything can be built.
#[harness::check(covers = "R.8", needs(Consent), stage = Planned, within = "10s")]
async fn basic_function_decides_in_half_an_hour(cx: &Cx) -> Verdict {
    expect("the windows after 5 and 29 minutes", (at(5), at(29)))
        .equals((Window::ShortTerm, Window::ShortTerm))?;
    expect("what decides in it", written_for(cx, Window::ShortTerm)?)
        .has_all(&words(&[Trigger::DaemonFails, Trigger::NoBuilder]))
}

/// After thirty minutes performance and integration decide.
#[harness::check(covers = "R.9", needs(Consent), stage = Planned, within = "10s")]
async fn performance_and_integration_decide_later(cx: &Cx) -> Verdict {
    expect("the window after 30 minutes", at(30)).equals(Window::Extended)?;
    expect("what decides in it", written_for(cx, Window::Extended)?)
        .has_all(&words(&[Trigger::Slower, Trigger::DesktopBroken]))
}
