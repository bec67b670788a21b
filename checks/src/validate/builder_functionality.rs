//! Scenario: each builder builds, is healthy, can be selected, and does what it claims.

use harness::{Verdict, expect};

use crate::Cx;

/// The engine answers through its socket.
#[harness::check(covers = "4.1.2", within = "10s")]
async fn engine_answers(cx: &Cx) -> Verdict {
    let engine = cx.engine().await?;
    expect("the version of the Engine API", engine.api_version()).at_least((1, 24))
}

/// The `desktop-linux` builder builds.
#[harness::check(covers = "4.1.5", stage = Installed, within = "60s")]
async fn desktop_linux_builds(cx: &Cx) -> Verdict {
    super::desktop_linux(cx).await
}
