//! By when a rollback is decided on.

use std::time::Duration;

use fixtures::rollback::{Trigger, Window};
use harness::{Verdict, expect};

use crate::Cx;

fn at(minutes: u64) -> Window {
    Window::at(Duration::from_secs(minutes * 60))
}

fn triggers_of(window: Window) -> Vec<Trigger> {
    Trigger::ALL.into_iter().filter(|trigger| trigger.window() == window).collect()
}

/// In the first five minutes critical errors decide, and nothing else.
#[harness::check(covers = "R.7", within = "10s")]
async fn critical_errors_decide_at_once(_cx: &Cx) -> Verdict {
    expect("the window after 4 minutes", at(4)).equals(Window::Immediate)?;
    expect("what decides in it", triggers_of(Window::Immediate)).equals(vec![Trigger::CriticalError])
}

/// From five to thirty minutes it is decided whether anything can be built.
#[harness::check(covers = "R.8", within = "10s")]
async fn basic_function_decides_in_half_an_hour(_cx: &Cx) -> Verdict {
    expect("the windows after 5 and 29 minutes", (at(5), at(29)))
        .equals((Window::ShortTerm, Window::ShortTerm))?;
    expect("what decides in it", triggers_of(Window::ShortTerm))
        .has_all(&[Trigger::DaemonFails, Trigger::NoBuilder])
}

/// After thirty minutes performance and integration decide.
#[harness::check(covers = "R.9", within = "10s")]
async fn performance_and_integration_decide_later(_cx: &Cx) -> Verdict {
    expect("the window after 30 minutes", at(30)).equals(Window::Extended)?;
    expect("what decides in it", triggers_of(Window::Extended))
        .has_all(&[Trigger::Slower, Trigger::DesktopBroken])
}
