//! What the garbage collector takes and what it leaves, rule by rule, in builders of the checks' own. It runs a second after
//! BuildKit has started and then at most every minute (moby/buildkit, `control/control.go`, `throttledGC`): so that these
//! builders get their rules after they have built, and are started again.

use std::time::Duration;

use fixtures::builds::{Build, Output};
use fixtures::installation::{CacheRecord, PrivateClient, container_name};
use fixtures::projects::{CACHE_MOUNT, DELETES_FILES, Sources};
use harness::{Failure, Look, Stop, Verdict, expect, until};

use crate::Cx;
use crate::building::{text, unanswered};
use crate::own_builder::{definition, image, with_own};

/// How often it is looked whether the collector has done its work, and for how long.
const EVERY: Duration = Duration::from_millis(100);
const COLLECTED: Duration = Duration::from_secs(30);
/// What BuildKit writes to its log when the collector has taken something (moby/buildkit, `control/control.go`).
const DONE: &str = "gc cleaned up";
/// What the cache may keep where its size is limited, in bytes: one project of [`LARGE`] bytes, as it was sent and as it was
/// built, and not two.
const LIMIT: i64 = 20_000_000;
const LARGE: usize = 8_000_000;
/// How long some kinds of records are kept, in seconds: shorter than a restart takes, and longer than any check.
const SHORT: u32 = 1;
const LONG: u32 = 48 * 60 * 60;
const CACHE_MOUNTS: &str = "exec.cachemount";
const SOURCES: &str = "source.local";

/// A rule about age and kind takes what is old enough and of its kind, and leaves the rest.
#[harness::check(
    covers = "4.3.5",
    needs(ContainerBuilder),
    stage = Installed,
    after = "validate::builder_functionality::builder_builds",
    within = "120s"
)]
async fn collector_takes_what_is_old_and_of_its_kind(cx: &Cx) -> Verdict {
    let rule = |kind, seconds: u32| format!("filters = [\"type=={kind}\"]\nkeepDuration = {seconds}\n");
    with_collector(cx, async |own| {
        let (sources, id) = (cx.project(&CACHE_MOUNT).await?, cx.desk().cache_mount());
        let build = || Ok::<_, Stop>(own.build(cx, &sources)?.arg("CACHE_ID", &id));
        build()?.output(Output::Cache).run().await?;
        let left = own.collect(cx, &[rule(CACHE_MOUNTS, SHORT), rule(SOURCES, LONG)]).await?;
        let left: Vec<&str> = left.iter().map(|record| record.r#type.as_str()).collect();
        expect("kinds of records that are left", left.clone()).has_all(&[SOURCES, "regular"])?;
        let mounts: Vec<_> = left.into_iter().filter(|kind| *kind == CACHE_MOUNTS).collect();
        expect("cache mounts that are left", mounts).is_empty()?;
        expect("steps that ran again", build()?.output(Output::Cache).run().await?.executed()).is_empty()?;
        sources.write("entry", "second\n")?;
        let result = cx.desk().place("result").await?;
        build()?.output(Output::Folder(&result)).run().await?;
        expect("what the new cache mount holds", text(&result, "entries")?).equals("second\n")
    })
    .await
}

/// A rule about size takes what was used longest ago until the rest is small enough, and leaves the rest.
#[harness::check(
    covers = "4.3.5",
    needs(ContainerBuilder),
    stage = Installed,
    after = "validate::builder_functionality::builder_builds",
    within = "120s"
)]
async fn collector_keeps_the_cache_within_its_size(cx: &Cx) -> Verdict {
    // BuildKit before 0.17 knows the second name (moby/buildkit, `cmd/buildkitd/config/config.go`).
    let rule = format!("all = true\nmaxUsedSpace = {LIMIT}\nkeepBytes = {LIMIT}\n");
    collector_leaves_what_was_used_last(cx, rule).await
}

/// A rule about free space takes what was used longest ago while too little of the disk is free, down to what is reserved.
#[harness::check(
    covers = "4.3.5",
    needs(ContainerBuilder),
    stage = Installed,
    after = "validate::builder_functionality::builder_builds",
    within = "120s"
)]
async fn collector_keeps_the_disk_free(cx: &Cx) -> Verdict {
    // More than any disk has.
    let wanted = i64::MAX / 2;
    let rule = format!("all = true\nreservedSpace = {LIMIT}\nkeepBytes = {LIMIT}\nminFreeSpace = {wanted}\n");
    collector_leaves_what_was_used_last(cx, rule).await
}

