//! Tests of running programs.

use super::*;
use crate::wait::{Look, until};
use std::time::Duration;

#[tokio::test]
async fn a_hidden_secret_is_in_no_message() {
    let failing = || Tool::new("sh").args(["-c", "echo \"got $0\" >&2; exit 3", "sesame"]).hiding("sesame");
    let error = failing().run_ok().await.unwrap_err();
    let told = format!("{error} {error:?} {:?}", failing());
    assert!(told.contains("got (hidden)") && !told.contains("sesame"), "{told}");
}

#[tokio::test]
async fn a_child_that_floods_its_output_is_cut_in_the_middle() {
    let output = Tool::new("sh").args(["-c", "yes | head -c 3000000; echo end"]).run_ok().await.unwrap();
    assert!(output.stdout.len() < KEPT_BYTES + 100);
    assert!(output.stdout.starts_with("y\n") && output.stdout.ends_with("end\n"));
    assert!(output.stdout.contains("bytes left out"));
}

#[tokio::test]
async fn lines_come_one_by_one_and_long_ones_are_cut() {
    let mut seen = Vec::new();
    let script = "echo a; head -c 1000000 /dev/zero | tr '\\0' x; echo; printf last >&2";
    let tool = Tool::new("sh").args(["-c", script]);
    let status = tool.each_line(|stream, line| seen.push((stream, line.len()))).await.unwrap();
    assert!(status.success());
    assert!(seen.contains(&(Stream::Stdout, 1)));
    assert!(seen.contains(&(Stream::Stdout, LINE_BYTES)));
    assert!(seen.contains(&(Stream::Stderr, 4)));
}

#[tokio::test]
async fn dropping_the_wait_ends_what_the_child_started() {
    let folder = tempfile::tempdir().unwrap();
    let pid_file = folder.path().join("pid");
    let script = format!("sleep 300 & echo $! > {}; wait", pid_file.display());
    let run = Tool::new("sh").args(["-c", &script]).output();
    let started = until("the grandchild", Duration::from_millis(5), Duration::from_secs(10), || async {
        match std::fs::read_to_string(&pid_file) {
            Ok(text) if text.ends_with('\n') => Look::Ready(text.trim().to_owned()),
            other => Look::NotYet(format!("{other:?}")),
        }
    });
    let pid = tokio::select! { _ = run => panic!("ended early"), pid = started => pid.unwrap() };
    until("the end of the grandchild", Duration::from_millis(5), Duration::from_secs(10), || async {
        match std::fs::read_to_string(format!("/proc/{pid}/stat")) {
            Ok(stat) if !stat.contains(") Z ") => Look::NotYet(stat),
            _ => Look::Ready(()),
        }
    })
    .await
    .unwrap();
}

#[tokio::test]
async fn input_reaches_the_child_and_failure_quotes_its_last_words() {
    let tool = Tool::new("sh").args(["-c", "cat >&2; exit 3"]).input("first\nlast words\n");
    let error = tool.run_ok().await.unwrap_err().to_string();
    assert!(error.contains("exit status: 3") && error.contains("last words"), "{error}");
}
