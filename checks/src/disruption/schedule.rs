//! Scenario: when, how long, and who is told.

use fixtures::team::quiet_time::{ATTENDED, builds_of, quiet_time};
use harness::{Failure, Verdict, expect};

use crate::Cx;

/// The hour that is proposed has no more builds in it than hours have on average, and somebody is there at it.
#[harness::check(covers = "6.1.1", needs(Buildx), stage = Baselined, within = "20s")]
async fn a_quiet_hour_is_proposed(cx: &Cx) -> Verdict {
    let installation = cx.installation()?;
    let builds = builds_of(&installation);
    expect("builds that buildx remembers", builds.clone()).is_not_empty()?;
    let now = jiff::Zoned::now();
    let quiet = quiet_time(&builds, &now, ATTENDED);
    let quiet = quiet.ok_or_else(|| Failure::new("the proposal", "an hour", "none"))?;
    expect("the hour of the day", quiet.next.hour())
        .is("one at which somebody is there", |hour| ATTENDED.contains(hour))?;
    expect("the start", quiet.next.timestamp()).is("ahead of now", |start| *start > now.timestamp())?;
    let then = builds.iter().map(|build| build.to_zoned(now.time_zone().clone()));
    let then = then.filter(|build| build.hour() == quiet.next.hour());
    let then = then.filter(|build| quiet.weekday.is_none_or(|day| build.weekday() == day)).count();
    let hours = ATTENDED.count() * if quiet.weekday.is_some() { 7 } else { 1 };
    expect("builds in that hour", then).at_most(builds.len() / hours)
}
