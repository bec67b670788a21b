//! Checks whose bodies are run over the evidence of a run that may be another's, in a process of their own: where restore points
//! are, and which client is meant, is in the environment.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use checks::target::Target;
use checks::{Asked, CHECKS, Suite};
use fixtures::lab::packages::Suite as Debian;
use harness::{Scope, Stop, Suite as _, Verdict};

/// The word that a process of this program is called with to judge: after it the folder of the evidence, that of the lab, and the
/// names of checks.
const JUDGE: &str = "--judge";

/// What to judge.
pub(crate) struct Order {
    evidence: PathBuf,
    lab: PathBuf,
    checks: Vec<String>,
}

/// What this process was asked to judge, if it was.
pub(crate) fn asked() -> Option<Order> {
    let mut words = std::env::args_os().skip(1);
    words.next().filter(|word| *word == *JUDGE)?;
    let (evidence, lab) = (words.next()?.into(), words.next()?.into());
    Some(Order { evidence, lab, checks: words.filter_map(|word| word.into_string().ok()).collect() })
}

/// Judges, and prints the verdicts.
pub(crate) fn answer(order: &Order) -> ExitCode {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    println!("{}", serde_json::to_string(&runtime.block_on(judge(order))).unwrap());
    ExitCode::SUCCESS
}

async fn judge(order: &Order) -> BTreeMap<String, Verdict> {
    let asked = Asked { lab_folder: Some(order.lab.clone()), ..Asked::default() };
    let suite = Suite::new(Target::Lab(Debian::Trixie), asked);
    let bodies = CHECKS.iter().filter(|check| order.checks.iter().any(|name| name == check.name()));
    let bodies = bodies.map(async |check| {
        let cx = suite.cx(Scope::under(&order.evidence, check.name()));
        let ended = tokio::time::timeout(check.within, (check.body)(&cx)).await;
        let verdict = ended.unwrap_or_else(|late| Err(Stop::Broken(late.to_string())));
        let explained = verdict.map_err(|stop| match stop {
            Stop::Failed(failure) => suite.explain(*failure).into(),
            broken => broken,
        });
        (check.name().to_owned(), explained)
    });
    futures_util::future::join_all(bodies).await.into_iter().collect()
}

/// How often checks are asked again that an engine was too busy to answer.
const PATIENCE: usize = 5;

/// What the checks of these names say of the evidence in a folder, where the environment has these `variables` too.
pub(crate) fn verdicts(
    evidence: &Path,
    lab: &Path,
    variables: &BTreeMap<String, OsString>,
    checks: &[&str],
) -> BTreeMap<String, Verdict> {
    let ask = || {
        let mut command = Command::new(std::env::current_exe().unwrap());
        command.arg(JUDGE).args([evidence, lab]).args(checks);
        command.envs(variables).env_remove("BUILDX_CONFIG");
        let output = command.output().unwrap();
        assert!(output.status.success(), "{output:?}");
        serde_json::from_slice(&output.stdout).unwrap()
    };
    let mut verdicts: BTreeMap<String, Verdict> = ask();
    for _ in 0..PATIENCE {
        if verdicts.values().any(met_a_busy_engine) {
            verdicts = ask();
        }
    }
    verdicts
}

/// Whether an engine did not answer in time, which says nothing about what was looked at: no tampering makes one that slow.
fn met_a_busy_engine(verdict: &Verdict) -> bool {
    verdict.as_ref().is_err_and(|stop| stop.to_string().contains("no answer within"))
}
