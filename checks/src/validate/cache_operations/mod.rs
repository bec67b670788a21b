//! Scenario: what was built is not built again, what changed is, and cache can be moved and cleaned.
//!
//! Verdicts come from what BuildKit says that it did with each step, never from the time that it took.

mod collection;
mod inputs;
mod lying;
mod travel;

use fixtures::builds::Output;
use fixtures::installation::GcRule;
use fixtures::lab::REGISTRY;
use fixtures::projects::{BUILD_ARGS, CACHE_MOUNT, DELETES_FILES, SECRET, THREE_STEPS, salted};
use harness::{Stop, Verdict, expect};

use crate::Cx;
use crate::building::{text, unanswered};

/// A second build of unchanged sources runs no step again.
#[harness::check(
    covers = ["4.3.1", "4.3.2"],
    stage = Installed,
    after = "validate::builder_functionality::builder_builds",
    within = "60s"
)]
async fn second_build_runs_no_step(cx: &Cx) -> Verdict {
    let second = cx.rebuilt(|_| Ok(())).await?;
    expect("steps that ran again", second.record.executed()).is_empty()?;
    expect("the result from the cache", text(&second.result, "made-of-c")?).equals("the first c\n")
}

/// A changed file reruns its own step and those below it, and no other; the result holds the change.
#[harness::check(
    covers = ["4.3.3", "4.4.4"],
    stage = Installed,
    after = "validate::builder_functionality::builder_builds",
    within = "60s"
)]
async fn changed_file_reruns_the_steps_below_it(cx: &Cx) -> Verdict {
    let changed = cx.rebuilt(|sources| sources.write("b", "the second b\n")).await?;
    expect("steps that ran again", changed.record.executed()).equals([
        "COPY b /b",
        r#"RUN ["/probe", "append", "/b", "/made-of-b"]"#,
        "COPY c /c",
        r#"RUN ["/probe", "append", "/c", "/made-of-c"]"#,
    ])?;
    expect("what the changed step made", text(&changed.result, "made-of-b")?).equals("the second b\n")
}

/// A file's new permissions rerun its step.
#[harness::check(
    covers = "4.3.3",
    stage = Installed,
    after = "validate::builder_functionality::builder_builds",
    within = "60s"
)]
async fn changed_permissions_rerun_their_step(cx: &Cx) -> Verdict {
    let changed = cx.rebuilt(|sources| sources.chmod("c", 0o600)).await?;
    expect("steps that ran again", changed.record.executed())
        .equals(["COPY c /c", r#"RUN ["/probe", "append", "/c", "/made-of-c"]"#])
}

/// A changed step of the Dockerfile reruns, and those above it do not.
#[harness::check(
    covers = "4.3.3",
    stage = Installed,
    after = "validate::builder_functionality::builder_builds",
    within = "60s"
)]
async fn changed_instruction_reruns_its_step(cx: &Cx) -> Verdict {
    let changed = cx.rebuilt(|sources| {
        let dockerfile = std::fs::read_to_string(sources.folder().join("Dockerfile"))?;
        sources.write("Dockerfile", dockerfile.replace("/made-of-c", "/made-otherwise"))
    });
    expect("steps that ran again", changed.await?.record.executed())
        .equals([r#"RUN ["/probe", "append", "/c", "/made-otherwise"]"#])
}

/// A file that no step uses reruns nothing.
#[harness::check(
    covers = "4.3.2",
    stage = Installed,
    after = "validate::builder_functionality::builder_builds",
    within = "60s"
)]
async fn unrelated_file_reruns_nothing(cx: &Cx) -> Verdict {
    let changed = cx.rebuilt(|sources| sources.write("unrelated", "nobody copies this")).await?;
    expect("steps that ran again", changed.record.executed()).is_empty()
}

/// A file's new time alone reruns nothing.
#[harness::check(
    covers = "4.3.2",
    stage = Installed,
    after = "validate::builder_functionality::builder_builds",
    within = "60s"
)]
async fn new_time_of_a_file_reruns_nothing(cx: &Cx) -> Verdict {
    let touched =
        cx.rebuilt(|sources| ["Dockerfile", "a", "b", "c"].iter().try_for_each(|file| sources.touch(file)));
    expect("steps that ran again", touched.await?.record.executed()).is_empty()
}

/// A build that wants no cache runs every step again.
#[harness::check(
    covers = "4.3.3",
    stage = Installed,
    after = "validate::builder_functionality::builder_builds",
    within = "60s"
)]
async fn build_without_cache_runs_every_step(cx: &Cx) -> Verdict {
    let sources = cx.project(&DELETES_FILES).await?;
    cx.build(&sources).await?.output(Output::Cache).run().await?;
    let again = cx.build(&sources).await?.without_cache().output(Output::Cache).run().await?;
    expect("steps from the cache", again.cached()).is_empty()
}

