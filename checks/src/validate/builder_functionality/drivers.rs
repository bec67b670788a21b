//! Builders by their drivers: each that an installation has builds, and its result is read; what builds elsewhere is judged
//! by its files and by whether somebody is there.

use std::collections::BTreeMap;
use std::path::Path;

use fixtures::builds::{Build, Output};
use fixtures::installation::{BuildKit, BuilderDefinition, Platform, PrivateClient, container_name};
use fixtures::lab::{Certificate, StandAlone};
use fixtures::projects::TWO_PLATFORMS;
use futures_util::future::{join_all, try_join_all};
use harness::{Stop, Verdict, expect};

use crate::Cx;
use crate::building::{Far, elsewhere, remembers, text, unanswered};
use crate::own_builder::{definition, image, with_own};

/// Each builder that runs carries out a build, and its result is right; of the others it is put down why they did not.
#[harness::check(
    covers = "4.1.1",
    stage = Installed,
    after = "validate::builder_functionality::buildx_answers",
    within = "120s"
)]
async fn each_builder_builds(cx: &Cx) -> Verdict {
    let builders = cx.builders().await?;
    let defined = cx.installation()?.builders().found;
    let others = defined.iter().filter(|each| !builders.iter().any(|builder| builder.name == each.name));
    let others: BTreeMap<&str, &str> = others.map(|each| (each.name.as_str(), why_not(each))).collect();
    cx.scope().record("builders_that_were_not_built_with", &others)?;
    let builds = builders.iter().map(async |builder| {
        let sources = cx.project(&TWO_PLATFORMS).await?;
        let result = cx.desk().place("result").await?;
        let record = cx.build_on(builder, &sources).await?.output(Output::Folder(&result)).run().await?;
        expect("the builder that built", record.builder()).equals(Some(builder.name.as_str()))?;
        expect(format!("what {} built", builder.name), text(&result, "machine")?).differs_from(String::new())
    });
    try_join_all(builds).await.map(drop)
}

fn why_not(definition: &BuilderDefinition) -> &'static str {
    match definition.driver.as_str() {
        "docker-container" => "it rests, and is not woken",
        "remote" => "it does not answer",
        driver if elsewhere::DRIVERS.contains(&driver) => {
            "it builds elsewhere: only its files and whether its server is there are judged"
        }
        _ => "its driver is not known here",
    }
}

/// Every node of the remote driver answers; where one does not, what is in the way is named.
#[harness::check(
    covers = ["4.1.1", "4.1.2"],
    stage = Installed,
    after = "validate::builder_functionality::buildx_answers",
    within = "60s"
)]
async fn remote_nodes_answer(cx: &Cx) -> Verdict {
    let nodes: Vec<Far> = cx.installation()?.builders().found.iter().flat_map(Far::nodes_of).collect();
    let answers = nodes.iter().map(async |node| cx.buildkit_far(node).await.map(drop));
    try_join_all(answers).await.map(drop)
}

/// Builders of the kubernetes and cloud drivers say where they build, and the server there takes connections; whether they
/// build is not judged.
#[harness::check(covers = "4.1.2", stage = Installed, within = "60s")]
async fn builders_elsewhere_are_within_reach(cx: &Cx) -> Verdict {
    let installation = cx.installation()?;
    let definitions = installation.builders().found;
    let elsewhere =
        definitions.iter().filter(|builder| elsewhere::DRIVERS.contains(&builder.driver.as_str()));
    let nodes = elsewhere.flat_map(|builder| builder.nodes.iter().map(move |node| (&builder.driver, node)));
    let obstacles = nodes.map(|(driver, node)| elsewhere::obstacle(driver, node, installation.environment()));
    let obstacles: Vec<String> = join_all(obstacles).await.into_iter().flatten().collect();
    expect("what is in the way of builders elsewhere", obstacles).is_empty()
}

/// No node is made for a platform that its BuildKit cannot build for.
#[harness::check(
    covers = "4.1.4",
    stage = Installed,
    after = "validate::builder_functionality::engine_answers",
    within = "60s"
)]
async fn nodes_can_build_what_they_are_made_for(cx: &Cx) -> Verdict {
    let mut untrue = Vec::new();
    let builders = cx.builders().await?;
    for definition in cx.installation()?.builders().found {
        let Some(builder) = builders.iter().find(|each| each.name == definition.name) else { continue };
        for (node, buildkit) in definition.nodes.iter().zip(cx.buildkits(builder).await?) {
            let can = platforms(&buildkit).await?;
            let cannot =
                node.platforms.iter().filter(|claimed| !can.iter().any(|each| covers(each, claimed)));
            untrue.extend(cannot.map(|claimed| {
                format!("{} is made for {claimed}, which its BuildKit cannot build for", node.name)
            }));
        }
    }
    expect("claims that are not true", untrue).is_empty()
}

async fn platforms(buildkit: &BuildKit) -> Result<Vec<Platform>, Stop> {
    let workers = buildkit.workers().await.map_err(unanswered)?;
    Ok(workers.into_iter().flat_map(|worker| worker.platforms).collect())
}

/// BuildKit leaves out the variant that every machine of an architecture has (containerd/platforms, `normalizeArch`).
fn covers(can: &Platform, claimed: &Platform) -> bool {
    let usual = claimed.architecture == "arm64" && claimed.variant == "v8";
    can == claimed
        || (usual
            && can.variant.is_empty()
            && (&can.os, &can.architecture) == (&claimed.os, &claimed.architecture))
}

