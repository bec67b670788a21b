//! The suite on live installations, in a lab: each broken in one way and called so with its cause, odd ones called sound,
//! and none different afterwards. What is wrong with a command line needs no lab.
#![expect(clippy::unwrap_used, reason = "in a test, failing is how to say it")]

mod bad_input;
mod oddities;
mod program;
mod refusals;
mod table;

use std::process::ExitCode;

use fixtures::lab::buildkit_image;
use fixtures::lab::packages::{PackageCache, Suite};
use fixtures::lab::progress::Progress;
use fixtures::lab::{Lab, LabSpec, Owner, run_if_asked};
use libtest_mimic::{Arguments, Trial};

fn main() -> ExitCode {
    if let Some(code) = run_if_asked() {
        return code;
    }
    let mut arguments = Arguments::from_args();
    if arguments.list || Lab::is_here() {
        // What is waited for is the engine more than the processor.
        arguments.test_threads.get_or_insert(4);
        return libtest_mimic::run(&arguments, trials()).exit_code();
    }
    tokio::runtime::Runtime::new().unwrap().block_on(run_inside())
}

fn trials() -> Vec<Trial> {
    let mut trials = bad_input::trials();
    trials.extend(table::trials());
    trials.extend(oddities::trials());
    trials.extend(refusals::trials());
    trials
}

/// Starts a lab and runs this program in it, with the same arguments.
async fn run_inside() -> ExitCode {
    let (cache, progress) = (PackageCache::open().unwrap(), Progress::stderr());
    // Inside there is no network to fetch it from.
    let _ = buildkit_image::ensure(&cache, &progress).await.inspect_err(|error| eprintln!("{error}"));
    let folder = tempfile::tempdir().unwrap();
    let spec = LabSpec::from_packages(Suite::Trixie, folder.path().join("lab"), &cache, &progress).await;
    let programs = std::env::current_exe().unwrap().parent().unwrap().to_owned();
    let spec = spec.unwrap().share(programs.parent().unwrap()).share(std::env::current_dir().unwrap());
    let lab = Lab::start(spec, Owner::this_process().unwrap()).await.unwrap();
    let status = lab.exec_self(std::env::args_os().skip(1)).await.unwrap();
    lab.stop().unwrap();
    ExitCode::from(status.code().and_then(|code| u8::try_from(code).ok()).unwrap_or(2))
}
