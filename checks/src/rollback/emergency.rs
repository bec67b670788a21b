//! When things are worse than a rollback can mend.

use std::time::Duration;

use fixtures::control::EngineControl;
use harness::{Doing, Verdict, expect};

use crate::{Cx, Stage};

/// How long an engine may take to come back.
const COMES_BACK: Duration = Duration::from_secs(60);

/// An engine that was killed comes back by one command, with its images and builders.
#[harness::check(covers = "R.20", needs(Lab), stage = Installed, within = "120s", alone)]
async fn killed_engine_comes_back(cx: &Cx) -> Verdict {
    let installation = cx.installation()?;
    let control = EngineControl::here();
    control.kill(COMES_BACK).await.doing("killing the engine")?;
    let dead = installation.engine().await.is_err();
    control.start(COMES_BACK).await.doing("starting the engine again")?;
    expect("whether the killed engine was gone", dead).equals(true)?;
    let engine = installation.engine().await.doing("asking the engine that came back")?;
    let id = engine.info().await.doing("asking the engine that came back")?.id;
    let before = cx.inventory_of(Stage::Installed)?;
    let ids: Vec<String> = before.reached().map(|engine| engine.info.id.clone()).collect();
    expect("identities of engines before", ids).has_all(&[id])
}

/// While the builders are gone, the engine's own builder builds.
#[harness::check(covers = ["R.21", "6.2.1", "6.2.4"], needs(Consent, Buildx), stage = Purged, within = "30s")]
async fn engines_own_builder_is_another_way(cx: &Cx) -> Verdict {
    let fallback = cx.between()?.fallback;
    expect(
        "a build between purge and install",
        fallback.map(|reading| reading.content.contains_key("tree/made")),
    )
    .equals(Ok(true))
}
