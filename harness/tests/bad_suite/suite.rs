//! The suite itself: its needs, its stages, and what goes wrong in them.

use std::collections::BTreeMap;
use std::time::Duration;

use harness::linkme::distributed_slice;
use harness::{Check, Exit, Failure, HarnessArgs, Presence, Program, RunFolder, Scope, Stop, Suite, expect};

#[distributed_slice]
pub(crate) static CHECKS: [Check<BadSuite>];

/// What checks of this suite need.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Need {
    Ground,
    Moon,
    Riddle,
}

impl harness::Name for Need {
    fn name(self) -> &'static str {
        match self {
            Self::Ground => "ground",
            Self::Moon => "moon",
            Self::Riddle => "riddle",
        }
    }

    fn all() -> &'static [Self] {
        &[Self::Ground, Self::Moon, Self::Riddle]
    }
}

/// What is brought up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Stage {
    Dug,
    Built,
    Flooded,
    Drained,
    Cursed,
    Furnished,
}

impl harness::Name for Stage {
    fn name(self) -> &'static str {
        match self {
            Self::Dug => "dug",
            Self::Built => "built",
            Self::Flooded => "flooded",
            Self::Drained => "drained",
            Self::Cursed => "cursed",
            Self::Furnished => "furnished",
        }
    }

    fn all() -> &'static [Self] {
        &[Self::Dug, Self::Built, Self::Flooded, Self::Drained, Self::Cursed, Self::Furnished]
    }
}

impl harness::Stage for Stage {
    fn after(self) -> Option<Self> {
        match self {
            Self::Dug | Self::Cursed | Self::Furnished => None,
            Self::Built | Self::Flooded => Some(Self::Dug),
            Self::Drained => Some(Self::Flooded),
        }
    }

    fn first(self) -> Option<&'static str> {
        (self == Self::Furnished).then_some("validate::fails")
    }

    fn within(self) -> Duration {
        Duration::from_secs(20)
    }
}

/// What a body of this suite gets.
pub(crate) struct Cx {
    pub(crate) scope: Scope,
}

pub(crate) struct BadSuite;

impl Suite for BadSuite {
    type Need = Need;
    type Stage = Stage;
    type Cx = Cx;

    async fn open(&self, _: &RunFolder) -> Result<Option<String>, String> {
        if mood("closed") {
            return Err("the suite is closed today: come back tomorrow".into());
        }
        Ok(Some("target: a misbehaving world".into()))
    }

    async fn probe(&self, need: Need) -> Presence {
        match need {
            Need::Ground => Presence::Present,
            Need::Moon if mood("night") => Presence::Present,
            Need::Moon => Presence::Absent { why: "it is cloudy; wait for the night".into() },
            Need::Riddle => panic!("nobody knows"),
        }
    }

    async fn bring_up(&self, stage: Stage, scope: &Scope) -> Result<(), Stop> {
        scope.doing(format!("working on {stage:?}"));
        match stage {
            Stage::Dug => scope.record("spade", &"blunt"),
            Stage::Built | Stage::Drained | Stage::Furnished => Ok(()),
            Stage::Flooded => expect("water in the cellar", "knee-deep").equals("none"),
            Stage::Cursed => panic!("the curse works"),
        }
    }

    fn cx(&self, scope: Scope) -> Cx {
        Cx { scope }
    }

    fn explain(&self, failure: Failure) -> Failure {
        if failure.found.contains("knee-deep") {
            return failure.explained("a burst pipe", "pump out --cellar");
        }
        failure
    }

    async fn environment(&self) -> BTreeMap<String, String> {
        BTreeMap::from([("weather".to_owned(), "cloudy".to_owned())])
    }

    fn rerun(&self, check: &str) -> String {
        format!("bad_suite --exact {check}")
    }

    async fn tear_down(&self, scope: &Scope) -> Result<(), Stop> {
        if mood("sticky") {
            scope.leaves("a puddle");
        }
        if mood("stubborn") {
            std::future::pending::<()>().await;
        }
        Ok(())
    }
}

/// Whether the suite was asked to behave in this way too.
fn mood(word: &str) -> bool {
    std::env::var("BAD_SUITE").is_ok_and(|moods| moods.contains(word))
}

#[derive(clap::Parser)]
struct Cli {
    #[command(flatten)]
    harness: HarnessArgs,
}

pub(crate) fn main() -> Exit {
    let cli: Cli = match harness::parse() {
        Ok(cli) => cli,
        Err(exit) => return exit,
    };
    let runs = std::env::var_os("BAD_SUITE_RUNS").expect("whoever sets BAD_SUITE sets this too");
    let spec = include_str!("spec.toml");
    let program = Program { suite: BadSuite, checks: &CHECKS, spec, runs: runs.into() };
    harness::run(program, &cli.harness)
}
