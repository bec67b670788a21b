//! The whole way, and refusals on it.

use std::time::Duration;

use fixtures::builds::Output;
use fixtures::projects::WAITS;
use harness::{Look, until};

use crate::client::Client;
use crate::emergency::becomes_worse;

fn words(owned: &[String]) -> Vec<&str> {
    owned.iter().map(String::as_str).collect()
}

pub(crate) async fn another_plan_than_the_one_agreed_to_changes_nothing() {
    let client = Client::new("other").await;
    let agreed = client.agreed();
    assert_eq!(agreed, client.agreed(), "the same plan has the same digest");

    let mut other = agreed.clone();
    other[2] = "0123456789ab".into();
    let refused = client.types(&words(&other));
    assert_eq!((refused.code, refused.err.lines().count()), (3, 1), "{refused:?}");
    assert!(refused.err.contains(&agreed[2]) && refused.err.contains("reinstall plan"), "{refused:?}");

    let without = client.types(&words(&agreed[..3]));
    assert_eq!(without.code, 3, "{without:?}");
    assert!(without.err.contains(&format!("--consent {}", agreed[4])), "{without:?}");

    let points = client.types(&["restore-points"]);
    assert!(points.out.contains("no restore points"), "{points:?}");
    assert_eq!(client.types(&["resume"]).code, 3);
    client.is_as_it_was("after refusals").await;
    client.leaves().await;
}

pub(crate) async fn what_was_agreed_to_is_done_once_watched_and_can_be_taken_back() {
    let client = Client::new("whole").await;
    let agreed = client.agreed();
    is_done_once(&client, &agreed).await;
    let watched = client.types(&["watch", "--triggers"]);
    assert!(watched.code == 0 && watched.out.ends_with(": nothing orders a rollback\n"), "{watched:?}");
    becomes_worse(&client, &agreed[4]).await;
    let points = client.types(&["restore-points", "list"]);
    let id = points.out.split(' ').next().unwrap();
    is_taken_back_to(&client, id, &agreed[4]);
    gives_way_to_a_newer_one(&client, id);
    client.is_as_it_was("after the rollback").await;
    client.leaves().await;
}

async fn is_done_once(client: &Client, agreed: &[String]) {
    let saved = client.folder().join("before.json");
    let shown = client.types(&["inventory", "--json"]);
    std::fs::write(&saved, &shown.out).unwrap();
    assert_eq!(client.types(&["inventory", "--diff", "before.json"]).code, 0);

    let mut first = client.begins(&words(agreed));
    assert!(client.has_written("milestones", 1, &mut first).await);
    let second = client.types(&words(agreed));
    assert_eq!((second.code, second.err.lines().count()), (3, 1), "{second:?}");
    assert!(second.err.contains("another run is busy"), "{second:?}");
    assert_eq!(first.ends(), Some(0));
    client.is_reinstalled("after the run").await;
    assert_eq!(client.types(&["inventory", "--diff", "before.json"]).code, 1);
}

/// Goes back by hand, over a file that was changed meanwhile.
fn is_taken_back_to(client: &Client, id: &str, consent: &str) {
    let config = client.installation().config_file();
    std::fs::write(&config, "{\"auths\": {\"later.example\": {}}}").unwrap();
    let refused = client.types(&["rollback", id]);
    assert_eq!(refused.code, 3, "{refused:?}");
    assert!(refused.out.starts_with("Plan: rollback"), "{refused:?}");
    let back = client.types(&["rollback", id, "--consent", consent]);
    assert_eq!(back.code, 0, "{back:?}");
    assert!(back.out.contains("verified") && !back.out.contains("later.example"), "{back:?}");
    let kept = back.out.lines().find(|line| line.ends_with("/replaced")).unwrap().trim();
    let kept = std::fs::read_to_string(std::path::Path::new(kept).join("docker/config.json")).unwrap();
    assert!(kept.contains("later.example"), "{kept}");
    let listed = client.types(&["restore-points"]);
    assert!(listed.out.contains("because: it was asked for"), "{listed:?}");
}

/// Prunes a restore point by rule, once there is a newer one.
fn gives_way_to_a_newer_one(client: &Client, id: &str) {
    let pruned = client.types(&["restore-points", "prune", "--keep", "1", "--older-than", "30d", "--yes"]);
    assert_eq!((pruned.code, pruned.out.as_str()), (0, "nothing to remove by this rule\n"), "{pruned:?}");
    assert_eq!(client.types(&["backup", "--quiet"]).code, 0);
    let rule = ["restore-points", "prune", "--keep", "1"];
    let shown = client.types(&rule);
    assert!(
        shown.out.contains(&format!("goes: restore point {id}")) && shown.out.contains("--yes"),
        "{shown:?}"
    );
    assert_eq!(client.types(&rule).out, shown.out, "to be shown it removes nothing");
    let pruned = client.types(&[rule.as_slice(), &["--yes"]].concat());
    assert_eq!(pruned.code, 0, "{pruned:?}");
    let rest = client.types(&["restore-points"]);
    assert!(!rest.out.lines().any(|line| line.starts_with(id)), "{rest:?}");
    assert!(rest.out.contains("because: it was asked for"), "the rollback stays on record: {rest:?}");
    assert_eq!(client.types(&rule).out, "nothing to remove by this rule\n");
}

pub(crate) async fn nothing_is_asked_of_a_builder_that_builds() {
    let client = Client::new("busy").await;
    let sources = WAITS.materialise(&client.folder().join("waits"), "busy").unwrap();
    let private = client.installation().private_client().unwrap();
    let build = private.build(&sources).builder("busy").output(Output::Cache).run();
    let refused = until("a refusal", Duration::from_millis(100), Duration::from_secs(60), || async {
        let plan = client.types(&["plan"]);
        let is_refused = plan.err.contains("is building right now");
        if is_refused { Look::Ready(plan) } else { Look::NotYet(format!("{plan:?}")) }
    });
    let refused = tokio::select! {
        built = build => panic!("it ended: {built:?}"),
        refused = refused => refused.unwrap(),
    };
    assert_eq!((refused.code, refused.err.lines().count()), (3, 1), "{refused:?}");
    client.leaves().await;
}
