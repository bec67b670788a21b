use std::time::Duration;

use harness::linkme::distributed_slice;
use harness::{Check, Exit, HarnessArgs, Name, Presence, Program, Scope, Stop, Verdict, check, expect};

/// What the checks cannot do without.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Need {
    Wind,
}

impl Name for Need {
    fn name(self) -> &'static str {
        "wind"
    }

    fn all() -> &'static [Self] {
        &[Self::Wind]
    }
}

/// What is brought up before a check that asks for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Stage {
    Pitched,
}

impl Name for Stage {
    fn name(self) -> &'static str {
        "pitched"
    }

    fn all() -> &'static [Self] {
        &[Self::Pitched]
    }
}

impl harness::Stage for Stage {
    fn after(self) -> Option<Self> {
        None
    }

    fn within(self) -> Duration {
        Duration::from_secs(60)
    }
}

/// What the body of a check gets.
pub struct Cx {
    scope: Scope,
}

pub struct Suite;

impl harness::Suite for Suite {
    type Need = Need;
    type Stage = Stage;
    type Cx = Cx;

    async fn probe(&self, _: Need) -> Presence {
        Presence::Absent { why: "it is calm; wait for the evening".into() }
    }

    async fn bring_up(&self, _: Stage, scope: &Scope) -> Result<(), Stop> {
        scope.record("pegs", &["north", "south"])
    }

    fn cx(&self, scope: Scope) -> Cx {
        Cx { scope }
    }
}

#[distributed_slice]
pub static CHECKS: [Check<Suite>];

/// The tent stands on two pegs.
#[check(covers = "1.1.1", stage = Pitched, within = "10s")]
async fn stands_on_two_pegs(cx: &Cx) -> Verdict {
    let pegs: Vec<String> = cx.scope.beside("stages::pitched").read("pegs")?;
    expect("the pegs", pegs).has_all(&["north", "south"])
}

/// The flag flies.
#[check(covers = "1.1.2", needs(Wind), stage = Pitched, within = "10s")]
async fn flag_flies(_: &Cx) -> Verdict {
    Ok(())
}

fn main() -> Exit {
    let runs = std::env::temp_dir().join(format!("tent-{}", std::process::id()));
    let spec = "
        [[clause]]
        id = '1.1.1'
        scenario = 'Camp'
        text = 'the tent stands'
        [[clause]]
        id = '1.1.2'
        scenario = 'Camp'
        text = 'the flag flies'";
    let program = Program { suite: Suite, checks: &CHECKS, spec, runs: runs.clone() };
    let exit = harness::run(program, &HarnessArgs::default());
    std::fs::remove_dir_all(runs).expect("the run left a folder");
    exit
}
