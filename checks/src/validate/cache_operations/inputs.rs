//! Inputs of a build that are no files of its own: the base that it stands on, the stage that is wanted.

use std::path::Path;

use fixtures::builds::{BuildRecord, Output};
use fixtures::projects::{CROSS, OWN_BASE, Sources, TWO_PLATFORMS};
use harness::{Stop, Verdict, expect};

use crate::Cx;

/// Another base reruns the steps that stand on it; the same base from another place does not.
#[harness::check(
    covers = ["4.3.2", "4.3.3"],
    needs(Exports),
    stage = Installed,
    after = "validate::builder_functionality::builder_builds",
    within = "120s"
)]
async fn other_base_reruns_the_steps_on_it(cx: &Cx) -> Verdict {
    let sources = cx.project(&OWN_BASE).await?;
    let (one, other) = (cx.project(&TWO_PLATFORMS).await?, cx.project(&TWO_PLATFORMS).await?);
    let (one, other) = (cx.exported(&one, &[]).await?, cx.exported(&other, &[]).await?);
    let moved = cx.desk().place("moved").await?;
    let first = on_base(cx, &sources, &one.folder, one.digest()?).await?;
    std::fs::rename(&one.folder, &moved)?;
    let same = on_base(cx, &sources, &moved, one.digest()?).await?;
    expect("steps that ran again on the same base", same.executed()).is_empty()?;
    let rebased = on_base(cx, &sources, &other.folder, other.digest()?).await?;
    expect("steps that ran again on another base", rebased.executed()).equals(first.executed())
}

async fn on_base(cx: &Cx, sources: &Sources, layout: &Path, digest: &str) -> Result<BuildRecord, Stop> {
    let base = format!("base=oci-layout://{}@{digest}", layout.display());
    let build = cx.build(sources).await?.option("--build-context", base);
    Ok(build.output(Output::Cache).run().await?)
}

/// Another target runs its own steps, and none that it has in common with the one that was built before.
#[harness::check(
    covers = ["4.3.2", "4.3.3"],
    stage = Installed,
    after = "validate::builder_functionality::builder_builds",
    within = "60s"
)]
async fn other_target_runs_its_own_steps(cx: &Cx) -> Verdict {
    let sources = cx.project(&CROSS).await?;
    let stage = cx.build(&sources).await?.option("--target", "made").output(Output::Cache).run().await?;
    let whole = cx.build(&sources).await?.output(Output::Cache).run().await?;
    let made = stage.executed();
    let again: Vec<_> = whole.executed().into_iter().filter(|step| made.contains(step)).collect();
    expect("steps of the first target that ran again", again).is_empty()?;
    expect("steps of the second target", whole.executed()).has_all(&["COPY --from=made /program /program"])
}
