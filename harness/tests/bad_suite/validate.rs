//! Checks whose bodies misbehave.

use std::time::Duration;

use harness::{Look, Stop, Tool, Verdict, check, expect, until};

use crate::Cx;

/// The sun rises.
#[check(covers = ["1.1.1", "2.1.1"], within = "20s")]
async fn passes(_: &Cx) -> Verdict {
    Ok(())
}

/// The floor is dry.
#[check(covers = "1.1.2", within = "20s")]
async fn fails(cx: &Cx) -> Verdict {
    cx.scope.record("level", &7)?;
    expect("water on the floor", "knee-deep").equals("none")
}

/// The vase is whole.
#[check(covers = "2.1.1", within = "20s")]
async fn panics(cx: &Cx) -> Verdict {
    cx.scope.doing("dusting the vase");
    panic!("dropped it\nand stepped on it")
}

/// The letter can be read.
#[check(covers = "2.1.1", within = "20s")]
async fn breaks(cx: &Cx) -> Verdict {
    cx.scope.doing("opening the letter");
    Err(Stop::Broken("it is \u{1b}[31msealed\u{1b}[0m ]]> & \u{0} <gone>".into()))
}

/// The bus comes.
#[check(covers = "2.1.1", within = "300ms")]
async fn hangs(cx: &Cx) -> Verdict {
    cx.scope.doing("waiting at the stop");
    std::future::pending().await
}

/// The clock moves.
#[check(covers = "2.1.1", within = "300ms")]
async fn hangs_without_awaiting(cx: &Cx) -> Verdict {
    cx.scope.doing("staring at the clock");
    loop {
        std::thread::park();
    }
}

/// The dog comes home.
#[check(covers = "2.1.1", within = "20s")]
async fn leaks_a_process(cx: &Cx) -> Verdict {
    let pid = cx.scope.folder()?.join("pid");
    let script = format!("sleep 300 >/dev/null 2>&1 & echo $! > '{}'", pid.display());
    Tool::new("sh").args(["-c", &script]).run_ok().await?;
    Ok(())
}

/// The boat sails by its deadline.
#[check(covers = "2.1.1", within = "2s")]
async fn hangs_with_a_child(cx: &Cx) -> Verdict {
    let pid = cx.scope.folder()?.join("pid");
    cx.scope.doing("watching the boat");
    let script = format!("sleep 300 & echo $! > '{}'; wait", pid.display());
    Tool::new("sh").args(["-c", &script]).run_ok().await?;
    Ok(())
}

/// The table is clean afterwards.
#[check(covers = "2.1.1", within = "20s")]
async fn leaves_debris(cx: &Cx) -> Verdict {
    cx.scope.leaves("crumbs on the table");
    Ok(())
}

/// The parrot says little.
#[check(covers = "2.1.1", within = "20s")]
async fn fails_at_great_length(_: &Cx) -> Verdict {
    expect("what the parrot said", "squawk ".repeat(100_000)).contains("silence")
}

/// The king dines by himself.
#[check(covers = "2.1.1", alone, within = "20s")]
async fn is_alone(cx: &Cx) -> Verdict {
    expect("others at the table", at_table(cx, "king").await?).is_empty()
}

/// The queen dines by herself.
#[check(covers = "2.1.1", alone, within = "20s")]
async fn is_alone_too(cx: &Cx) -> Verdict {
    expect("others at the table", at_table(cx, "queen").await?).is_empty()
}

/// Sits down, looks around for a while, leaves.
async fn at_table(cx: &Cx, who: &str) -> Result<Vec<String>, Stop> {
    let table = cx.scope.beside("validate::table");
    let place = table.folder()?.join(who);
    std::fs::write(&place, "")?;
    let others = until("others", Duration::from_millis(5), Duration::from_millis(60), || async {
        let seated = std::fs::read_dir(place.parent().expect("a file is in a folder")).into_iter().flatten();
        let names = seated.flatten().map(|entry| entry.file_name().to_string_lossy().into_owned());
        let others: Vec<String> = names.filter(|name| name != who).collect();
        if others.is_empty() { Look::NotYet("nobody".into()) } else { Look::Ready(others) }
    })
    .await;
    std::fs::remove_file(&place)?;
    Ok(others.unwrap_or_default())
}

/// The show goes on until somebody stops it.
#[check(covers = "2.1.1", needs(Moon), stage = Dug, within = "1m")]
async fn goes_on_for_ever(cx: &Cx) -> Verdict {
    cx.scope.doing("singing");
    cx.scope.record("verse", &1)?;
    std::future::pending().await
}

/// The show after it goes on until somebody stops it.
#[check(covers = "2.1.1", needs(Moon), stage = Dug, within = "1m")]
async fn goes_on_for_ever_too(_: &Cx) -> Verdict {
    std::future::pending().await
}
