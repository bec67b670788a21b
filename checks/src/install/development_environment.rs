//! Scenario: what developers use leads to what was installed.

use fixtures::builds::{Build, Output};
use fixtures::install::{Desired, ENVIRONMENT_FILE};
use fixtures::lab::REGISTRY;
use fixtures::projects::{BAKE, THREE_STEPS};
use fixtures::setting::Setting;
use harness::{Stop, Tool, Verdict, expect};

use crate::stages::observed::{FIRST_LOOK, FirstLook};
use crate::{Cx, Stage};

/// The first look at the broken installation named what was wrong: the failed check, the text that was seen, the cause and the
/// remedy.
#[harness::check(covers = "3.4.1", needs(Lab, Buildx), stage = Observed, within = "20s")]
async fn first_look_named_what_was_wrong(cx: &Cx) -> Verdict {
    let look: FirstLook = cx.evidence(Stage::Observed, FIRST_LOOK)?;
    let failure =
        look.failure.unwrap_or_else(|| harness::Failure::new("the first look", "a failure", "none"));
    expect("the text that the first look saw", &failure.found).contains("protocol not available")?;
    expect("the cause that it named", failure.cause.unwrap_or_default()).contains("context-npipe")?;
    expect("the remedy that it named", failure.remedy.unwrap_or_default())
        .contains("docker context update desktop-linux")
}

/// What the first look found broken is mended: nothing orders a rollback.
#[harness::check(covers = "3.4.1", needs(Consent, Buildx), stage = Installed, within = "20s")]
async fn nothing_orders_a_rollback(cx: &Cx) -> Verdict {
    let judged = cx.judged()?;
    expect("what orders a rollback", judged.fired).is_empty()?;
    expect("what is wrong with desktop-linux", judged.observed.desktop_problem).equals(None::<String>)
}

/// No variable of the environment leads builds to the classic builder, to another builder or to another engine.
#[harness::check(covers = "3.4.3", needs(Consent), stage = Installed, within = "20s")]
async fn environment_contradicts_nothing(cx: &Cx) -> Verdict {
    let astray = [
        "DOCKER_BUILDKIT",
        "BUILDX_BUILDER",
        "DOCKER_CONTEXT",
        "DOCKER_API_VERSION",
        "DOCKER_DEFAULT_PLATFORM",
    ];
    let set = cx.inventory_of(Stage::Installed)?.environment.into_iter().map(|recorded| recorded.name);
    let odd = set.filter(|name| astray.contains(&name.as_str()));
    expect("variables that change where or how builds run", odd.collect::<Vec<_>>()).is_empty()
}

/// A shell that reads the file of the install has the desired variables, and builds by it.
#[harness::check(covers = "3.4.3", needs(Lab, Buildx), stage = Installed, within = "60s")]
async fn variables_reach_a_shell(cx: &Cx) -> Verdict {
    let desired = crate::stages::installed::desired(cx).await?.environment;
    expect("desired variables", desired.len()).at_least(1)?;
    for (name, value) in desired {
        let Some(value) = value.plain() else { continue };
        expect(format!("{name} in a shell"), variable(cx, &name).await?).equals(value)?;
    }
    let sources = cx.project(&THREE_STEPS).await?;
    let build = format!(
        "docker build --label {} --output type=cacheonly {}",
        cx.run_label(),
        sources.folder().display()
    );
    let built = in_shell(cx, &build).await?;
    // The classic builder ends with "Successfully built".
    expect("`docker build` in that shell", built).contains("DONE")
}

/// What a variable holds in a shell that has read the file of the install.
pub(super) async fn variable(cx: &Cx, name: &str) -> Result<String, Stop> {
    Ok(in_shell(cx, &format!("printenv {name}")).await?.trim_end().to_owned())
}

/// What a line says in such a shell.
async fn in_shell(cx: &Cx, line: &str) -> Result<String, Stop> {
    let installation = cx.installation()?;
    let file = installation.buildx_config().join(ENVIRONMENT_FILE);
    let script = format!(". \"$0\" && {line} 2>&1");
    let shell = installation.environment().scrubbed(Tool::new("sh")).args(["-ec", &script]).arg(file);
    Ok(shell.run_ok().await?.stdout)
}

/// Images of the profile for production say how they were made, and those of the profile for development do not.
#[harness::check(covers = "3.4.4", needs(Lab, ContainerBuilder, Registry), stage = Installed, within = "120s")]
async fn each_profile_builds_in_its_own_way(cx: &Cx) -> Verdict {
    let builder = cx.builder().await?;
    for (profile, attested) in [("development", false), ("production", true)] {
        let desired = Desired::carried(Some(profile)).map_err(Stop::Broken)?;
        let set = |tool: Tool, (name, value): (&String, &Setting)| {
            tool.env(name, value.plain().unwrap_or_default())
        };
        let docker = desired.environment.iter().fold(cx.client().await?, set);
        let (sources, tag) =
            (cx.project(&THREE_STEPS).await?, format!("{REGISTRY}/{profile}:{}", cx.desk().salt()));
        let build = cx.build_as(docker, &sources).builder(&builder.name);
        build.output(Output::Registry(&tag)).run().await?;
        let inspect = ["buildx", "imagetools", "inspect", "--raw", &tag];
        let index = cx.client().await?.args(inspect).run_ok().await?.stdout;
        expect(
            format!("whether an image for {profile} has an attestation"),
            index.contains("attestation-manifest"),
        )
        .equals(attested)?;
    }
    Ok(())
}

/// The profiles come to different builders: one that is installed by none of them is not taken for that of production.
#[harness::check(covers = "3.4.4", needs(Lab, ContainerBuilder), stage = Installed, within = "20s")]
async fn profiles_come_to_different_builders(cx: &Cx) -> Verdict {
    let mut production = crate::stages::installed::desired(cx).await?;
    let carried = Desired::carried(Some("production")).map_err(Stop::Broken)?;
    for (name, builder) in &mut production.builders {
        builder.gc = carried.builders.get(name).and_then(|carried| carried.gc.clone());
    }
    let inventory = cx.inventory_of(Stage::Installed)?;
    let plan = fixtures::install::plan(&cx.installation()?, &inventory, &production);
    expect(
        "a plan to install the profile for production beside what there is",
        plan.map_err(|error| error.to_string()),
    )
    .is("refused: set up differently", |plan| {
        plan.as_ref().is_err_and(|why| why.contains("set up differently"))
    })
}

/// The development tools build with what was installed: bake by the selected builder, and every plugin works.
#[harness::check(covers = "3.4.5", needs(Consent, Buildx, Compose), stage = Installed, within = "60s")]
async fn development_tools_answer(cx: &Cx) -> Verdict {
    let cli = cx.inventory_of(Stage::Installed)?.cli;
    let sound =
        cli.plugins.iter().filter(|plugin| plugin.problem.is_none()).map(|plugin| plugin.name.clone());
    expect("plugins that work", sound.collect::<Vec<_>>()).has_all(&["buildx", "compose"])?;
    let sources = cx.project(&BAKE).await?;
    let label = format!("*.labels.{}", cx.run_label());
    let baked = Build::by_bake(cx.client().await?, &sources, &[]).option("--set", label).run().await?;
    expect("steps that bake ran", baked.executed()).is_not_empty()
}
