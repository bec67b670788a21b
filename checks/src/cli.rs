//! The command line, and the way from it to a verdict.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;
use fixtures::install::Desired;
use fixtures::lab::ImageStore;
use harness::{Exit, HarnessArgs, Program};

use crate::target::{Target, Wanted};
use crate::{Asked, CHECKS, SPEC, Suite, lab};

/// Judges an installation of BuildKit: your own, or a whole reinstall in a disposable lab.
#[derive(Debug, Parser)]
#[command(name = "reinstall")]
pub struct Cli {
    /// libtest's arguments, and what a run requires and reports.
    #[command(flatten)]
    pub harness: HarnessArgs,

    /// Which installation: auto, live, lab, lab:trixie, lab:forky, lab:bookworm.
    #[arg(long, value_name = "TARGET", env = "REINSTALL_TARGET", default_value = "auto")]
    pub target: Wanted,

    /// Where the engine of a lab keeps its images, instead of where it does by itself.
    #[arg(long, value_name = "containerd|graphdriver", env = "REINSTALL_IMAGE_STORE")]
    pub image_store: Option<ImageStore>,

    /// Leave to change the live installation: its name, as the plan prints it.
    #[arg(long, value_name = "NAME", env = "REINSTALL_CONSENT")]
    pub consent: Option<String>,

    /// The profile of reinstall.toml that is installed.
    #[arg(long, value_name = "NAME", env = "REINSTALL_PROFILE")]
    pub profile: Option<String>,

    /// The folder of the lab that this process is in.
    #[arg(long, hide = true)]
    pub lab_folder: Option<PathBuf>,
}

/// How many checks run at a time unless the user says otherwise: they wait for builders more than they compute.
const SIDE_BY_SIDE: usize = 8;
/// Tells this program, run inside a lab, where the lab's folder is.
pub(crate) const LAB_FOLDER: &str = "--lab-folder";

/// The whole of the test target `reinstall`. `runs` is the folder that keeps the runs.
pub fn main(runs: PathBuf) -> ExitCode {
    // A lab's own processes are this program too.
    if let Some(code) = fixtures::lab::run_if_asked() {
        return code;
    }
    match harness::parse() {
        Ok(cli) => judge(cli, runs),
        Err(exit) => exit.into(),
    }
}

/// Judges what the command line names.
pub fn judge(cli: Cli, runs: PathBuf) -> ExitCode {
    let selects_nothing = harness::listing(&CHECKS, &cli.harness.libtest).is_empty();
    if cli.harness.libtest.list || selects_nothing {
        return run(&cli, runs, Target::Undecided).into();
    }
    if let Err(exit) = harness::vet::<Suite>(&cli.harness) {
        return exit.into();
    }
    if let Err(error) = Desired::here(cli.profile.as_deref()) {
        return harness::complain(&error.to_string()).into();
    }
    match crate::target::decide(cli.target) {
        Ok(Target::Lab(suite)) if cli.lab_folder.is_none() => {
            lab::judge_inside(suite, cli.image_store, &runs, cli.harness.junit.as_deref())
        }
        Ok(target) => run(&cli, runs, target).into(),
        Err(line) => harness::complain(&line).into(),
    }
}

fn run(cli: &Cli, runs: PathBuf, target: Target) -> Exit {
    let asked = Asked {
        consent: cli.consent.clone(),
        profile: cli.profile.clone(),
        lab_folder: cli.lab_folder.clone(),
    };
    let suite = Suite::new(target, asked);
    let mut harness = cli.harness.clone();
    harness.libtest.test_threads.get_or_insert(SIDE_BY_SIDE);
    harness::run(Program { suite, checks: &CHECKS, spec: SPEC, runs }, &harness)
}