async fn collector_leaves_what_was_used_last(cx: &Cx, rule: String) -> Verdict {
    with_collector(cx, async |own| {
        let (old, recent) = (large(cx).await?, large(cx).await?);
        let build = async |sources| Ok::<_, Stop>(own.build(cx, sources)?.output(Output::Cache).run().await?);
        for sources in [&old, &recent, &recent] {
            build(sources).await?;
        }
        let left = own.collect(cx, &[rule]).await?;
        expect("bytes that are left", left.iter().map(|record| record.size).sum::<i64>()).at_most(LIMIT)?;
        expect("steps of the recent build that ran again", build(&recent).await?.executed()).is_empty()?;
        expect("steps of the old build that ran again", build(&old).await?.executed())
            .has_all(&["COPY tree /tree"])
    })
    .await
}

/// A project with one large layer.
async fn large(cx: &Cx) -> Result<Sources, Stop> {
    let sources = cx.project(&DELETES_FILES).await?;
    let dockerfile = std::fs::read_to_string(sources.folder().join("Dockerfile"))?;
    let copies: Vec<&str> = dockerfile.lines().filter(|line| !line.starts_with("RUN")).collect();
    sources.write("Dockerfile", copies.join("\n"))?;
    sources.write("tree/large", vec![1; LARGE])?;
    Ok(sources)
}

/// A builder whose collector has nothing to do until it gets rules.
struct Own<'a> {
    client: &'a PrivateClient,
    name: &'a str,
}

async fn with_collector(cx: &Cx, body: impl AsyncFnOnce(Own<'_>) -> Verdict) -> Verdict {
    let (name, file) = (format!("collects-{}", cx.desk().salt()), cx.desk().place("buildkitd.toml").await?);
    std::fs::write(&file, "[worker.oci]\ngc = false\n")?;
    let define = async |client: &PrivateClient| {
        // buildx 0.14 has a longer name for the option, and still knows this one.
        let create = definition(client, &name, &image(cx)?).arg("--bootstrap").arg("--config").arg(&file);
        create.run_ok().await?;
        Ok(())
    };
    with_own(cx, &name, define, async |client| body(Own { client, name: &name }).await).await
}

impl Own<'_> {
    fn build(&self, cx: &Cx, sources: &Sources) -> Result<Build, Stop> {
        Ok(cx.build_through(self.client, sources)?.builder(self.name))
    }

    fn container(&self) -> String {
        container_name(&format!("{}0", self.name))
    }

    /// Gives the collector rules, lets it run, and returns the records that are left. Usage is not asked for before: what
    /// is being counted is not collected.
    async fn collect(&self, cx: &Cx, rules: &[String]) -> Result<Vec<CacheRecord>, Stop> {
        let file = cx.desk().place("rules.toml").await?;
        let rules: String = rules.iter().map(|rule| format!("[[worker.oci.gcpolicy]]\n{rule}")).collect();
        std::fs::write(&file, format!("debug = true\n[worker.oci]\ngc = true\n{rules}"))?;
        let (docker, container) = (|| self.client.docker(), self.container());
        let place = format!("{container}:/etc/buildkit/buildkitd.toml");
        docker().arg("cp").arg(&file).arg(place).run_ok().await?;
        docker().args(["restart", &container]).run_ok().await?;
        let look = async || match docker().args(["logs", &container]).output().await {
            Ok(log) if log.stderr.contains(DONE) || log.stdout.contains(DONE) => Look::Ready(()),
            Ok(log) => Look::NotYet(log.last_words()),
            Err(error) => Look::Never(error.to_string()),
        };
        let collected = until("the garbage collector's work", EVERY, COLLECTED, look).await;
        collected
            .map_err(|wait| Failure::new("the garbage collector", "something collected", wait.to_string()))?;
        let buildkit = cx.engine().await?.buildkit_in(&container).await.map_err(unanswered)?;
        buildkit.cache().await.map_err(unanswered)
    }
}
