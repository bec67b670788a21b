//! When a rollback is ordered.

use std::time::Duration;

use fixtures::rollback::{Built, Compared, Observed, Trigger, decide};
use harness::{Verdict, expect};

use crate::Cx;

fn fired(observed: &Observed) -> Vec<Trigger> {
    decide(observed).into_iter().map(|fired| fired.trigger).collect()
}

/// Builds that take so many seconds, and took one before.
fn took(seconds: f64) -> Vec<Compared> {
    let (before, after) = (Duration::from_secs(1), Duration::from_secs_f64(seconds));
    vec![Compared { build: "cold builds".into(), before, after }]
}

/// A daemon that does not answer after the reinstall orders a rollback; one that answers does not.
#[harness::check(covers = "R.1", within = "10s")]
async fn silent_daemon_orders_a_rollback(_cx: &Cx) -> Verdict {
    let seen = |answers| Observed { daemon_answers: Some(answers), ..Observed::default() };
    expect("triggers of a silent daemon", fired(&seen(false))).equals(vec![Trigger::DaemonFails])?;
    expect("triggers of a daemon that answers", fired(&seen(true))).is_empty()
}

/// Not one working builder orders a rollback; one that works is enough not to.
#[harness::check(covers = "R.2", within = "10s")]
async fn no_working_builder_orders_a_rollback(_cx: &Cx) -> Verdict {
    let seen = |sound| Observed { builders: Some(Built { asked: 3, sound }), ..Observed::default() };
    expect("triggers without a working builder", fired(&seen(0))).equals(vec![Trigger::NoBuilder])?;
    expect("triggers with one working builder", fired(&seen(1))).is_empty()
}

/// A broken Docker Desktop integration orders a rollback.
#[harness::check(covers = "R.3", within = "10s")]
async fn broken_desktop_orders_a_rollback(_cx: &Cx) -> Verdict {
    let seen = Observed { desktop_problem: Some("protocol not available".into()), ..Observed::default() };
    expect("triggers of a broken desktop-linux", fired(&seen)).equals(vec![Trigger::DesktopBroken])
}

/// Builds that take more than half as long again order a rollback; those that take just that long do not.
#[harness::check(covers = "R.4", within = "10s")]
async fn slower_builds_order_a_rollback(_cx: &Cx) -> Verdict {
    let seen = |factor| Observed { timings: took(factor), ..Observed::default() };
    expect("triggers at 1.51 times the time", fired(&seen(1.51))).equals(vec![Trigger::Slower])?;
    expect("triggers at 1.5 times the time", fired(&seen(1.5))).is_empty()
}

/// A workflow that worked before and fails now orders a rollback, and is named.
#[harness::check(covers = "R.5", within = "10s")]
async fn broken_workflow_orders_a_rollback(_cx: &Cx) -> Verdict {
    let seen = Observed { broken_workflows: vec!["compose build".into()], ..Observed::default() };
    let why = decide(&seen).into_iter().next().map(|fired| fired.why).unwrap_or_default();
    expect("triggers of a broken workflow", fired(&seen)).equals(vec![Trigger::WorkflowBroken])?;
    expect("what the trigger says", why).contains("compose build")
}

/// A critical error during the reinstall orders a rollback before all else.
#[harness::check(covers = "R.6", within = "10s")]
async fn critical_error_comes_first(_cx: &Cx) -> Verdict {
    let seen = Observed {
        critical_error: Some("no space left on device".into()),
        daemon_answers: Some(false),
        timings: took(9.0),
        ..Observed::default()
    };
    expect("the first trigger", fired(&seen).first().copied()).equals(Some(Trigger::CriticalError))
}