/// Builders of the remote driver build, through a socket and through a port that wants certificates, on the BuildKit that
/// they lead to.
#[harness::check(
    covers = ["4.1.1", "4.1.3"],
    needs(Lab, ContainerBuilder),
    stage = Installed,
    after = "validate::builder_functionality::buildx_answers",
    within = "120s"
)]
async fn remote_builders_build(cx: &Cx) -> Verdict {
    let (installation, folder) = (cx.installation()?, cx.desk().place("far").await?);
    let container = format!("reinstall-far-{}", cx.desk().salt());
    let far = StandAlone::start(&installation, &container, &image(cx)?, &folder, Certificate::Good).await?;
    let credentials = far.credentials().map(|(option, file)| format!("{option}={}", file.display()));
    let ways = [(far.socket(), None), (far.address(), Some(credentials.join(",")))];
    let builds = ways.iter().map(|(address, options)| builds_far(cx, address, options.as_deref()));
    let built = try_join_all(builds).await.map(drop);
    far.end(&installation).await?;
    built
}

/// Builds by a builder at `address`, and finds the build in the history of the BuildKit there.
async fn builds_far(cx: &Cx, address: &str, options: Option<&str>) -> Verdict {
    let (client, name) = (cx.fresh_client()?, format!("far-{}", cx.desk().salt()));
    let create = client.docker().args(["buildx", "create", "--driver", "remote", "--name", &name]);
    let create = options.into_iter().fold(create, |create, options| create.args(["--driver-opt", options]));
    create.arg(address).run_ok().await?;
    let (label, result) = (cx.desk().own_label(), cx.desk().place("result").await?);
    let sources = cx.project(&TWO_PLATFORMS).await?;
    let build = Build::new(client.docker(), &sources).run_id(&label).builder(&name);
    let record = build.output(Output::Folder(&result)).run().await?;
    expect("the builder that built", record.builder()).equals(Some(name.as_str()))?;
    expect(format!("what was built at {address}"), text(&result, "machine")?).differs_from(String::new())?;
    let file = client.buildx_config().join("instances").join(&name);
    let definition = BuilderDefinition::parse(&file, std::fs::read(&file)?)
        .map_err(|flaw| Stop::Broken(flaw.to_string()))?;
    for node in Far::nodes_of(&definition) {
        let remembers = remembers(&cx.buildkit_far(&node).await?, &label).await?;
        expect(format!("whether the BuildKit at {address} remembers the build"), remembers).equals(true)?;
    }
    Ok(())
}

/// In a builder of two nodes, each platform is built by the node that was made for it, and both at once by both.
#[harness::check(
    covers = ["4.1.1", "4.1.4"],
    needs(ContainerBuilder, Amd64, Arm64),
    stage = Installed,
    after = "validate::builder_functionality::buildx_answers",
    within = "120s"
)]
async fn each_node_builds_for_its_platform(cx: &Cx) -> Verdict {
    let name = format!("nodes-{}", cx.desk().salt());
    let nodes = [format!("{name}-amd64"), format!("{name}-arm64")];
    let define = async |client: &PrivateClient| define_nodes(cx, client, &name, &nodes).await;
    with_own(cx, &name, define, async |client| {
        let (amd64, arm64) = ("linux/amd64", "linux/arm64");
        for (platforms, expected) in
            [(&[amd64][..], [true, false]), (&[arm64], [false, true]), (&[amd64, arm64], [true, true])]
        {
            let label = cx.desk().own_label();
            let sources = cx.project(&TWO_PLATFORMS).await?;
            let result = cx.desk().place("result").await?;
            let build = Build::new(client.docker(), &sources).run_id(&label).builder(&name);
            build.platforms(platforms).output(Output::Folder(&result)).run().await?;
            machines_are_right(&result, platforms)?;
            let asked = nodes.iter().map(async |node| {
                let buildkit = cx.engine().await?.buildkit_in(&container_name(node)).await;
                remembers(&buildkit.map_err(unanswered)?, &label).await
            });
            let who = try_join_all(asked).await?;
            expect(format!("the nodes that built for {}", platforms.join(" and ")), who).equals(expected)?;
        }
        Ok(())
    })
    .await
}

/// Two nodes on one engine. buildx wants each to have an address of its own, so that the second gets a link to the socket.
async fn define_nodes(cx: &Cx, client: &PrivateClient, name: &str, nodes: &[String; 2]) -> Verdict {
    let (image, link) = (image(cx)?, cx.desk().place("engine.sock").await?);
    std::os::unix::fs::symlink(cx.engine().await?.socket(), &link)?;
    let [amd64, arm64] = nodes;
    let first = definition(client, name, &image).args(["--node", amd64, "--platform", "linux/amd64"]);
    first.run_ok().await?;
    let second = definition(client, name, &image).args(["--node", arm64, "--platform", "linux/arm64"]);
    second.arg("--append").arg(format!("unix://{}", link.display())).run_ok().await?;
    client.docker().args(["buildx", "inspect", "--bootstrap", name]).run_ok().await?;
    Ok(())
}

/// A result for several platforms has a folder for each.
fn machines_are_right(result: &Path, platforms: &[&str]) -> Verdict {
    for platform in platforms {
        let folder = if platforms.len() > 1 { platform.replace('/', "_") } else { String::new() };
        let machine = if *platform == "linux/amd64" { "x86_64" } else { "aarch64" };
        expect(format!("the machine that built for {platform}"), text(&result.join(folder), "machine")?)
            .equals(machine)?;
    }
    Ok(())
}
