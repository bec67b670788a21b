//! The cache that lies there is sound. A build of other sources does not meet it, and one of the same sources may not need what
//! is damaged: it is read instead, and nothing is written.

use std::collections::BTreeSet;
use std::io::ErrorKind;
use std::path::Path;

use fixtures::image::{ImageProblem, Layout};
use fixtures::installation::ImageStore;
use harness::{Verdict, expect};

use crate::Cx;
use crate::building::{Cache, unanswered};

/// How much is read of the blobs of a builder, and of those of a folder, in bytes.
const MOST: u32 = 64 << 20;

/// Every record of the cache that lies there still has its contents. Caches whose databases cannot be read here, or are written
/// all the time, are left out.
#[harness::check(
    covers = ["4.3.1", "4.3.2"],
    stage = Installed,
    after = "validate::builder_functionality::engine_answers",
    within = "60s"
)]
async fn records_have_their_contents(cx: &Cx) -> Verdict {
    let place = match cx.engine_info().await?.store {
        ImageStore::Containerd(_) => " in containerd",
        ImageStore::GraphDriver(_) => " in the engine's own store",
    };
    let (mut found, mut unread) = (Vec::new(), Vec::new());
    for (cache, lost) in cx.torn_caches().await? {
        let place = if matches!(cache, Cache::Engine) { place } else { "" };
        match lost {
            None => unread.push(cache.name()),
            Some(0) => {}
            Some(lost) => {
                found.push(format!("{lost} records of {} have lost their contents{place}", cache.name()));
            }
        }
    }
    cx.scope().record("caches_that_were_not_read", &unread)?;
    expect("caches that are torn", found).is_empty()
}

/// The blobs that builders keep are what their digests say; of many, the smallest are read.
#[harness::check(
    covers = ["4.3.1", "4.3.2"],
    stage = Installed,
    after = "validate::builder_functionality::engine_answers",
    within = "60s"
)]
async fn blobs_are_what_their_digests_say(cx: &Cx) -> Verdict {
    let mut found = Vec::new();
    for builder in cx.builders().await? {
        for buildkit in cx.buildkits(&builder).await? {
            let damaged = buildkit.damaged_blobs(i64::from(MOST)).await.map_err(unanswered)?;
            found.extend(
                damaged.into_iter().map(|flaw| format!("a damaged blob of {}: {flaw}", builder.name)),
            );
        }
    }
    expect("blobs that are damaged", found).is_empty()
}

/// Cache in folders of this machine, from which builds have imported, can be imported again.
#[harness::check(
    covers = "4.3.4",
    stage = Installed,
    after = "validate::builder_functionality::engine_answers",
    within = "60s"
)]
async fn folders_with_cache_are_whole(cx: &Cx) -> Verdict {
    let mut folders = BTreeSet::new();
    for builder in cx.builders().await? {
        for buildkit in cx.buildkits(&builder).await? {
            folders.extend(buildkit.cache_folders().await.map_err(unanswered)?);
        }
    }
    // Others are relative to a folder that nobody knows any more.
    let absolute = folders.iter().map(Path::new).filter(|folder| folder.is_absolute());
    expect("folders with damaged cache", absolute.filter_map(damage).collect::<Vec<_>>()).is_empty()
}

/// What is wrong with the cache in a folder. One that is not there, or not for this user, is somebody's decision.
fn damage(folder: &Path) -> Option<String> {
    let problem = Layout::open(folder).and_then(|layout| layout.whole(u64::from(MOST))).err()?.problem;
    let is_there = folder.join("index.json").exists();
    match problem {
        _ if !is_there => None,
        ImageProblem::Io(error) if error.kind() == ErrorKind::PermissionDenied => None,
        ImageProblem::Damaged { part, error } if part == "index.json" => {
            Some(format!("the index of the cache in {} is damaged: {error}", folder.display()))
        }
        other => Some(format!("a blob of the cache in {} is damaged: {other}", folder.display())),
    }
}
