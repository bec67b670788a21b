//! Scenario: each builder builds, is healthy, can be selected, and does what it claims.

mod daemon;
mod drivers;
mod selection;
mod slips;
mod store;

use fixtures::builds::{Build, Output};
use fixtures::installation::{DEFAULT_CONTEXT, Installation, Selection, container_name};
use fixtures::projects::TWO_PLATFORMS;
use futures_util::future::{join_all, try_join_all};
use harness::{Stop, Tool, Verdict, expect};

use crate::Cx;
use crate::building::{Builder, Listed, PLATFORMS, text, unanswered};

/// The engine answers through its socket.
#[harness::check(covers = "4.1.2", stage = Installed, within = "10s")]
async fn engine_answers(cx: &Cx) -> Verdict {
    let engine = cx.engine().await?;
    expect("the version of the Engine API", engine.api_version()).at_least((1, 24))
}

/// The docker CLI has a buildx plugin that answers.
#[harness::check(
    covers = ["4.1.2", "4.4.5"],
    stage = Installed,
    after = "validate::builder_functionality::engine_answers",
    within = "20s"
)]
async fn buildx_answers(cx: &Cx) -> Verdict {
    let info = cx.client_info().await?;
    let buildx = info.plugins().find(|plugin| plugin.name == "buildx");
    let found = buildx.map_or("no buildx plugin", |plugin| plugin.err.as_deref().unwrap_or(""));
    expect("what is wrong with the buildx plugin", found).equals("")
}

/// The builder under test builds, and the result is what was asked for.
#[harness::check(
    covers = ["4.1.1", "4.3.1"],
    stage = Installed,
    after = "validate::builder_functionality::buildx_answers",
    within = "120s"
)]
async fn builder_builds(cx: &Cx) -> Verdict {
    let first = cx.first().await?;
    let builder = cx.builder().await?;
    expect("the builder that built", first.record.builder()).equals(Some(builder.name.as_str()))?;
    expect("the result", text(&first.result, "made-of-c")?).equals("the first c\n")?;
    expect("steps of a first build from the cache", first.record.cached()).is_empty()
}

/// The engine does not prefer the classic builder; engines before 23 name none.
#[harness::check(
    covers = ["4.1.2", "4.4.1"],
    stage = Installed,
    after = "validate::builder_functionality::engine_answers",
    within = "10s"
)]
async fn engine_prefers_buildkit(cx: &Cx) -> Verdict {
    let info = cx.engine_info().await?;
    let classic = info.builder.as_deref() == Some("1");
    let said = if classic { "the engine prefers the classic builder" } else { "" };
    expect("what is wrong with the builder that the engine names", said).equals("")
}

/// Every plugin of the docker CLI can run.
#[harness::check(
    covers = ["4.1.2", "4.4.5"],
    stage = Installed,
    after = "validate::builder_functionality::engine_answers",
    within = "20s"
)]
async fn plugins_run(cx: &Cx) -> Verdict {
    let info = cx.client_info().await?;
    let broken = info.plugins().filter_map(|plugin| Some((plugin.name.as_str(), plugin.err.as_deref()?)));
    expect("plugins that cannot run", broken.collect::<Vec<_>>()).is_empty()
}

/// The docker CLI, buildx and the engine each tell a version.
#[harness::check(
    covers = "4.1.2",
    stage = Installed,
    after = "validate::builder_functionality::buildx_answers",
    within = "20s"
)]
async fn programs_tell_their_versions(cx: &Cx) -> Verdict {
    let (client, engine) = (cx.client_info().await?, cx.engine_info().await?);
    let plugins = client.plugins().filter(|plugin| plugin.err.is_none());
    let plugins = plugins.map(|plugin| (plugin.name.as_str(), plugin.version.as_str()));
    let told = plugins.chain([("engine", engine.version.as_str())]);
    let silent: Vec<_> =
        told.filter(|(_, version)| !version.contains(|each: char| each.is_ascii_digit())).collect();
    expect("programs without a version", silent).is_empty()
}

/// The docker CLI's configuration can be read, and so can the metadata of every context.
#[harness::check(covers = ["4.1.2", "4.1.3"], stage = Installed, within = "10s")]
async fn contexts_can_be_read(cx: &Cx) -> Verdict {
    let installation = cx.installation()?;
    let config = installation.client_config().err().into_iter();
    let flaws = config.chain(installation.contexts().flaws).map(|flaw| flaw.to_string());
    expect("files of the docker CLI that cannot be understood", flaws.collect::<Vec<_>>()).is_empty()
}

