//! What the user's variables and the docker CLI's configuration tell builds: nothing in them leads to what is gone.

use std::path::Path;

use fixtures::installation::Environment;
use fixtures::inventory::hiding;
use futures_util::future::join_all;
use harness::{Verdict, expect};

use crate::Cx;
use crate::building::dial::{host_and_port, is_loopback, refusal};

/// Every program that `config.json` names to keep credentials is installed.
#[harness::check(covers = "4.4.5", stage = Installed, within = "10s")]
async fn keepers_of_credentials_are_installed(cx: &Cx) -> Verdict {
    let installation = cx.installation()?;
    // What cannot be read is for another check.
    let config = installation.client_config().unwrap_or_default();
    let named = config.credential_helpers.into_values().chain(config.credentials_store);
    let programs = named.filter(|name| !name.is_empty()).map(|name| format!("docker-credential-{name}"));
    let missing = programs.filter(|program| !is_on_path(installation.environment(), program));
    let missing =
        missing.map(|program| format!("{program} keeps credentials by config.json, and is not installed"));
    expect("programs for credentials that are missing", missing.collect::<Vec<_>>()).is_empty()
}

fn is_on_path(environment: &Environment, program: &str) -> bool {
    let path = environment.get("PATH").unwrap_or_default();
    std::env::split_paths(path).any(|folder| Path::new(&folder).join(program).is_file())
}

/// Where builds are told to use a proxy of this machine, somebody is there. Others are not asked.
#[harness::check(covers = "4.4.5", stage = Installed, within = "30s")]
async fn proxies_of_this_machine_are_there(cx: &Cx) -> Verdict {
    let proxies = cx.installation()?.proxies().into_iter().map(|proxy| (host_and_port(&proxy.url), proxy.by));
    let here = proxies.filter(|(address, _)| is_loopback(address));
    let asked = here.map(async |(address, by)| {
        let why = refusal(&address).await?;
        Some(format!("{by} leads builds to a proxy at {address}: {why}"))
    });
    let gone: Vec<String> = join_all(asked).await.into_iter().flatten().collect();
    expect("proxies that are gone", gone).is_empty()
}

/// Where builds are told to send traces, somebody takes them; otherwise every build waits.
#[harness::check(covers = "4.4.4", stage = Installed, within = "30s")]
async fn traces_are_taken(cx: &Cx) -> Verdict {
    let installation = cx.installation()?;
    let environment = installation.environment();
    // As BuildKit's client finds it (moby/buildkit, `util/tracing/detect`).
    let wanted = environment.get("OTEL_TRACES_EXPORTER") != Some("none");
    let variables = ["OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT"];
    let told = variables.into_iter().find_map(|name| Some((name, environment.get(name)?)));
    let Some((name, url)) = told.filter(|_| wanted) else { return Ok(()) };
    let address = host_and_port(url);
    let why = refusal(&address).await;
    let said = why.map(|why| format!("{name} leads to {address}, where nobody takes traces: {why}"));
    expect("what is wrong with where traces go", said).equals(None)
}

/// No plugin of the docker CLI hides a newer one.
#[harness::check(
    covers = "4.4.5",
    stage = Installed,
    after = "validate::builder_functionality::buildx_answers",
    within = "20s"
)]
async fn plugins_hide_no_newer_ones(cx: &Cx) -> Verdict {
    let hiding = hiding(&cx.installation()?).await.into_iter().map(|each| {
        let (path, newer) = (each.path.display(), each.newer.display());
        format!("{path} is {}, and hides the newer {} in {newer}", each.version, each.newer_version)
    });
    expect("plugins that hide newer ones", hiding.collect::<Vec<_>>()).is_empty()
}
