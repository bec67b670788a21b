//! The suite on live installations, in a lab: each broken in one way and called so with its cause, odd ones called sound,
//! and none different afterwards. What is wrong with a command line needs no lab.
#![expect(clippy::unwrap_used, reason = "in a test, failing is how to say it")]

mod bad_input;
mod busy;
mod guide;
mod healed;
mod matrix;
mod oddities;
mod picture;
mod program;
mod refusals;
mod reinstalled;
mod rows;
mod silent;

use std::path::Path;
use std::process::ExitCode;

use fixtures::lab::packages::{PackageCache, Suite};
use fixtures::lab::{Lab, around, npm, run_if_asked};
use libtest_mimic::{Arguments, Trial};

use program::RUNTIME;

fn main() -> ExitCode {
    if let Some(code) = run_if_asked() {
        return code;
    }
    let mut arguments = Arguments::from_args();
    if arguments.list || Lab::is_here() {
        // What is waited for is the engine more than the processor.
        arguments.test_threads.get_or_insert(4);
        let engine = engine();
        let trials = if engine == Suite::Trixie { trials() } else { trials_on(engine) };
        let conclusion = libtest_mimic::run(&arguments, trials);
        if !arguments.list && std::env::var_os("REINSTALL_BLESS").is_some() {
            rows::bless(engine);
            guide::bless();
        }
        return conclusion.exit_code();
    }
    // What a lab has no network for; where it cannot be had, the checks that want it are skipped.
    let _ = RUNTIME.block_on(async { npm::devcontainers(&PackageCache::open().unwrap()).await });
    // All of the workspace is to be seen inside.
    std::env::set_current_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("..")).unwrap();
    let others = [Suite::Forky].into_iter().filter(|engine| is_asked_for(&arguments, *engine));
    let engines = std::iter::once(Suite::Trixie).chain(others);
    let codes = engines.map(|engine| RUNTIME.block_on(around::run_again_inside(engine)).unwrap());
    let failed = codes.into_iter().find(|code| *code != ExitCode::SUCCESS);
    failed.unwrap_or(ExitCode::SUCCESS)
}

/// The engine of the lab that this is, which is in the name of its host; the default one outside of labs.
fn engine() -> Suite {
    let host = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    host.trim().strip_prefix("lab-").and_then(|name| name.parse().ok()).unwrap_or(Suite::Trixie)
}

/// Whether a test on another engine is among those that are to run.
fn is_asked_for(arguments: &Arguments, engine: Suite) -> bool {
    let with_ignored = arguments.ignored || arguments.include_ignored;
    let is_run = |trial: &Trial| with_ignored || !trial.has_ignored_flag();
    trials_on(engine).iter().any(|trial| is_run(trial) && !arguments.is_filtered_out(trial))
}

fn trials_on(engine: Suite) -> Vec<Trial> {
    let mut trials = matrix::trials_on(engine);
    trials.extend(oddities::trials_on(engine));
    trials
}

fn trials() -> Vec<Trial> {
    let mut trials = bad_input::trials();
    trials.extend(matrix::trials());
    trials.extend(oddities::trials());
    trials.extend(refusals::trials());
    trials.extend(silent::trials());
    trials.extend(busy::trials());
    trials.extend(guide::trials());
    trials.extend(reinstalled::trials());
    trials
}