/// Every file among the builder definitions is one.
#[harness::check(covers = ["4.1.1", "4.1.2"], stage = Installed, within = "10s")]
async fn definitions_can_be_read(cx: &Cx) -> Verdict {
    let installation = cx.installation()?;
    let flaws = installation.builders().flaws.into_iter().chain(installation.selection().flaws);
    expect(
        "files of buildx that cannot be understood",
        flaws.map(|flaw| flaw.to_string()).collect::<Vec<_>>(),
    )
    .is_empty()
}

/// Every builder that is defined, and the one of the context in use, is listed by buildx without an error.
#[harness::check(
    covers = "4.1.2",
    stage = Installed,
    after = "validate::builder_functionality::buildx_answers",
    within = "60s"
)]
async fn builders_are_listed_without_an_error(cx: &Cx) -> Verdict {
    let installation = cx.installation()?;
    let own = installation.context_name().unwrap_or_else(|_| DEFAULT_CONTEXT.into());
    let mut configured: Vec<String> =
        installation.builders().found.into_iter().map(|each| each.name).collect();
    configured.push(own);
    expect("builders on contexts that are gone", on_lost_contexts(&installation)).is_empty()?;
    let listed = cx.listed().await?;
    // Other contexts may lead to machines that are away.
    let ours = listed.iter().filter(|builder| configured.contains(&builder.name));
    let mut wrongs = ours.clone().flat_map(Listed::wrongs).collect::<Vec<_>>();
    wrongs.extend(troubles(cx, &wrongs).await?);
    expect("what buildx says is wrong", wrongs).is_empty()?;
    expect("builders listed", ours.map(|builder| builder.name.clone()).collect::<Vec<_>>())
        .has_all(&configured)
}

/// Why the containers of the nodes that buildx complains of do not go on: it does not say that itself.
async fn troubles(cx: &Cx, wrongs: &[String]) -> Result<Vec<String>, Stop> {
    let nodes = cx.installation()?.builders().found.into_iter().flat_map(|builder| builder.nodes);
    let named = nodes.filter(|node| wrongs.iter().any(|said| said.contains(&format!("({})", node.name))));
    let named: Vec<String> = named.map(|node| container_name(&node.name)).collect();
    if named.is_empty() {
        return Ok(Vec::new());
    }
    let containers = cx.own_containers().await?;
    let troubles =
        containers.iter().filter(|each| named.contains(&each.name)).map(|each| cx.trouble_of(each));
    Ok(join_all(troubles).await.into_iter().flatten().collect())
}

/// The builders of which a node stands on a context that does not exist any more.
fn on_lost_contexts(installation: &Installation) -> Vec<String> {
    let contexts = installation.contexts().found;
    let is_lost = |endpoint: &str| {
        !endpoint.contains("://") && !contexts.iter().any(|context| context.name == endpoint)
    };
    let definitions = installation.builders().found.into_iter();
    definitions
        .filter(|builder| builder.nodes.iter().any(|node| is_lost(&node.endpoint)))
        .map(|builder| format!("{} stands on a context that does not exist", builder.name))
        .collect()
}

/// No builder has the name of a context, whose own builder it would hide.
#[harness::check(covers = "4.1.3", stage = Installed, within = "10s")]
async fn builders_and_contexts_have_names_of_their_own(cx: &Cx) -> Verdict {
    let installation = cx.installation()?;
    let contexts = installation.contexts().found;
    let builders = installation.builders().found.into_iter().map(|builder| builder.name);
    let twice = builders.filter(|name| contexts.iter().any(|context| context.name == *name));
    let twice = twice.map(|name| format!("{name} is the name of a context and of a builder"));
    expect("names that mean two things", twice.collect::<Vec<_>>()).is_empty()
}

/// The engine lets builds through to the BuildKit in it.
#[harness::check(
    covers = ["4.1.2", "4.4.1"],
    stage = Installed,
    after = "validate::builder_functionality::engine_answers",
    within = "20s"
)]
async fn engine_lets_builds_through(cx: &Cx) -> Verdict {
    cx.engine().await?.buildkit().await.map(drop).map_err(unanswered)
}

/// Each builder is of the driver that its definition says.
#[harness::check(
    covers = ["4.1.1", "4.1.2"],
    stage = Installed,
    after = "validate::builder_functionality::buildx_answers",
    within = "60s"
)]
async fn drivers_are_as_defined(cx: &Cx) -> Verdict {
    let listed = cx.listed().await?;
    let defined = cx.installation()?.builders().found;
    let other = defined.iter().filter_map(|definition| {
        let found = listed.iter().find(|builder| builder.name == definition.name)?;
        let said = match definition.driver.as_str() {
            "" => "no driver".to_owned(),
            driver => format!("the driver {driver}"),
        };
        (found.driver != definition.driver)
            .then(|| format!("{} is defined with {said}, and has the driver {}", found.name, found.driver))
    });
    expect("builders of another driver than defined", other.collect::<Vec<_>>()).is_empty()
}

