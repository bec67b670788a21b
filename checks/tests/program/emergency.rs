//! When a run fails, and when nothing builds.

use std::fs;
use std::path::Path;

use fixtures::control::EngineControl;

use crate::client::Client;
use crate::person::Typed;

/// The words of the last line that a command ended with.
fn last_line(typed: &Typed) -> Vec<&str> {
    typed.out.lines().last().unwrap().trim().split(' ').skip(1).collect()
}

pub(crate) async fn a_run_that_fails_is_rolled_back_by_itself() {
    let client = Client::new("fails").await;
    let desired = client.folder().join("reinstall.toml");
    let text = fs::read_to_string(&desired).unwrap();
    let lines = text
        .lines()
        .map(|line| if line.starts_with("image") { "image = \"127.0.0.1:1/no:1\"" } else { line });
    fs::write(&desired, lines.collect::<Vec<_>>().join("\n")).unwrap();
    let agreed = client.agreed();
    let run = client.types(&agreed.iter().map(String::as_str).collect::<Vec<_>>());
    assert_eq!(run.code, 7, "{run:?}");
    assert!(run.out.starts_with("rolled back: critical error during the reinstall: "), "{run:?}");
    assert!(run.out.contains("verified: all is as it was"), "{run:?}");
    assert!(run.err.contains("checking again what was checked before"), "{run:?}");
    // Only a path may be longer than a line.
    let lines = run.out.lines().chain(run.err.lines()).filter(|line| !line.trim().starts_with('/'));
    assert!(lines.clone().all(|line| line.chars().count() <= 80), "{run:?}");
    client.is_as_it_was("after a run that failed").await;
    let listed = client.types(&["restore-points"]);
    assert!(listed.out.contains("verified") && listed.out.contains("because: critical error"), "{listed:?}");
    client.leaves().await;
}

/// Has a reinstall become worse, and a watch with consent roll it back.
pub(crate) async fn becomes_worse(client: &Client, consent: &str) {
    selects_a_dead_builder(client).await;
    let seen = client.types(&["watch", "--triggers"]);
    assert_eq!(seen.code, 1, "{seen:?}");
    assert!(seen.out.contains("an existing build workflow stops working: "), "{seen:?}");
    assert!(last_line(&seen).starts_with(&["rollback"]), "{seen:?}");
    let back = client.types(&["watch", "--triggers", "--consent", consent]);
    assert_eq!(back.code, 7, "{back:?}");
    client.is_as_it_was("after a watch that rolled back").await;
    let again = client.types(&["watch", "--triggers"]);
    assert_eq!(again.code, 3, "there is no reinstall any more that could be judged: {again:?}");
}

/// Selects a builder on an engine that is not there. buildx says so at once; for a remote builder it waits 20 s each time.
async fn selects_a_dead_builder(client: &Client) {
    let node = r#"{"Name":"dead0","Endpoint":"unix:///run/nobody.sock"}"#;
    let dead = format!(r#"{{"Name":"dead","Driver":"docker-container","Nodes":[{node}]}}"#);
    fs::write(client.installation().instances_folder().join("dead"), dead).unwrap();
    client.installation().docker().args(["buildx", "use", "dead"]).run_ok().await.unwrap();
}

pub(crate) async fn an_engine_that_is_dead_is_started_in_an_emergency() {
    let client = Client::new("dead").await;
    let needless = client.types(&["emergency"]);
    assert_eq!((needless.code, needless.out.as_str()), (0, "builds work\n"), "{needless:?}");
    EngineControl::here().kill(std::time::Duration::from_secs(30)).await.unwrap();
    let offered = client.types(&["emergency"]);
    assert_eq!(offered.code, 1, "{offered:?}");
    assert!(offered.out.contains("the engine does not answer"), "{offered:?}");
    let helped = client.types(&last_line(&offered));
    assert_eq!(helped.code, 0, "{helped:?}");
    assert!(client.installation().engine().await.is_ok());
    client.leaves().await;
}

pub(crate) async fn a_selected_builder_that_builds_nothing_gives_way_to_the_engines_own() {
    let client = Client::new("gives").await;
    selects_a_dead_builder(&client).await;
    let offered = client.types(&["emergency"]);
    assert!(offered.code == 1 && offered.out.contains("builder dead does not build"), "{offered:?}");
    let helped = client.types(&last_line(&offered));
    assert_eq!(helped.code, 0, "{helped:?}");
    assert_eq!(client.installation().selection().found[0].selected().name, "default");
    client.leaves().await;
}

pub(crate) async fn the_classic_builder_is_named_where_it_is_all_that_builds() {
    let client = Client::new("classic").await;
    client.installation().docker().args(["buildx", "use", "default"]).run_ok().await.unwrap();
    let (executor, away) = (Path::new("/var/lib/docker/buildkit/executor"), "/var/lib/docker/buildkit/away");
    fs::rename(executor, away).unwrap();
    fs::write(executor, "").unwrap();
    let offered = client.types(&["emergency"]);
    fs::remove_file(executor).unwrap();
    fs::rename(away, executor).unwrap();
    assert_eq!(offered.code, 1, "{offered:?}");
    assert!(offered.out.ends_with("  export DOCKER_BUILDKIT=0\n"), "{offered:?}");
    client.leaves().await;
}
