//! `kill -9` in the middle of a run.

use crate::client::Client;

/// Where a run is killed: when its transaction has written so many lines into this file.
type Record = (&'static str, usize);

/// Begins the run that is agreed to, and kills it at a record; says whether it had not ended before.
async fn killed_at(client: &Client, (file, lines): Record) -> bool {
    let agreed = client.agreed();
    let mut run = client.begins(&agreed.iter().map(String::as_str).collect::<Vec<_>>());
    let reached = client.has_written(file, lines, &mut run).await;
    run.kill();
    if reached {
        let other = client.types(&["run", "--plan", &agreed[2], "--consent", &agreed[4]]);
        assert_eq!((other.code, other.err.lines().count()), (3, 1), "{other:?}");
        assert!(other.err.contains("reinstall resume"), "{other:?}");
    }
    reached
}

pub(crate) async fn a_run_that_is_killed_is_resumed_to_the_end() {
    for record in [("purge/journal", 4), ("install/journal", 2)] {
        let client = Client::new("resumed").await;
        assert!(killed_at(&client, record).await);
        let resumed = client.types(&["resume"]);
        assert_eq!(resumed.code, 0, "{record:?}: {resumed:?}");
        client.is_reinstalled(&format!("{record:?}")).await;
        client.leaves().await;
    }
}

pub(crate) async fn a_run_that_is_killed_is_rolled_back() {
    let client = Client::new("back").await;
    for record in [("milestones", 1), ("purge/journal", 5), ("install/journal", 3)] {
        assert!(killed_at(&client, record).await);
        let back = client.types(&["rollback"]);
        assert_eq!(back.code, 0, "{record:?}: {back:?}");
        client.is_as_it_was(&format!("{record:?}")).await;
    }
    client.leaves().await;
}

/// The whole sweep: long, so only on demand.
pub(crate) async fn a_run_that_is_killed_at_any_record_comes_home() {
    let client = Client::new("sweep").await;
    // With its last milestone, a transaction is over.
    for (file, last) in [("purge/journal", usize::MAX), ("install/journal", usize::MAX), ("milestones", 4)] {
        for lines in 1..=last {
            let reached = killed_at(&client, (file, lines)).await;
            let name = client.installation_name().await;
            let back = client.types(&["rollback", "--consent", &name]);
            assert_eq!(back.code, 0, "{file} {lines}: {back:?}");
            client.is_as_it_was(&format!("{file} {lines}")).await;
            eprintln!("{file} {lines}: {}", if reached { "killed, and back" } else { "committed, and back" });
            if !reached {
                break;
            }
        }
    }
    client.leaves().await;
}

pub(crate) async fn a_backup_that_is_killed_leaves_no_builder_stopped() {
    let client = Client::new("stopped").await;
    let mut backup = client.begins(&["backup"]);
    assert!(client.has_written("milestones", 1, &mut backup).await);
    client.builder_stops().await;
    backup.kill();
    let back = client.types(&["rollback"]);
    assert_eq!(back.code, 0, "{back:?}");
    client.is_as_it_was("after a backup that was cut short").await;
    client.leaves().await;
}