/// A builder that was chosen by command exists, so that builds do not go to another one without a word.
#[harness::check(covers = "4.1.3", stage = Installed, within = "10s")]
async fn chosen_builder_exists(cx: &Cx) -> Verdict {
    let installation = cx.installation()?;
    let selection = installation.selection().found.remove(0);
    let Some(chosen) = selection.remembered() else { return Ok(()) };
    let contexts = installation.contexts().found.into_iter().map(|context| context.name);
    let known = contexts.chain(selection.builders).any(|name| name == chosen.name);
    let said = format!("{} names the selected builder, which does not exist", chosen.name);
    expect("the builder that `docker buildx use` chose", if known { "" } else { said.as_str() }).equals("")
}

/// Every node that runs answers, and tells BuildKit's version.
#[harness::check(
    covers = "4.1.2",
    stage = Installed,
    after = "validate::builder_functionality::buildx_answers",
    within = "60s"
)]
async fn nodes_that_run_answer(cx: &Cx) -> Verdict {
    let listed = cx.listed().await?;
    let running = listed.iter().flat_map(|builder| builder.nodes()).filter(|node| node.status == "running");
    expect(
        "nodes that run and tell no version",
        running.filter(|node| node.version.is_empty()).collect::<Vec<_>>(),
    )
    .is_empty()
}

/// Every builder's container either rests or runs a BuildKit that answers.
#[harness::check(
    covers = "4.1.2",
    stage = Installed,
    after = "validate::builder_functionality::engine_answers",
    within = "30s"
)]
async fn containers_answer_or_rest(cx: &Cx) -> Verdict {
    for container in cx.own_containers().await? {
        let trouble = cx.trouble_of(&container).await;
        expect(format!("what is wrong with {}", container.name), trouble).equals(None)?;
    }
    Ok(())
}

/// No builder's container that rests is bound to a network that is gone: it could not start any more.
#[harness::check(
    covers = "4.1.2",
    stage = Installed,
    after = "validate::builder_functionality::engine_answers",
    within = "20s"
)]
async fn containers_that_rest_can_start(cx: &Cx) -> Verdict {
    let (engine, mut bound) = (cx.engine().await?, Vec::new());
    for container in cx.own_containers().await?.iter().filter(|container| container.state != "running") {
        let lost = engine.lost_networks_of(&container.name).await.map_err(unanswered)?;
        bound.extend(
            lost.iter().map(|name| format!("{} stands on a network that is gone, {name}", container.name)),
        );
    }
    expect("containers that cannot start", bound).is_empty()
}

/// Every builder's container keeps its state in a volume, so that its cache outlives it.
#[harness::check(
    covers = ["4.1.2", "4.3.1"],
    stage = Installed,
    after = "validate::builder_functionality::engine_answers",
    within = "20s"
)]
async fn containers_keep_their_state_in_volumes(cx: &Cx) -> Verdict {
    let containers = cx.own_containers().await?;
    let without = containers.iter().filter(|each| !each.mounts.iter().any(|mount| mount.kind == "volume"));
    let without = without.map(|each| format!("{} keeps its state in no volume", each.name));
    expect("containers of builders without a volume", without.collect::<Vec<_>>()).is_empty()
}

/// The worker of every builder on this engine answers, and builds for the engine's machine unless it is told otherwise.
#[harness::check(
    covers = ["4.1.2", "4.1.4"],
    stage = Installed,
    after = "validate::builder_functionality::engine_answers",
    within = "30s"
)]
async fn workers_build_for_this_machine(cx: &Cx) -> Verdict {
    let own = match cx.engine_info().await?.architecture.as_str() {
        "x86_64" => "amd64".to_owned(),
        "aarch64" => "arm64".to_owned(),
        other => other.to_owned(),
    };
    for builder in cx.builders().await?.into_iter().filter(|builder| !builder.is_remote()) {
        for worker in cx.workers(&builder).await? {
            // BuildKit names the one first that it builds for by itself (moby/buildkit, `worker/base/worker.go`).
            let Some(first) = worker.platforms.first().filter(|first| first.architecture != own) else {
                continue;
            };
            let said = format!("{} does not build for this machine, but for {first}", builder.name);
            expect("what is wrong with the platforms of a worker", said.as_str()).equals("")?;
        }
    }
    Ok(())
}