/// A file that is added to a copied folder reruns the copy; one that `.dockerignore` names does not.
#[harness::check(
    covers = ["4.3.2", "4.3.3"],
    stage = Installed,
    after = "validate::builder_functionality::builder_builds",
    within = "60s"
)]
async fn added_file_reruns_its_copy_unless_ignored(cx: &Cx) -> Verdict {
    let sources = cx.project(&DELETES_FILES).await?;
    sources.write(".dockerignore", "tree/ignored\n")?;
    let build = async || Ok::<_, Stop>(cx.build(&sources).await?.output(Output::Cache).run().await?);
    build().await?;
    sources.write("tree/ignored", "nobody sees this")?;
    expect("steps that ran for an ignored file", build().await?.executed()).is_empty()?;
    sources.write("tree/added", "everybody sees this")?;
    expect("steps that ran for an added file", build().await?.executed()).has_all(&["COPY tree /tree"])
}

/// An argument reruns the steps after its declaration, and no other.
#[harness::check(
    covers = "4.3.3",
    stage = Installed,
    after = "validate::builder_functionality::builder_builds",
    within = "60s"
)]
async fn argument_reruns_the_steps_after_it(cx: &Cx) -> Verdict {
    let sources = cx.project(&BUILD_ARGS).await?;
    cx.build(&sources).await?.arg("WORD", "one").output(Output::Cache).run().await?;
    let other = cx.build(&sources).await?.arg("WORD", "two").output(Output::Cache).run().await?;
    expect("steps that ran again", other.executed())
        .equals([r#"RUN ["/probe", "append", "/proc/self/environ", "/environment"]"#])
}

/// Another value of a secret reruns nothing.
#[harness::check(
    covers = "4.3.2",
    stage = Installed,
    after = "validate::builder_functionality::builder_builds",
    within = "60s"
)]
async fn secret_reruns_nothing(cx: &Cx) -> Verdict {
    let (sources, word) = (cx.project(&SECRET).await?, cx.desk().place("word").await?);
    std::fs::write(&word, "sesame")?;
    cx.build(&sources).await?.secret("word", &word).output(Output::Cache).run().await?;
    std::fs::write(&word, "another")?;
    let again = cx.build(&sources).await?.secret("word", &word).output(Output::Cache).run().await?;
    expect("steps that ran again", again.executed()).is_empty()
}

/// A cache mount holds in one build what an earlier build left in it.
#[harness::check(
    covers = ["4.3.1", "4.4.4"],
    stage = Installed,
    after = "validate::builder_functionality::builder_builds",
    within = "60s"
)]
async fn cache_mount_remembers(cx: &Cx) -> Verdict {
    let (sources, result) = (cx.project(&CACHE_MOUNT).await?, cx.desk().place("result").await?);
    let id = cx.desk().cache_mount();
    cx.build(&sources).await?.arg("CACHE_ID", &id).output(Output::Cache).run().await?;
    sources.write("entry", "second\n")?;
    cx.build(&sources).await?.arg("CACHE_ID", &id).output(Output::Folder(&result)).run().await?;
    expect("what the cache mount holds", text(&result, "entries")?).equals("first\nsecond\n")
}

/// A result from the cache is the one that was built, deleted files included.
#[harness::check(
    covers = ["4.3.2", "4.4.4"],
    stage = Installed,
    after = "validate::builder_functionality::builder_builds",
    within = "60s"
)]
async fn cached_result_is_the_one_that_was_built(cx: &Cx) -> Verdict {
    let sources = cx.project(&DELETES_FILES).await?;
    cx.build(&sources).await?.output(Output::Cache).run().await?;
    let again = cx.built(&sources).await?;
    expect("steps that ran again", again.record.executed()).is_empty()?;
    expect("a file that a step deleted", again.result.join("tree/deleted").exists()).equals(false)?;
    expect("a file that a step made", text(&again.result, "tree/made")?).equals("kept\n")
}

/// Cache that was exported to a folder is imported by another builder, which then runs no step.
#[harness::check(
    covers = ["3.3.4", "4.3.4"],
    needs(ContainerBuilder, Exports),
    stage = Installed,
    after = "validate::builder_functionality::builder_builds",
    within = "120s"
)]
async fn cache_moves_between_builders_by_folder(cx: &Cx) -> Verdict {
    let cache = cx.desk().place("cache").await?;
    let (to, from) = (
        format!("type=local,mode=max,dest={}", cache.display()),
        format!("type=local,src={}", cache.display()),
    );
    cache_moves(cx, &to, &from).await
}

/// Cache that was exported to a registry is imported by another builder, which then runs no step.
#[harness::check(
    covers = "4.3.4",
    needs(ContainerBuilder, Exports, Registry),
    stage = Installed,
    after = "validate::builder_functionality::builder_builds",
    within = "120s"
)]
async fn cache_moves_between_builders_by_registry(cx: &Cx) -> Verdict {
    let reference = format!("type=registry,ref={REGISTRY}/cache:{}", cx.desk().salt());
    cache_moves(cx, &format!("{reference},mode=max"), &reference).await
}

