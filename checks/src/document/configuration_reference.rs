//! Scenario: what can be set, what it does, and what holds.

use fixtures::builds::Output;
use fixtures::guide::configuration::KEYS;
use fixtures::install::Desired;
use fixtures::installation::ImageStore;
use fixtures::inventory::BuildkitdConfig;
use fixtures::projects::THREE_STEPS;
use harness::{Doing, Failure, Stop, Tool, Verdict, expect};
use serde_json::Value;

use crate::papers::CONFIGURATION;
use crate::{Cx, Stage};

/// Every option that an installed builder has is explained in the reference.
#[harness::check(covers = ["5.3.1", "5.3.2"], needs(Consent, ContainerBuilder), stage = Installed, within = "20s")]
async fn every_option_in_use_is_explained(cx: &Cx) -> Verdict {
    let inventory = cx.inventory_of(Stage::Installed)?;
    let nodes = inventory.client.builders.iter().flat_map(|builder| &builder.nodes);
    let mut used = Vec::new();
    for node in nodes {
        used.extend(node.driver_opts.keys().cloned());
        if let Some(BuildkitdConfig::Content(content)) = &node.buildkitd {
            keys("", content, &mut used);
        }
    }
    expect("options of the installed builders", used.clone()).is_not_empty()?;
    let guide = cx.guide(CONFIGURATION)?;
    used.retain(|key| !guide.contains(&format!("`{key}`")));
    expect("options that the reference does not explain", used).is_empty()
}

/// Adds the path of every value in a tree; items of a list have the path of the list.
fn keys(path: &str, value: &Value, found: &mut Vec<String>) {
    match value {
        Value::Object(fields) => {
            fields.iter().for_each(|(name, value)| {
                keys(format!("{path}.{name}").trim_start_matches('.'), value, found)
            });
        }
        Value::Array(items) if items.iter().any(Value::is_object) => {
            items.iter().for_each(|item| keys(path, item, found));
        }
        _ => found.push(path.to_owned()),
    }
}

/// The limits in the reference's own example are those that buildkitd reports of the builder that was installed by it.
#[harness::check(covers = "5.3.3", needs(Lab, ContainerBuilder), stage = Installed, within = "20s")]
async fn the_cache_policy_in_the_reference_is_in_force(cx: &Cx) -> Verdict {
    let guide = cx.guide(CONFIGURATION)?;
    let example =
        guide.split("```toml\n").nth(1).and_then(|rest| rest.split("```").next()).unwrap_or_default();
    let desired =
        Desired::parse(example).map_err(|why| Failure::new("the example", "a desired state", why))?;
    let client = cx.installation()?.private_client()?;
    for (name, builder) in &desired.builders {
        let gc = builder
            .gc
            .as_ref()
            .ok_or_else(|| Stop::Broken(format!("the example of {name} has no limits")))?;
        client.docker().args(["buildx", "inspect", "--bootstrap", name]).run_ok().await?;
        let engine = cx.engine().await?;
        let container = fixtures::installation::container_name(&format!("{name}0"));
        let workers = engine.buildkit_in(&container).await.doing("asking the builder")?.workers().await;
        let workers = workers.doing("asking the builder for its limits")?;
        let limits: Vec<_> =
            workers.iter().flat_map(|worker| &worker.gc).map(|rule| rule.max_used_space).collect();
        let wanted = i64::try_from(gc.limit()).unwrap_or(i64::MAX);
        expect(format!("the limits that builder {name} reports"), limits).has_all(&[wanted])?;
    }
    expect("builders in the example", desired.builders.len()).at_least(1)
}

/// What the reference says of this engine's image store is so: several platforms at once with the containerd image store only.
#[harness::check(
    covers = "5.3.4",
    needs(Buildx),
    stage = Installed,
    after = "validate::builder_functionality::engine_answers",
    within = "60s"
)]
async fn what_is_said_of_the_image_store_is_so(cx: &Cx) -> Verdict {
    let sources = cx.project(&THREE_STEPS).await?;
    // No step runs, so that no emulator is needed.
    sources.write("Dockerfile", "FROM scratch\nCOPY salt /salt\n")?;
    let client = cx.installation()?.private_client()?;
    let context = cx.installation()?.context_name().doing("reading the context in use")?;
    let build = client.build(&sources).builder(&context).platforms(&["linux/amd64", "linux/arm64"]);
    let built = if build.output(Output::Cache).run().await.is_ok() { "yes" } else { "no" };
    let guide = cx.guide(CONFIGURATION)?;
    let row = guide.lines().find(|line| line.starts_with("| several platforms")).unwrap_or_default();
    let column = match cx.engine_info().await?.store {
        ImageStore::Containerd(_) => 2,
        ImageStore::GraphDriver(_) => 3,
    };
    let said = row.split(" | ").nth(column - 1).unwrap_or_default().trim_end_matches(" |");
    expect(
        "whether the engine's own builder builds for two platforms, as the reference says",
        said.to_owned(),
    )
    .equals(built)
}

/// `dockerd --validate`, as the reference gives it, accepts the file in use and refuses a broken one.
#[harness::check(covers = "5.3.5", needs(Lab), stage = Installed, within = "20s")]
async fn the_way_to_check_daemon_json_tells_good_from_bad(cx: &Cx) -> Verdict {
    let line = "dockerd --validate --config-file /etc/docker/daemon.json";
    expect("the reference", cx.guide(CONFIGURATION)?).contains(&format!("`{line}`"))?;
    let environment = cx.installation()?.environment().clone();
    let run = |line: &str| environment.scrubbed(Tool::new("sh")).arg("-c").arg(line).output();
    let good = run(line).await?;
    expect(format!("`{line}` on the file in use"), good.status.success()).equals(true)?;
    let broken = cx.scope().folder()?.join("daemon.json");
    std::fs::write(&broken, "{\"no-such-key\": 1}")?;
    let bad = run(&line.replace("/etc/docker/daemon.json", &broken.display().to_string())).await?;
    expect("the same on a file with an unknown key", bad.status.success()).equals(false)
}

/// Each key of `reinstall.toml` stands in the reference, and a mistake in it is named with the line that it is on, before anything
/// is done.
#[harness::check(covers = "5.3.5", within = "20s")]
async fn a_mistake_in_any_key_is_named_with_its_line(cx: &Cx) -> Verdict {
    let guide = cx.guide(CONFIGURATION)?;
    let unexplained = KEYS.iter().map(|key| key.name).filter(|name| !guide.contains(&format!("`{name}`")));
    expect("keys that the reference does not explain", unexplained.collect::<Vec<_>>()).is_empty()?;
    let mut unnamed = Vec::new();
    for key in KEYS {
        let table = key.table.replace("NAME", "name");
        let header = if table.is_empty() { String::new() } else { format!("[{table}]") };
        let misspelled = format!("{header}\n{}x = 1", key.name);
        match Desired::parse(&misspelled) {
            Err(why) if why.contains("line 2") && why.contains(&format!("{}x", key.name)) => {}
            other => unnamed.push(format!("{misspelled:?} gives {other:?}")),
        }
    }
    expect("mistakes that are not named with their line and key", unnamed).is_empty()
}
