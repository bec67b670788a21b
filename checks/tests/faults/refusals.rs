//! Live installations that are not touched.

use std::process::{Child, Command};
use std::time::Duration;

use fixtures::projects::WAITS;
use harness::{Look, until};
use libtest_mimic::{Failed, Trial};

use crate::program::{Client, ENGINE, RUNTIME, Run};

pub(crate) fn trials() -> Vec<Trial> {
    vec![
        Trial::test("a builder that is building right now is left alone", busy_builder),
        Trial::test("an engine in a swarm is left alone", swarm),
        Trial::test("consent for another installation is none", consent_for_another),
    ]
}

fn busy_builder() -> Result<(), Failed> {
    let _turn = ENGINE.read()?;
    let Some(client) = Client::with_builder("busy") else { return Err("no BuildKit image".into()) };
    let sources = WAITS.materialise(&client.path("own"), "busy")?;
    let build = client
        .spawn("docker", &["buildx", "build", "--builder", "busy", &sources.folder().display().to_string()]);
    let mut build = Ended(build?);
    RUNTIME.block_on(until("the build", Duration::from_millis(20), Duration::from_secs(30), async || {
        let running = async {
            let engine = client.installation().engine().await?;
            engine.buildkit_in(&fixtures::installation::container_name("busy0")).await?.running_builds().await
        };
        match running.await {
            Ok(running) if running.is_empty() => Look::NotYet("no build runs".into()),
            Ok(_) => Look::Ready(()),
            Err(error) => Look::NotYet(error.to_string()),
        }
    }))?;
    let run = client.reinstall(&["--target", "live", "builder_builds"]);
    let goes_on = build.0.try_wait()?.is_none();
    drop(build);
    client.remove_builders();
    refused(&run, "busy is building right now")?;
    if goes_on { Ok(()) } else { Err("the build that ran has ended".into()) }
}

fn swarm() -> Result<(), Failed> {
    let _turn = ENGINE.write()?;
    let client = Client::new();
    client.docker(&["swarm", "init", "--advertise-addr", "127.0.0.1"]);
    let run = client.reinstall(&["--target", "live", "engine_answers"]);
    client.docker(&["swarm", "leave", "--force"]);
    refused(&run, "swarm")
}

fn consent_for_another() -> Result<(), Failed> {
    let _turn = ENGINE.read()?;
    let run = Client::new().reinstall(&["--target", "live", "--consent", "somebody-else", "engine_answers"]);
    refused(&run, "somebody-else")
}

fn refused(run: &Run, says: &str) -> Result<(), Failed> {
    let judged = run.report["checks"].as_array().is_some_and(|checks| !checks.is_empty());
    if run.code == 3 && run.stderr.contains(says) && !judged {
        return Ok(());
    }
    Err(format!("{run:#?}").into())
}

/// A child process that is ended when this is dropped.
struct Ended(Child);

impl Drop for Ended {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Client {
    fn spawn(&self, program: &str, arguments: &[&str]) -> std::io::Result<Child> {
        let mut command: Command = self.command(program.as_ref());
        command.args(arguments).stderr(std::process::Stdio::null()).spawn()
    }
}
