//! When a rollback is ordered: by what this run saw of the new installation, and by what it would have ordered had one thing been
//! otherwise.

use std::time::Duration;

use fixtures::rollback::{Built, Compared, Observed, Trigger, decide};
use harness::{Stop, Verdict, expect};

use crate::Cx;

/// What this run saw of the new installation.
fn observed(cx: &Cx) -> Result<Observed, Stop> {
    Ok(cx.judged()?.observed)
}

fn orders(observed: &Observed, trigger: Trigger) -> bool {
    decide(observed).iter().any(|fired| fired.trigger == trigger)
}

/// What the run saw has ordered what it should have, and what would have been seen in `otherwise` orders a rollback.
fn is_obeyed(cx: &Cx, trigger: Trigger, otherwise: &Observed) -> Verdict {
    let judged = cx.judged()?;
    let fired = judged.fired.iter().any(|fired| fired.trigger == trigger);
    expect(format!("whether this run was told to go back: {trigger}"), fired)
        .equals(orders(&judged.observed, trigger))?;
    expect(format!("whether it would have been told: {trigger}"), orders(otherwise, trigger)).equals(true)
}

/// Builds that take so many seconds, and took one before.
fn took(seconds: f64) -> Vec<Compared> {
    let (before, after) = (Duration::from_secs(1), Duration::from_secs_f64(seconds));
    vec![Compared { build: "cold builds".into(), before, after }]
}

/// A daemon that does not answer after the reinstall orders a rollback; it was asked.
#[harness::check(covers = "R.1", needs(Consent), stage = Installed, within = "10s")]
async fn silent_daemon_orders_a_rollback(cx: &Cx) -> Verdict {
    let seen = observed(cx)?;
    expect("whether the daemon was asked", seen.daemon_answers.is_some()).equals(true)?;
    is_obeyed(cx, Trigger::DaemonFails, &Observed { daemon_answers: Some(false), ..seen })
}

/// Not one working builder orders a rollback; one that works is enough not to. All of them were asked.
#[harness::check(covers = "R.2", needs(Consent), stage = Installed, within = "10s")]
async fn no_working_builder_orders_a_rollback(cx: &Cx) -> Verdict {
    let seen = observed(cx)?;
    expect("builders that were asked", seen.builders.map(|built| built.asked)).at_least(Some(1))?;
    let with = |sound| Observed { builders: Some(Built { asked: 3, sound }), ..seen.clone() };
    expect("whether one that works is too few", orders(&with(1), Trigger::NoBuilder)).equals(false)?;
    is_obeyed(cx, Trigger::NoBuilder, &with(0))
}

/// A broken Docker Desktop integration orders a rollback.
#[harness::check(covers = "R.3", needs(Consent), stage = Installed, within = "10s")]
async fn broken_desktop_orders_a_rollback(cx: &Cx) -> Verdict {
    let problem = Some("protocol not available".to_owned());
    is_obeyed(cx, Trigger::DesktopBroken, &Observed { desktop_problem: problem, ..observed(cx)? })
}

/// Builds that take more than half as long again order a rollback; those that take just that long do not.
#[harness::check(covers = "R.4", needs(Consent), stage = Installed, within = "10s")]
async fn slower_builds_order_a_rollback(cx: &Cx) -> Verdict {
    let seen = observed(cx)?;
    let with = |factor| Observed { timings: took(factor), ..seen.clone() };
    expect("whether 1.5 times the time is too long", orders(&with(1.5), Trigger::Slower)).equals(false)?;
    is_obeyed(cx, Trigger::Slower, &with(1.51))
}

/// A workflow that worked before and fails now orders a rollback, and is named.
#[harness::check(covers = "R.5", needs(Consent), stage = Installed, within = "10s")]
async fn broken_workflow_orders_a_rollback(cx: &Cx) -> Verdict {
    let broken = Observed { broken_workflows: vec!["compose build".into()], ..observed(cx)? };
    let fired = decide(&broken).into_iter().find(|fired| fired.trigger == Trigger::WorkflowBroken);
    expect("what the trigger says", fired.map(|fired| fired.why).unwrap_or_default())
        .contains("compose build")?;
    is_obeyed(cx, Trigger::WorkflowBroken, &broken)
}

/// A critical error during the reinstall orders a rollback before all else.
#[harness::check(covers = "R.6", needs(Consent), stage = Installed, within = "10s")]
async fn critical_error_comes_first(cx: &Cx) -> Verdict {
    let error = Some("no space left on device".to_owned());
    let worst =
        Observed { critical_error: error, daemon_answers: Some(false), timings: took(9.0), ..observed(cx)? };
    expect("the first trigger", decide(&worst).first().map(|fired| fired.trigger))
        .equals(Some(Trigger::CriticalError))?;
    is_obeyed(cx, Trigger::CriticalError, &worst)
}
