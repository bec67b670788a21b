//! From a suite and a command line to a running engine.

use std::panic::AssertUnwindSafe;
use std::path::PathBuf;
use std::sync::Arc;

use tokio::runtime::{Handle, Runtime};

use crate::args::{HarnessArgs, Require, complain};
use crate::engine::interrupt::Interrupt;
use crate::engine::list;
use crate::engine::log::Log;
use crate::engine::needs::Presences;
use crate::engine::plan::{Plan, faults};
use crate::engine::run::Engine;
use crate::engine::tally::Tally;
use crate::engine::turn::Turns;
use crate::exit::Exit;
use crate::process;
use crate::report::human::say;
use crate::run_folder::RunFolder;
use crate::spec::Spec;
use crate::suite::{Check, Suite};

/// A suite, ready to run.
pub struct Program<S: Suite> {
    /// The suite.
    pub suite: S,
    /// Its checks.
    pub checks: &'static [Check<S>],
    /// The text of `spec.toml`.
    pub spec: &'static str,
    /// The folder of all runs.
    pub runs: PathBuf,
}

/// Lists, or runs what the command line selects.
pub fn run<S: Suite>(program: Program<S>, args: &HarnessArgs) -> Exit {
    if args.libtest.list {
        list::print(program.checks, &args.libtest);
        return Exit::Passed;
    }
    // Whatever goes wrong in there, the process does not end with the code of a panic.
    let ended = std::panic::catch_unwind(AssertUnwindSafe(|| start(program, args)));
    process::end_all();
    ended.unwrap_or_else(|_| broken(&["the harness itself panicked".to_owned()]))
}

fn start<S: Suite>(program: Program<S>, args: &HarnessArgs) -> Exit {
    let spec = match Spec::parse(program.spec) {
        Ok(spec) => spec,
        Err(error) => return broken(&[error.to_string()]),
    };
    let faults = faults(program.checks, &spec);
    if !faults.is_empty() {
        return broken(&faults);
    }
    let runtime = match Runtime::new() {
        Ok(runtime) => runtime,
        Err(error) => return broken(&[format!("no runtime: {error}")]),
    };
    let exit = match prepare(program, args, runtime.handle()) {
        Ok(engine) => Arc::new(engine).run(args, &spec),
        Err(exit) => exit,
    };
    // A body that was given up may still hold a thread of it.
    runtime.shutdown_background();
    exit
}

/// Says why nobody can tell.
pub(crate) fn broken(why: &[String]) -> Exit {
    why.iter().for_each(|line| say(&format!("error: {line}")));
    Exit::Broken
}

/// Everything that can be refused before anything is started.
fn prepare<S: Suite>(program: Program<S>, args: &HarnessArgs, runtime: &Handle) -> Result<Engine<S>, Exit> {
    let require = Require::read::<S>(&args.require).map_err(|line| complain(&line))?;
    let folder = RunFolder::open(&program.runs)
        .map_err(|error| complain(&format!("cannot keep a run in {}: {error}", program.runs.display())))?;
    let plan = Plan::of(program.checks);
    let selected = plan.selected(&args.libtest).iter().map(|check| check.name()).collect();
    let log = Arc::new(Log::default());
    let (known, run) = (Arc::clone(&log), folder.path().display().to_string());
    let interrupt =
        Interrupt::listen(runtime, move || format!("{}; all that is known is in {run}", known.up()))
            .map_err(|error| broken(&[format!("cannot listen for signals: {error}")]))?;
    let turns = Turns::new(folder.path());
    Ok(Engine {
        suite: Arc::new(program.suite),
        plan,
        selected,
        require,
        presences: Presences::default(),
        folder,
        log,
        tally: Tally::default(),
        fresh_line: if args.libtest.test_threads == Some(1) { "\n" } else { "" },
        turns,
        runtime: runtime.clone(),
        interrupt,
    })
}
