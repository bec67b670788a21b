//! Whether a rollback worked.

use std::time::Duration;

use fixtures::team::announcement::{self, RolledBack, Sender};
use fixtures::team::outage::Outage;
use harness::{Verdict, expect};

use crate::stages::baselined::{FOREIGN_VOLUME, TEAM_BUILDER};
use crate::{Cx, Stage};

/// The builder that was in use before is in use again.
#[harness::check(covers = "R.15", needs(Lab, ContainerBuilder), stage = Drilled, within = "30s")]
async fn selected_builder_is_the_old_one(cx: &Cx) -> Verdict {
    let before = cx.inventory_of(Stage::BackedUp)?.client.selected;
    expect("the builder in use after the rollback", &cx.inventory_of(Stage::Drilled)?.client.selected)
        .equals(&before)?;
    expect("the builder in use before", before.name).equals(TEAM_BUILDER)
}

/// The engine is reached as before, and reports the same settings.
#[harness::check(covers = ["R.17", "R.18"], needs(Lab), stage = Drilled, within = "30s")]
async fn engine_is_as_before(cx: &Cx) -> Verdict {
    let infos = |inventory: &fixtures::inventory::Inventory| {
        inventory.reached().map(|engine| engine.info.clone()).collect::<Vec<_>>()
    };
    let before = infos(&cx.inventory_of(Stage::BackedUp)?);
    expect("engines after the rollback", infos(&cx.inventory_of(Stage::Drilled)?)).equals(before)
}

/// Each difference that is allowed after a rollback has a reason.
#[harness::check(covers = "R.17", needs(Lab), stage = Drilled, within = "30s")]
async fn allowed_differences_have_reasons(cx: &Cx) -> Verdict {
    let unexplained = cx.drill()?.verdict.allowed.into_iter().filter(|allowed| allowed.why.is_empty());
    expect("differences without a reason", unexplained.collect::<Vec<_>>()).is_empty()
}

/// What is somebody else's is untouched by purge, install and rollback alike.
#[harness::check(covers = "R.11", needs(Lab, ContainerBuilder), stage = Drilled, within = "30s")]
async fn somebody_elses_volume_survived_everything(cx: &Cx) -> Verdict {
    let after = cx.inventory_of(Stage::Drilled)?;
    let volumes = after.reached().flat_map(|engine| &engine.volumes).map(|volume| volume.name.clone());
    expect("volumes after the rollback", volumes.collect::<Vec<_>>()).has_all(&[FOREIGN_VOLUME])
}

/// The rollback can be announced: the notice has its reason, and says whether it was verified.
#[harness::check(covers = "R.19", needs(Lab), stage = Drilled, within = "30s")]
async fn rollback_can_be_announced(cx: &Cx) -> Verdict {
    let drill = cx.drill()?;
    let sender =
        Sender { installation: &cx.plan_of(Stage::Drilled)?.installation, contact: None, run: "runs/latest" };
    let news = RolledBack {
        reason: &drill.reason,
        verified: drill.verdict.is_as_before(),
        outage: Outage { without_any: Duration::ZERO, without_some: drill.took },
        remaining: &drill.desktop.into_iter().collect::<Vec<_>>(),
    };
    let notice = announcement::rolled_back(sender, &news).plain();
    expect("the notice", &notice).contains(&drill.reason)?;
    expect("the notice", &notice).contains("that was verified")?;
    expect("what the notice says still does not work", &notice).contains("protocol not available")
}
