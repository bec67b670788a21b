//! Engines that do not answer: one failure, and everything that wants an engine is blocked by it.

use std::os::unix::net::UnixListener;
use std::process::Command;

use std::time::Duration;

use fixtures::installation::container_name;
use harness::{Look, until};
use libtest_mimic::{Failed, Trial};

use crate::program::{Client, ENGINE as SHARED_ENGINE, RUNTIME, Run};

/// How often, and for how long, the age of a builder is looked at.
const EVERY: Duration = Duration::from_millis(200);
const OLD_ENOUGH: Duration = Duration::from_secs(60);

/// The check that says so.
const ENGINE: &str = "validate::builder_functionality::engine_answers";

pub(crate) fn trials() -> Vec<Trial> {
    // A BuildKit that was started just now is waited for, for longer than any other test takes.
    let hangs =
        Trial::test("a builder that hangs is said to, in time", builder_hangs).with_ignored_flag(true);
    vec![
        hangs,
        Trial::test("where nobody listens, one check fails and the rest is blocked by it", nobody),
        Trial::test("where nobody ever answers, one check fails and the rest is blocked by it", frozen),
    ]
}

fn nobody() -> Result<(), Failed> {
    let mut client = Client::new();
    drop(listener(&mut client)?);
    one_failure(&client, "engine-down")
}

/// What connects to it is queued by the kernel, and never read.
fn frozen() -> Result<(), Failed> {
    let mut client = Client::new();
    let _listener = listener(&mut client)?;
    one_failure(&client, "engine-hangs")
}

fn listener(client: &mut Client) -> Result<UnixListener, Failed> {
    let socket = client.path("engine.sock");
    client.set("DOCKER_HOST", format!("unix://{}", socket.display()));
    Ok(UnixListener::bind(socket)?)
}

fn one_failure(client: &Client, fault: &str) -> Result<(), Failed> {
    let _turn = SHARED_ENGINE.read()?;
    let run = client.reinstall(&["--target", "live"]);
    let report = || Err(format!("exit {}: {}{}", run.code, run.stdout, run.stderr).into());
    let cause = run.check(ENGINE)["cause"].as_str().unwrap_or_default();
    if run.code != 1 || run.with_outcome("failed") != [ENGINE] || !cause.ends_with(&format!("({fault})")) {
        return report();
    }
    if !run.with_outcome("broken").is_empty() || blocked_by_others(&run) > 0 {
        return report();
    }
    if run.check("validate::cache_operations::second_build_runs_no_step")["by"] != ENGINE {
        report()
    } else {
        Ok(())
    }
}

fn blocked_by_others(run: &Run) -> usize {
    let blocked = run.with_outcome("blocked");
    blocked.into_iter().filter(|name| run.check(name)["by"] != ENGINE).count()
}

/// A builder whose daemon is stopped, as a debugger or a control group stops it. Who asks it gives up before the check's time
/// is over.
fn builder_hangs() -> Result<(), Failed> {
    let _turn = SHARED_ENGINE.read()?;
    let client = Client::with_builder("hangs").ok_or("no BuildKit image")?;
    let container = container_name("hangs0");
    let process = client.docker(&["inspect", "--format", "{{.State.Pid}}", &container]);
    // buildx has an init process start the daemon.
    let daemon = std::fs::read_to_string(format!("/proc/{process}/task/{process}/children"))?;
    assert!(Command::new("kill").args(["-STOP", &process, daemon.trim()]).status()?.success());
    let old_enough = async || {
        let started = client.docker(&["inspect", "--format", "{{.State.StartedAt}}", &container]);
        let ago =
            started.parse::<jiff::Timestamp>().map(|started| started.duration_until(jiff::Timestamp::now()));
        match ago {
            Ok(ago) if ago.as_secs() > 31 => Look::Ready(()),
            other => Look::NotYet(format!("started {other:?} ago")),
        }
    };
    RUNTIME.block_on(until("a builder that started long ago", EVERY, OLD_ENOUGH, old_enough))?;
    let run = client.reinstall(&["--target", "live", "validate::builder_functionality"]);
    client.clear();
    let failed = run.with_outcome("failed");
    let is_frozen = |name: &&&str| {
        run.check(name)["cause"].as_str().is_some_and(|cause| cause.ends_with("(builder-frozen)"))
    };
    if !failed.is_empty()
        && failed.iter().all(|name| is_frozen(&name))
        && run.with_outcome("broken").is_empty()
    {
        return Ok(());
    }
    Err(format!("exit {}: {}{}", run.code, run.stdout, run.stderr).into())
}
