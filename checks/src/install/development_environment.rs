//! Scenario: what developers use leads to what was installed.

use harness::{Verdict, expect};

use crate::stages::observed::{FIRST_LOOK, FirstLook};
use crate::{Cx, Stage};

/// The first look at the broken installation named what was wrong: the failed check, the text that was seen, the cause and the
/// remedy.
#[harness::check(covers = "3.4.1", needs(Lab, Buildx), stage = Observed, within = "20s")]
async fn first_look_named_what_was_wrong(cx: &Cx) -> Verdict {
    let look: FirstLook = cx.evidence(Stage::Observed, FIRST_LOOK)?;
    let failure =
        look.failure.unwrap_or_else(|| harness::Failure::new("the first look", "a failure", "none"));
    expect("the text that the first look saw", &failure.found).contains("protocol not available")?;
    expect("the cause that it named", failure.cause.unwrap_or_default()).contains("context-npipe")?;
    expect("the remedy that it named", failure.remedy.unwrap_or_default())
        .contains("docker context update desktop-linux")
}

/// What the first look found broken is mended: nothing orders a rollback.
#[harness::check(covers = "3.4.1", needs(Consent, Buildx), stage = Installed, within = "20s")]
async fn nothing_orders_a_rollback(cx: &Cx) -> Verdict {
    let judged = cx.judged()?;
    expect("what orders a rollback", judged.fired).is_empty()?;
    expect("what is wrong with desktop-linux", judged.observed.desktop_problem).equals(None::<String>)
}

/// No variable of the environment leads builds to the classic builder, to another builder or to another engine.
#[harness::check(covers = "3.4.3", needs(Consent), stage = Installed, within = "20s")]
async fn environment_contradicts_nothing(cx: &Cx) -> Verdict {
    let astray = [
        "DOCKER_BUILDKIT",
        "BUILDX_BUILDER",
        "DOCKER_CONTEXT",
        "DOCKER_API_VERSION",
        "DOCKER_DEFAULT_PLATFORM",
    ];
    let set = cx.inventory_of(Stage::Installed)?.environment.into_iter().map(|recorded| recorded.name);
    let odd = set.filter(|name| astray.contains(&name.as_str()));
    expect("variables that change where or how builds run", odd.collect::<Vec<_>>()).is_empty()
}

/// The desired state can be kept apart for development and production: it is a file, and a wrong one is refused with its line.
#[harness::check(covers = "3.4.4", within = "10s")]
async fn desired_state_is_a_file_that_is_checked(_cx: &Cx) -> Verdict {
    let wrong = "[builders.dev]\nmax-paralelism = 2\n";
    let refusal = fixtures::install::Desired::parse(wrong).err().unwrap_or_default();
    expect("what is said of a misspelt key", &refusal).contains("max-paralelism")?;
    let production = "select = \"prod\"\n[builders.prod]\nplatforms = [\"linux/amd64\"]\n";
    expect(
        "a desired state of one's own",
        fixtures::install::Desired::parse(production).map(|desired| desired.select),
    )
    .equals(Ok(Some("prod".to_owned())))
}

/// The development tools work with what was installed: docker, buildx and compose answer.
#[harness::check(covers = "3.4.5", needs(Consent, Buildx, Compose), stage = Installed, within = "20s")]
async fn development_tools_answer(cx: &Cx) -> Verdict {
    let cli = cx.inventory_of(Stage::Installed)?.cli;
    let sound =
        cli.plugins.iter().filter(|plugin| plugin.problem.is_none()).map(|plugin| plugin.name.clone());
    expect("plugins that work", sound.collect::<Vec<_>>()).has_all(&["buildx", "compose"])
}
