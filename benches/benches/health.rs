//! What twenty health checks of one builder cost, against their eight builds alone by the docker CLI, one after another:
//! `cargo bench --bench health`, in a lab of its own. Both run several times in turn, so that a busy machine slows both.
#![expect(clippy::unwrap_used, reason = "a bench that cannot go on says why and ends")]

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};
use std::time::Duration;

use benches::rounds::{median, timed};
use fixtures::lab::packages::Suite;
use fixtures::lab::{Lab, around, run_if_asked};
use fixtures::projects::{COMPOSE, Project, THREE_STEPS, TWO_PLATFORMS};

/// How often both are measured.
const ROUNDS: usize = 7;
/// The builder.
const BUILDER: &str = "measured";
/// Tells this program to be the suite: checks are measured in the profile that the bench is compiled in.
const AS_SUITE: &str = "HEALTH_AS_SUITE";

/// The checks: what they build is what [`eight_builds`] builds.
const CHECKS: [&str; 20] = [
    "builder_functionality::engine_answers",
    "builder_functionality::buildx_answers",
    "builder_functionality::plugins_run",
    "builder_functionality::programs_tell_their_versions",
    "builder_functionality::builders_are_listed_without_an_error",
    "builder_functionality::chosen_builder_exists",
    "builder_functionality::drivers_are_as_defined",
    "builder_functionality::nodes_that_run_answer",
    "builder_functionality::workers_build_for_this_machine",
    "builder_functionality::containers_answer_or_rest",
    "builder_functionality::containers_keep_their_state_in_volumes",
    "cache_operations::garbage_collector_has_rules",
    "cache_operations::usage_can_be_counted",
    "builder_functionality::builder_builds",
    "cache_operations::second_build_runs_no_step",
    "cache_operations::changed_file_reruns_the_steps_below_it",
    "multi_platform::two_platform_image_agrees_with_itself",
    "cache_operations::cache_moves_between_builders_by_folder",
    "development_workflow::compose_builds_two_services",
    "development_workflow::docker_build_goes_through_buildkit",
];

fn main() -> ExitCode {
    if let Some(code) = run_if_asked() {
        return code;
    }
    if let Some(runs) = std::env::var_os(AS_SUITE) {
        return checks::cli::main(runs.into());
    }
    if Lab::is_here() {
        measure();
        return ExitCode::SUCCESS;
    }
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(around::run_again_inside(Suite::Trixie)).unwrap()
}

fn measure() {
    let image = tokio::runtime::Runtime::new().unwrap().block_on(around::image()).unwrap();
    docker(&["load", "--quiet", "--input", image.archive.to_str().unwrap()]);
    let option = format!("image={},network=host", image.tag);
    docker(&["buildx", "create", "--use", "--name", BUILDER, "--driver-opt", &option, "--bootstrap"]);
    let folder = tempfile::tempdir().unwrap();
    let skipped = all_but_ours(folder.path());
    let (mut builds, mut checks, mut single) = (Vec::new(), Vec::new(), Vec::new());
    for round in 0..ROUNDS {
        builds.push(eight_builds(&folder.path().join(format!("builds-{round}")), round));
        checks.push(timed(|| suite(folder.path(), &skipped)));
        let one = ["--exact".into(), format!("validate::{}", CHECKS[14])];
        single.push(timed(|| suite(folder.path(), &one)));
    }
    let (builds, checks, single) = (median(builds), median(checks), median(single));
    println!("eight builds by CLI, one after another: {builds:>8.2?}");
    println!("twenty checks with the same builds:     {checks:>8.2?}");
    println!("ratio, at most 1:                       {:>8.2}", checks.as_secs_f64() / builds.as_secs_f64());
    println!("one check by --exact:                   {single:>8.2?}");
}

/// First, again, changed; two platforms; cache out, cache in; compose (two services in one command); and `docker build`.
fn eight_builds(folder: &Path, round: usize) -> Duration {
    let project = |project: &Project, name: &str| {
        let sources = project.materialise(&folder.join(name), &format!("round-{round}-{name}")).unwrap();
        sources.folder().display().to_string()
    };
    let (steps, platforms) = (project(&THREE_STEPS, "steps"), project(&TWO_PLATFORMS, "platforms"));
    let (moved, services, plain) =
        (project(&THREE_STEPS, "moved"), project(&COMPOSE, "services"), project(&TWO_PLATFORMS, "plain"));
    let (result, image, cache) = (folder.join("result"), folder.join("image"), folder.join("cache"));
    let (out, cache) = (format!("type=local,dest={}", result.display()), cache.display().to_string());
    let oci = format!("type=oci,tar=false,compression=uncompressed,dest={}", image.display());
    let (to, from) = (format!("type=local,mode=max,dest={cache}"), format!("type=local,src={cache}"));
    let build = ["buildx", "build", "--builder", BUILDER];
    timed(|| {
        docker(&[&build[..], &["--output", &out, &steps]].concat());
        docker(&[&build[..], &["--output", &out, &steps]].concat());
        std::fs::write(Path::new(&steps).join("b"), "the second b\n").unwrap();
        docker(&[&build[..], &["--output", &out, &steps]].concat());
        docker(
            &[&build[..], &["--platform", "linux/amd64,linux/arm64", "--output", &oci, &platforms]].concat(),
        );
        docker(&[&build[..], &["--cache-to", &to, "--output", "type=cacheonly", &moved]].concat());
        docker(&["buildx", "build", "--builder", "default", "--cache-from", &from, "--output", &out, &moved]);
        let mut compose = command("docker", &["compose", "build"]);
        compose.current_dir(&services).env("IMAGE_PREFIX", format!("round-{round}")).env("RUN", "bench");
        succeeds(compose);
        docker(&["build", "--output", &out, &plain]);
    })
}

/// Every check that is not one of ours, as arguments that skip it: the command line takes one name at most.
fn all_but_ours(folder: &Path) -> Vec<String> {
    let mut list = as_suite(folder);
    list.arg("--list").stdout(Stdio::piped());
    let listed = String::from_utf8(list.output().unwrap().stdout).unwrap();
    let names = listed.lines().filter_map(|line| line.strip_suffix(": test"));
    let ours = |name: &&str| CHECKS.iter().any(|check| name.strip_prefix("validate::") == Some(check));
    let others = names.filter(|name| !ours(name)).flat_map(|name| ["--skip".into(), name.to_owned()]);
    std::iter::once("--exact".to_owned()).chain(others).collect()
}

fn suite(folder: &Path, arguments: &[String]) {
    let mut suite = as_suite(folder);
    suite.args(["--target", "live"]).args(arguments);
    succeeds(suite);
}

fn as_suite(folder: &Path) -> Command {
    let mut suite = Command::new(std::env::current_exe().unwrap());
    suite.env(AS_SUITE, PathBuf::from(folder).join("runs"));
    suite
}

fn docker(arguments: &[&str]) {
    succeeds(command("docker", arguments));
}

fn command(program: &str, arguments: &[&str]) -> Command {
    let mut command = Command::new(program);
    command.args(arguments);
    command
}

fn succeeds(mut command: Command) {
    let output = command.stdin(Stdio::null()).output().unwrap();
    assert!(output.status.success(), "{command:?}: {output:?}");
}
