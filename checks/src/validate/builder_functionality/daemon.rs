//! What the engine was told: whether it would start with it again.

use std::path::Path;

use fixtures::installation::{DEFAULT_SOCKET, Engine};
use harness::process::ProcessError;
use harness::{Stop, Tool, Verdict, expect};
use serde_json::Value;

use crate::Cx;

/// Where an engine looks that was not told otherwise.
const CONFIG: &str = "/etc/docker/daemon.json";
const OPTION: &str = "--config-file";
/// What an engine says of a configuration with which it does not start.
const REFUSAL: &str = "unable to configure the Docker daemon with file";

/// The engine would start again with the configuration that it would read then.
#[harness::check(
    covers = "4.1.2",
    stage = Installed,
    after = "validate::builder_functionality::engine_answers",
    within = "20s"
)]
async fn engine_would_start_again(cx: &Cx) -> Verdict {
    let Some(words) = command_line(cx.engine().await?).await? else { return Ok(()) };
    let told = words.iter().skip_while(|word| !word.starts_with(OPTION)).take(2).map(String::as_str);
    let told: Vec<&str> = told.flat_map(|word| word.split('=')).collect();
    let file = told.get(1).copied().unwrap_or(CONFIG);
    let Ok(text) = std::fs::read_to_string(file) else { return Ok(()) };
    expect(format!("what the engine says of {file}"), refusal(&words).await?).equals(None)?;
    let config = serde_json::from_str(&text).unwrap_or_default();
    expect(format!("sizes in {file}"), not_sizes(&config)).is_empty()
}

/// How the engine was started; by systemd, that is not to be seen, and is as packages have it.
async fn command_line(engine: &Engine) -> Result<Option<Vec<String>>, Stop> {
    let usual =
        || [DEFAULT_SOCKET, "/run/docker.sock"].iter().any(|socket| engine.socket() == Path::new(socket));
    Ok(engine.command_line().await?.or_else(|| usual().then(|| vec!["dockerd".into()])))
}

/// What the engine's program says of its configuration. One before 23 cannot look without starting.
async fn refusal(words: &[String]) -> Result<Option<String>, Stop> {
    let (program, arguments) = words.split_at(1);
    match Tool::new(&program[0]).args(arguments).arg("--validate").output().await {
        Ok(said) if !said.status.success() && said.stderr.contains(REFUSAL) => Ok(Some(said.last_words())),
        Ok(_) | Err(ProcessError::Start { .. }) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// The sizes for garbage collection that are none. The engine looks at them only when it has started BuildKit (moby/moby,
/// `builder/builder-next/worker/gc.go`).
fn not_sizes(config: &Value) -> Vec<String> {
    let collector = &config["builder"]["gc"];
    let rules = collector["policy"].as_array().into_iter().flatten();
    let settings = rules.chain([collector]).filter_map(Value::as_object).flatten();
    let is_about_size =
        |name: &str| ["keepstorage", "space"].iter().any(|end| name.to_lowercase().ends_with(end));
    let wrong = settings
        .filter(|(name, value)| is_about_size(name) && value.as_str().is_some_and(|text| !is_size(text)));
    wrong
        .map(|(name, value)| {
            format!("{name} is {value}, which is no size and keeps the engine from starting")
        })
        .collect()
}

/// As the engine reads one (docker/go-units, `RAMInBytes`), or a share of the disk.
fn is_size(text: &str) -> bool {
    let unit = text.trim_start_matches(|each: char| each.is_ascii_digit() || each == '.');
    let unit = unit.trim_start().to_ascii_lowercase();
    let unit = unit.strip_suffix('b').unwrap_or(&unit);
    let unit = unit.strip_suffix('i').unwrap_or(unit);
    text.starts_with(|each: char| each.is_ascii_digit()) && ["", "k", "m", "g", "t", "p", "%"].contains(&unit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_those_that_an_engine_reads() {
        assert!(["0", "10GB", "1.5 GiB", "20g", "512kb", "10%"].into_iter().all(is_size));
        assert!(!["10XB", "lots", "", "GB"].into_iter().any(is_size));
    }

    #[test]
    fn only_sizes_are_looked_at_wherever_they_stand() {
        let config = serde_json::json!({ "builder": { "gc": { "enabled": true, "defaultKeepStorage": "10XB",
            "policy": [{ "filter": ["unused-for=2200h"], "reservedSpace": "lots", "all": true }] } } });
        assert_eq!(not_sizes(&config).len(), 2);
        assert_eq!(not_sizes(&Value::Null), Vec::<String>::new());
    }
}
