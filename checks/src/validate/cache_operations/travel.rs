//! Cache that travels to another builder, whole or with the result's own steps only.

use fixtures::builds::{BuildRecord, Output};
use fixtures::lab::REGISTRY;
use fixtures::projects::CROSS;
use harness::{Stop, Verdict, expect};

use crate::Cx;

/// Cache in a folder holds every stage where it was exported with `mode=max`, and with `mode=min` the result's own steps.
#[harness::check(
    covers = "4.3.4",
    needs(ContainerBuilder, Exports),
    stage = Installed,
    after = "validate::builder_functionality::builder_builds",
    within = "120s"
)]
async fn folder_holds_the_stages_that_its_mode_says(cx: &Cx) -> Verdict {
    let [whole, result] = [cx.desk().place("whole").await?, cx.desk().place("result").await?];
    let place = |verb: &str, folder: &std::path::Path| format!("type=local,{verb}={}", folder.display());
    holds_every_stage(cx, &place("dest", &whole), &place("src", &whole)).await?;
    holds_the_result_alone(cx, &place("dest", &result), &place("src", &result)).await
}

/// Cache in a registry holds every stage where it was exported with `mode=max`, and with `mode=min` the result's own steps.
#[harness::check(
    covers = "4.3.4",
    needs(ContainerBuilder, Exports, Registry),
    stage = Installed,
    after = "validate::builder_functionality::builder_builds",
    within = "120s"
)]
async fn registry_holds_the_stages_that_its_mode_says(cx: &Cx) -> Verdict {
    let [whole, result] =
        ["whole", "result"].map(|name| format!("type=registry,ref={REGISTRY}/{name}:{}", cx.desk().salt()));
    holds_every_stage(cx, &whole, &whole).await?;
    holds_the_result_alone(cx, &result, &result).await
}

async fn holds_every_stage(cx: &Cx, to: &str, from: &str) -> Verdict {
    let [result, stage] = travels(cx, &format!("{to},mode=max"), from).await?;
    expect("steps that ran for the result in spite of the import", result.executed()).is_empty()?;
    expect("steps that ran for an earlier stage in spite of the import", stage.executed()).is_empty()
}

async fn holds_the_result_alone(cx: &Cx, to: &str, from: &str) -> Verdict {
    let [result, stage] = travels(cx, &format!("{to},mode=min"), from).await?;
    expect("steps that ran for the result in spite of the import", result.executed()).is_empty()?;
    expect("steps that ran for an earlier stage, of which the cache holds nothing", stage.executed())
        .has_all(&[r#"RUN ["/probe", "append", "/source", "/program"]"#])
}

/// Exports the cache of a build of two stages by the one builder; imports it by the other, for the result and then for the
/// first stage.
async fn travels(cx: &Cx, to: &str, from: &str) -> Result<[BuildRecord; 2], Stop> {
    let (one, other) = (cx.builder().await?, cx.engine_builder().await?);
    let sources = cx.project(&CROSS).await?;
    cx.build_on(&one, &sources).await?.cache_to(to).output(Output::Cache).run().await?;
    let import = async || {
        let build = cx.build_on(&other, &sources).await?;
        Ok::<_, Stop>(build.cache_from(from).output(Output::Cache))
    };
    let result = import().await?.run().await?;
    Ok([result, import().await?.option("--target", "made").run().await?])
}