/// Exports the cache of a build by the one builder, imports it by the other.
async fn cache_moves(cx: &Cx, to: &str, from: &str) -> Verdict {
    let (one, other) = (cx.builder().await?, cx.engine_builder().await?);
    let sources = cx.project(&THREE_STEPS).await?;
    let exporting = cx.build_on(&one, &sources).await?.cache_to(to).output(Output::Cache).run().await?;
    expect("steps of a first build from the cache", exporting.cached()).is_empty()?;
    let result = cx.desk().place("result").await?;
    let importing = cx.build_on(&other, &sources).await?.cache_from(from).output(Output::Folder(&result));
    expect("steps that ran in spite of the import", importing.run().await?.executed()).is_empty()?;
    expect("the result from the imported cache", text(&result, "made-of-c")?).equals("the first c\n")
}

/// An image that carries its cache with it spares another build its steps.
#[harness::check(
    covers = "4.3.4",
    needs(ContainerBuilder, Registry),
    stage = Installed,
    after = "validate::builder_functionality::builder_builds",
    within = "120s"
)]
async fn image_carries_its_cache(cx: &Cx) -> Verdict {
    let tag = format!("{REGISTRY}/inline:{}", cx.desk().salt());
    let sources = cx.project(&THREE_STEPS).await?;
    let (one, other) = (cx.engine_builder().await?, cx.builder().await?);
    let exporting = cx.build_on(&one, &sources).await?.cache_to("type=inline");
    exporting.output(Output::Registry(&tag)).run().await?;
    let importing = cx.build_on(&other, &sources).await?.cache_from(&format!("type=registry,ref={tag}"));
    expect("steps that ran in spite of the import", importing.output(Output::Cache).run().await?.executed())
        .is_empty()
}

/// A cache that is not there costs a build nothing but its speed.
#[harness::check(
    covers = "4.3.4",
    stage = Installed,
    after = "validate::builder_functionality::builder_builds",
    within = "60s"
)]
async fn absent_cache_does_not_fail_a_build(cx: &Cx) -> Verdict {
    let nowhere = format!("type=local,src={}", cx.desk().place("nowhere").await?.display());
    let sources = cx.project(&DELETES_FILES).await?;
    let record = cx.build(&sources).await?.cache_from(&nowhere).output(Output::Cache).run().await?;
    expect("steps of a first build from the cache", record.cached()).is_empty()
}

/// The garbage collector of every builder with containers of its own has rules, and one of them bounds the cache.
#[harness::check(
    covers = "4.3.5",
    needs(ContainerBuilder),
    stage = Installed,
    after = "validate::builder_functionality::engine_answers",
    within = "30s"
)]
async fn garbage_collector_has_rules(cx: &Cx) -> Verdict {
    let mut unbounded = Vec::new();
    for builder in cx.builders().await?.iter().filter(|builder| builder.is_container()) {
        for worker in cx.workers(builder).await? {
            let bounds = |rule: &GcRule| {
                rule.filters.is_empty() && rule.max_used_space + rule.reserved_space + rule.min_free_space > 0
            };
            if !worker.gc.iter().any(bounds) {
                unbounded.push(format!("{} has no rule that bounds its cache", builder.name));
            }
        }
    }
    expect("builders whose cache nothing bounds", unbounded).is_empty()
}

/// The cache of each builder that runs can be counted, and no record has a size below nothing.
#[harness::check(
    covers = ["4.3.1", "4.3.5"],
    stage = Installed,
    after = "validate::builder_functionality::engine_answers",
    within = "30s"
)]
async fn usage_can_be_counted(cx: &Cx) -> Verdict {
    for builder in cx.builders().await? {
        for buildkit in cx.buildkits(&builder).await? {
            let records = buildkit.cache().await.map_err(unanswered)?;
            let impossible = records.into_iter().filter(|record| record.size < 0);
            expect(format!("damaged records of {}", builder.name), impossible.collect::<Vec<_>>())
                .is_empty()?;
        }
    }
    Ok(())
}

/// Pruning removes the cache that it names, and no other: what was named is built again, what was not is still cached.
#[harness::check(
    covers = "4.3.5",
    stage = Installed,
    after = "validate::builder_functionality::builder_builds",
    within = "60s"
)]
async fn prune_removes_what_it_names(cx: &Cx) -> Verdict {
    let salt = cx.desk().salt();
    let (named, other) = (cx.checkout(&DELETES_FILES, &salt).await?, cx.project(&DELETES_FILES).await?);
    let build = async |sources| Ok::<_, Stop>(cx.build(sources).await?.output(Output::Cache).run().await?);
    let (first, _) = (build(&named).await?, build(&other).await?);
    for buildkit in cx.buildkits(&cx.builder().await?).await? {
        let records = buildkit.marked_cache(&[salted(&salt)]).await.map_err(unanswered)?;
        buildkit.remove_cache(&records).await.map_err(unanswered)?;
    }
    expect("steps that ran again after the prune", build(&named).await?.executed())
        .equals(first.executed())?;
    expect("steps that ran again and were not named", build(&other).await?.executed()).is_empty()
}
