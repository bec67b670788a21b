//! Papers that lack something, or say what is not so.

use std::fs;
use std::path::PathBuf;

use checks::Stage;
use checks::stages::planned::ROLLBACK_PLAN;

use crate::case::Case;

/// The guide on what can be set.
const CONFIGURATION: &str = "configuration.md";
/// The guide on what keeps an installation sound.
const MAINTENANCE: &str = "maintenance.md";
/// The guide on the way through a reinstall.
const PROCEDURE: &str = "procedure.md";
/// The guide from what somebody sees to what mends it.
const TROUBLESHOOTING: &str = "troubleshooting.md";
/// The guide through the reinstall of the run.
const REINSTALL: &str = "reinstall.md";

/// Takes the lines with these words out of a paper.
fn without(case: &Case, name: &str, words: &str) {
    case.lines(&case.paper(name), |line| !line.contains(words));
}

/// Puts other words in the place of some.
fn reworded(path: PathBuf, words: &str, others: &str) {
    let text = fs::read_to_string(&path).unwrap();
    assert!(text.contains(words), "{words} is not in {text}");
    fs::write(path, text.replace(words, others)).unwrap();
}

fn written_plan(case: &Case, words: &str) {
    case.lines(&case.file(Stage::Planned, ROLLBACK_PLAN), |line| !line.contains(words));
}

pub(super) fn a_cause_is_not_in_the_guide(case: &mut Case) {
    without(case, TROUBLESHOOTING, "protocol not available");
}

pub(super) fn a_command_that_nobody_knows(case: &mut Case) {
    reworded(case.paper(MAINTENANCE), "`docker buildx prune", "`docker buildx frobnicate");
    reworded(case.paper(TROUBLESHOOTING), "`docker buildx", "`docker buildx --frobnicate");
}

pub(super) fn a_criterion_is_not_written_down(case: &mut Case) {
    written_plan(case, "not one of the builders");
}

pub(super) fn a_decision_without_its_reason(case: &mut Case) {
    without(case, PROCEDURE, "additional instances of driver");
}

pub(super) fn a_deviation_is_not_told(case: &mut Case) {
    without(case, REINSTALL, "cannot be undone");
}

pub(super) fn a_failure_point_is_not_written_down(case: &mut Case) {
    written_plan(case, "restart the engine");
}

pub(super) fn a_key_is_not_explained(case: &mut Case) {
    without(case, CONFIGURATION, "`max-parallelism`");
}

pub(super) fn a_lesson_is_forgotten(case: &mut Case) {
    let lessons = case.evidence().join("lessons/lessons.md");
    case.lines(&lessons, |line| !line.contains("cannot be undone"));
}

pub(super) fn a_gentle_cleaning_that_is_none(case: &mut Case) {
    reworded(case.paper(MAINTENANCE), "prune --filter until=168h --force", "prune --all --force");
}

pub(super) fn a_limit_that_is_not_in_force(case: &mut Case) {
    reworded(case.paper(CONFIGURATION), "20GB", "30GB");
}

pub(super) fn a_part_with_no_place_to_report_it(case: &mut Case) {
    without(case, TROUBLESHOOTING, "github.com/moby/buildkit/issues");
}

pub(super) fn a_replacement_is_not_in_the_guide(case: &mut Case) {
    without(case, PROCEDURE, "pkill buildkit");
}

pub(super) fn a_stage_is_not_in_the_picture(case: &mut Case) {
    reworded(case.paper(PROCEDURE), "backed_up --> ", "");
}

pub(super) fn a_step_is_not_in_the_guide(case: &mut Case) {
    without(case, REINSTALL, "**prune the build cache");
}

pub(super) fn a_task_that_the_program_does_not_know(case: &mut Case) {
    reworded(case.paper(MAINTENANCE), "`reinstall watch", "`reinstall polish");
}

pub(super) fn an_image_store_that_is_misjudged(case: &mut Case) {
    let path = case.paper(CONFIGURATION);
    let text = fs::read_to_string(&path).unwrap();
    let turned = text.lines().map(|line| match line.starts_with("| several platforms") {
        true => line.replace("| yes", "| NO").replace("| no", "| yes").replace("| NO", "| no"),
        false => line.to_owned(),
    });
    fs::write(path, turned.collect::<Vec<_>>().join("\n")).unwrap();
}

pub(super) fn an_update_is_not_in_the_guide(case: &mut Case) {
    without(case, MAINTENANCE, "--keep-state");
}

pub(super) fn another_output_than_what_happened(case: &mut Case) {
    without(case, REINSTALL, "  completed");
}

pub(super) fn no_way_to_check_the_engines_configuration(case: &mut Case) {
    without(case, CONFIGURATION, "dockerd --validate");
}

pub(super) fn no_way_to_tell_how_it_went(case: &mut Case) {
    without(case, "afterwards.txt", "reinstall watch --note");
}

pub(super) fn nobody_is_named(case: &mut Case) {
    without(case, TROUBLESHOOTING, "No contact is configured");
}

pub(super) fn others_cannot_follow(case: &mut Case) {
    case.lines(&case.folder().join("events.jsonl"), |line| !line.contains("\"observed\""));
}

pub(super) fn the_announcement_hides_a_builder(case: &mut Case) {
    let beforehand = case.paper("beforehand.txt");
    reworded(beforehand, "worn", "");
}

pub(super) fn what_comes_back_is_not_written_down(case: &mut Case) {
    written_plan(case, "`$DOCKER_CONFIG/contexts`");
}

pub(super) fn when_it_is_decided_is_not_written_down(case: &mut Case) {
    case.lines(&case.file(Stage::Planned, ROLLBACK_PLAN), |line| !line.starts_with("- **"));
}

pub(super) fn where_definitions_are_is_not_in_the_guide(case: &mut Case) {
    without(case, MAINTENANCE, "instances/NAME");
}
