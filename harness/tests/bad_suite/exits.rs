//! Every exit code, and what leads to it. 7 and 8 come from transactions, which are no checks.

use std::process::Stdio;

use crate::program::{Ran, World, ended};

fn ends_with(code: i32, args: &[&str]) -> (World, Ran) {
    let world = World::new();
    let ran = world.ran(args);
    assert_eq!(ran.code, Some(code), "{args:?}: {ran:?}");
    (world, ran)
}

pub(crate) fn all_passed_is_0() {
    ends_with(0, &["--exact", "validate::passes"]);
}

pub(crate) fn a_broken_promise_is_1() {
    ends_with(1, &["--exact", "validate::fails"]);
    ends_with(1, &["--exact", "clean::is_blocked_by_a_failed_stage"]);
}

pub(crate) fn a_broken_suite_is_2() {
    ends_with(2, &["--exact", "validate::panics"]);
    ends_with(2, &["--exact", "clean::is_blocked_by_a_stage_that_panics"]);
}

pub(crate) fn wrong_usage_is_3_with_one_line_and_nothing_started() {
    for (args, line) in [
        (vec!["--bogus"], "error: unexpected argument '--bogus' found (see --help)"),
        (vec!["--formt", "json"], "'--formt' found; tip: a similar argument exists: '--format' (see --help)"),
        (
            vec!["--require", "ground,sun"],
            "unknown need `sun` in --require: known are all, ground, moon, riddle",
        ),
        (
            vec!["--junit-dialect", "loose"],
            "'loose' for '--junit-dialect <strict|rich>'; [possible values: strict",
        ),
        (vec!["--junit", "/proc/none/junit.xml"], "error: cannot write /proc/none/junit.xml: "),
    ] {
        let (_, ran) = ends_with(3, &args);
        assert_eq!(ran.stderr.lines().count(), 1, "{ran:?}");
        assert!(ran.stderr.contains(line), "{ran:?}");
        assert_eq!(ran.stdout, "");
    }
    let closed = World::of_mood("closed").ran(&[]);
    assert_eq!(closed.code, Some(3));
    assert_eq!(closed.stderr, "error: the suite is closed today: come back tomorrow\n");
}

pub(crate) fn nothing_selected_is_4() {
    let (_, ran) = ends_with(4, &["no_such_check"]);
    assert!(ran.stderr.starts_with("no check is selected; --list shows them all\n"), "{ran:?}");
    ends_with(4, &["--ignored"]);
}

pub(crate) fn nothing_but_skips_is_4() {
    ends_with(4, &["goes_on_for_ever"]);
}

pub(crate) fn a_required_need_that_is_missing_is_5() {
    for require in ["all", "moon", "ground,moon"] {
        let (world, ran) = ends_with(5, &["goes_on_for_ever", "--require", require]);
        assert!(ran.stdout.contains("the need moon"), "{ran:?}");
        assert_eq!(world.report()["checks"][0]["required"], "moon");
    }
    ends_with(4, &["goes_on_for_ever", "--require", "ground"]);
    let world = World::new();
    let by_variable = world.command(&["goes_on_for_ever"]).env("REINSTALL_REQUIRE", "all").spawn().unwrap();
    assert_eq!(ended(by_variable).code, Some(5));
}

pub(crate) fn debris_is_6() {
    let (_, ran) = ends_with(6, &["leaves_debris"]);
    assert!(ran.stderr.contains("left by validate::leaves_debris: crumbs on the table"), "{ran:?}");
    let sticky = World::of_mood("sticky").ran(&["--exact", "validate::passes"]);
    assert_eq!(sticky.code, Some(6), "{sticky:?}");
    assert!(sticky.stderr.contains("left by tear_down: a puddle"), "{sticky:?}");
}

pub(crate) fn verdicts_that_nobody_reads_are_2_and_no_panic() {
    let world = World::new();
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let child = world.command(&["passes"]).stdout(Stdio::from(writer)).spawn().unwrap();
    assert_eq!(ended(child).code, Some(2));
}

pub(crate) fn a_failed_check_that_nobody_selected_counts() {
    let (world, ran) = ends_with(1, &["is_blocked_by_a_failed_check"]);
    assert!(
        ran.stderr.contains("wanted first by others: validate::fails failed: water on the floor"),
        "{ran:?}"
    );
    assert_eq!(world.report()["checks"][1]["selected"], false);
}

pub(crate) fn an_empty_variable_is_an_absent_one() {
    let world = World::new();
    let mut command = world.command(&["--exact", "validate::passes"]);
    command.env("REINSTALL_REQUIRE", "").env("REINSTALL_JUNIT", "").env("REINSTALL_JUNIT_DIALECT", "");
    let ran = ended(command.spawn().unwrap());
    assert_eq!(ran.code, Some(0), "{ran:?}");
}

pub(crate) fn a_run_with_nothing_has_one_case_that_says_so() {
    let (world, _) = ends_with(4, &["no_such_check"]);
    let xml = world.read("junit.xml");
    assert!(xml.contains(r#"tests="1""#) && xml.contains(r#"name="nothing_ran""#), "{xml}");
}
