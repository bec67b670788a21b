//! Verdicts about the cache while no processor is free: they come from BuildKit's records, and from no clock.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};

use libtest_mimic::{Failed, Trial};

use crate::program::{Client, ENGINE};

/// How often the verdicts have to agree.
const RUNS: usize = 20;
/// How many programs want each processor at least.
const WANT_EACH: usize = 2;

pub(crate) fn trials() -> Vec<Trial> {
    let agree = Trial::test("while every processor is busy, verdicts about the cache agree", agree);
    // `make repeat` runs it.
    vec![agree.with_ignored_flag(true)]
}

fn agree() -> Result<(), Failed> {
    let _turn = ENGINE.write()?;
    let Some(client) = Client::with_builder("busy") else { return Err("no BuildKit image".into()) };
    client.docker(&["buildx", "use", "busy"]);
    let all = while_busy(|| (0..RUNS).map(|_| verdicts(&client)).collect::<Result<Vec<_>, _>>());
    client.remove_builders();
    let all = all?;
    let bad = |outcome: &String| outcome != "passed" && outcome != "skipped";
    if all[0].is_empty() || all[0].values().any(bad) {
        return Err(format!("{:#?}", all[0]).into());
    }
    match all.iter().position(|verdicts| *verdicts != all[0]) {
        Some(run) => Err(format!("run {run} says {:#?}, and the first {:#?}", all[run], all[0]).into()),
        None => Ok(()),
    }
}

/// The outcomes of the checks about the cache, by name.
fn verdicts(client: &Client) -> Result<BTreeMap<String, String>, Failed> {
    let run = client.reinstall(&["--target", "live", "validate::cache_operations"]);
    let checks = run.report["checks"].as_array().ok_or_else(|| run.stderr.clone())?;
    let verdict = |check: &serde_json::Value| {
        Some((check["name"].as_str()?.to_owned(), check["outcome"].as_str()?.to_owned()))
    };
    Ok(checks.iter().filter_map(verdict).filter(|(name, _)| name.contains("cache_operations")).collect())
}

/// Does `work` while every processor has more to do than it can.
fn while_busy<T>(work: impl FnOnce() -> T) -> T {
    let over = AtomicBool::new(false);
    let processors = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        for _ in 0..processors * WANT_EACH {
            scope.spawn(|| {
                while !over.load(Ordering::Relaxed) {
                    std::hint::spin_loop();
                }
            });
        }
        let _end = End(&over);
        work()
    })
}

/// Ends the spinning, also where the work panics.
struct End<'a>(&'a AtomicBool);

impl Drop for End<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}
