//! A suite that is declared unsoundly is named as such, fault by fault, and not run.

use std::time::Duration;

use harness::{
    Check, Exit, HarnessArgs, Name, Presence, Program, Scope, Spec, Stage, Stop, Suite, Touch, faults,
};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Nothing {}

impl Name for Nothing {
    fn name(self) -> &'static str {
        match self {}
    }

    fn all() -> &'static [Self] {
        &[]
    }
}

impl Stage for Nothing {
    fn after(self) -> Option<Self> {
        match self {}
    }

    fn within(self) -> Duration {
        match self {}
    }
}

struct Bare;

impl Suite for Bare {
    type Need = Nothing;
    type Stage = Nothing;
    type Cx = ();

    async fn probe(&self, need: Nothing) -> Presence {
        match need {}
    }

    async fn bring_up(&self, stage: Nothing, _: &Scope) -> Result<(), Stop> {
        match stage {}
    }

    fn cx(&self, _: Scope) {}
}

const fn check(
    path: &'static str,
    covers: &'static [&'static str],
    after: Option<&'static str>,
) -> Check<Bare> {
    Check {
        path,
        file: file!(),
        line: line!(),
        claim: "It holds.",
        covers,
        needs: &[],
        stage: None,
        after,
        touch: Touch::Shared,
        within: Duration::from_secs(1),
        body: |()| Box::pin(async { Ok(()) }),
    }
}

const SPEC: &str = "[[clause]]\nid = '1.1.1'\nscenario = 'a'\ntext = 'b'";

fn faults_of(checks: &'static [Check<Bare>]) -> Vec<String> {
    faults(checks, &Spec::parse(SPEC).expect("a specification"))
}

#[test]
fn a_sound_suite_has_no_faults() {
    static CHECKS: [Check<Bare>; 2] = [check("x::a", &["1.1.1"], None), check("x::b", &[], Some("a"))];
    assert_eq!(faults_of(&CHECKS), Vec::<String>::new());
}

#[test]
fn a_suite_without_checks_is_at_fault() {
    assert_eq!(faults_of(&[]), ["no check is linked into this program"]);
}

#[test]
fn an_unknown_clause_is_named() {
    static CHECKS: [Check<Bare>; 1] = [check("x::a", &["1.1.1", "9.9.9"], None)];
    assert_eq!(faults_of(&CHECKS), ["a covers 9.9.9, which is no clause"]);
}

#[test]
fn an_unknown_prerequisite_is_named() {
    static CHECKS: [Check<Bare>; 1] = [check("x::a", &[], Some("gone"))];
    assert_eq!(faults_of(&CHECKS), ["a comes after gone, which is no check"]);
}

#[test]
fn two_checks_of_one_name_are_named() {
    static CHECKS: [Check<Bare>; 2] = [check("x::a", &[], None), check("y::a", &[], None)];
    assert_eq!(faults_of(&CHECKS), ["two checks are named a"]);
}

#[test]
fn checks_that_wait_for_each_other_are_named() {
    static CHECKS: [Check<Bare>; 3] =
        [check("x::a", &[], Some("b")), check("x::b", &[], Some("a")), check("x::c", &[], Some("a"))];
    assert_eq!(faults_of(&CHECKS), ["a comes after itself", "b comes after itself"]);
}

#[test]
fn a_suite_at_fault_is_not_run() {
    static CHECKS: [Check<Bare>; 1] = [check("x::a", &["9.9.9"], None)];
    let runs = tempfile::tempdir().expect("a folder");
    let program = Program { suite: Bare, checks: &CHECKS, spec: SPEC, runs: runs.path().join("runs") };
    assert_eq!(harness::run(program, &HarnessArgs::default()), Exit::Broken);
    assert!(!runs.path().join("runs").exists());
}