/// Whatever platform the builder under test claims, a step for it runs.
#[harness::check(
    covers = "4.1.4",
    stage = Installed,
    after = "validate::builder_functionality::builder_builds",
    within = "120s"
)]
async fn claimed_platforms_are_true(cx: &Cx) -> Verdict {
    let workers = cx.workers(&cx.builder().await?).await?;
    let claims = |platform: &str| {
        workers.iter().all(|worker| worker.platforms.iter().any(|claimed| claimed.to_string() == platform))
    };
    let builds = PLATFORMS.into_iter().filter(|platform| claims(platform)).map(async |platform| {
        let sources = cx.project(&TWO_PLATFORMS).await?;
        let result = cx.desk().place("result").await?;
        cx.build(&sources).await?.platforms(&[platform]).output(Output::Folder(&result)).run().await?;
        let machine = if platform == "linux/amd64" { "x86_64" } else { "aarch64" };
        expect(format!("the machine that built for {platform}"), text(&result, "machine")?).equals(machine)
    });
    try_join_all(builds).await.map(drop)
}

/// The builder of the context `desktop-linux` builds, and its result is right.
#[harness::check(
    covers = ["4.1.5", "4.1.2"],
    needs(DesktopLinux),
    stage = Installed,
    after = "validate::builder_functionality::buildx_answers",
    within = "60s"
)]
async fn desktop_linux_builds(cx: &Cx) -> Verdict {
    crate::validate::desktop_linux(cx).await
}

/// A build that names no builder goes to the selected one.
#[harness::check(
    covers = "4.1.3",
    needs(SelectedBuilder),
    stage = Installed,
    after = "validate::builder_functionality::buildx_answers",
    within = "60s"
)]
async fn selected_builder_builds(cx: &Cx) -> Verdict {
    let selection = cx.installation()?.selection().found.remove(0);
    // The client that builds has no BUILDX_BUILDER.
    let selected = Selection { environment: None, ..selection }.selected();
    expect("the builder that built", who_builds(cx, cx.client().await?, None).await?).equals(selected.name)
}

/// `--builder` leads to the builder that it names.
#[harness::check(
    covers = "4.1.3",
    needs(ContainerBuilder),
    stage = Installed,
    after = "validate::builder_functionality::buildx_answers",
    within = "60s"
)]
async fn builder_option_leads_to_its_builder(cx: &Cx) -> Verdict {
    for Builder { name, .. } in [cx.builder().await?, cx.engine_builder().await?] {
        expect("the builder that built", who_builds(cx, cx.client().await?, Some(&name)).await?)
            .equals(name)?;
    }
    Ok(())
}

/// `BUILDX_BUILDER` leads to the builder that it names.
#[harness::check(
    covers = "4.1.3",
    needs(ContainerBuilder),
    stage = Installed,
    after = "validate::builder_functionality::buildx_answers",
    within = "60s"
)]
async fn builder_variable_leads_to_its_builder(cx: &Cx) -> Verdict {
    for Builder { name, .. } in [cx.builder().await?, cx.engine_builder().await?] {
        let docker = cx.client().await?.env("BUILDX_BUILDER", &name);
        expect("the builder that built", who_builds(cx, docker, None).await?).equals(name)?;
    }
    Ok(())
}

/// `docker buildx use` leads later builds to the builder that it names.
#[harness::check(
    covers = "4.1.3",
    needs(ContainerBuilder),
    stage = Installed,
    after = "validate::builder_functionality::buildx_answers",
    within = "60s"
)]
async fn use_leads_to_its_builder(cx: &Cx) -> Verdict {
    let client = cx.fresh_client()?;
    for Builder { name, .. } in [cx.builder().await?, cx.engine_builder().await?] {
        client.docker().args(["buildx", "use", &name]).run_ok().await?;
        expect("the builder that built", who_builds(cx, client.docker(), None).await?).equals(name)?;
    }
    Ok(())
}

/// A Docker context leads to the builder of its own engine, whatever builder is selected.
#[harness::check(
    covers = "4.1.3",
    stage = Installed,
    after = "validate::builder_functionality::buildx_answers",
    within = "60s"
)]
async fn context_leads_to_its_own_builder(cx: &Cx) -> Verdict {
    let Builder { name, .. } = cx.engine_builder().await?;
    let docker = cx.client().await?.args(["--context", &name]);
    expect("the builder that built", who_builds(cx, docker, Some(&name)).await?).equals(name)
}

/// The builder that carries out a small build by `docker`, told to use `builder` or nothing.
async fn who_builds(cx: &Cx, docker: Tool, builder: Option<&str>) -> Result<String, Stop> {
    let sources = cx.project(&TWO_PLATFORMS).await?;
    let build = cx.build_as(docker, &sources).output(Output::Cache);
    let record = builder.into_iter().fold(build, Build::builder).run().await?;
    Ok(record.builder().unwrap_or_default().to_owned())
}
