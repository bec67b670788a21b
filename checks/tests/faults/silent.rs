//! Engines that do not answer: one failure, and everything that wants an engine is blocked by it.

use std::os::unix::net::UnixListener;

use libtest_mimic::{Failed, Trial};

use crate::program::{Client, Run};

/// The check that says so.
const ENGINE: &str = "validate::builder_functionality::engine_answers";

pub(crate) fn trials() -> Vec<Trial> {
    vec![
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
