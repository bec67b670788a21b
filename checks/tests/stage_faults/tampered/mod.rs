//! What is made otherwise, one thing each: as a stage would have left it that did its work badly, or as somebody makes it who
//! meddles.

mod backed_up;
mod client;
mod drilled;
mod engine;
mod installed;
mod judged;
mod papers;
mod purged;
mod purging;
mod restore_point;

use checks::stages::baselined::{FOREIGN_VOLUME, TEAM_BUILDER, WORN_BUILDER};
use fixtures::installation::{container_name, volume_name};
use fixtures::inventory::{ContainerBuilder, Inventory, Reached, State};
use fixtures::plan::journal::Record;
use fixtures::plan::{Plan, Step, StepId};
use libtest_mimic::Trial;

use crate::case::Case;
use crate::table;

/// Makes one thing of a case otherwise.
pub(crate) type Tampering = fn(&mut Case);

macro_rules! tamperings {
    ($($tampering:path),+ $(,)?) => {
        /// Each with its name in the table.
        pub(crate) const ALL: &[(&str, Tampering)] = &[$((stringify!($tampering), $tampering)),+];
    };
}

tamperings![
    backed_up::a_cache_that_nobody_counted,
    backed_up::a_cache_that_weighs_nothing,
    backed_up::a_container_without_its_mounts,
    backed_up::a_copy_without_whiteouts,
    backed_up::a_definition_without_a_driver,
    backed_up::a_definition_without_its_options,
    backed_up::a_volume_of_the_team_not_saved,
    backed_up::an_embedded_buildkit_with_other_platforms,
    backed_up::builders_that_stayed_down,
    backed_up::copies_that_nobody_counted,
    backed_up::desktop_taken_for_sound,
    backed_up::files_that_others_can_read,
    backed_up::limits_told_otherwise,
    backed_up::no_version_of_the_client,
    backed_up::somebody_elses_volume_saved,
    backed_up::toml_that_was_not_understood,
    client::a_builder_on_an_engine_that_is_gone,
    client::a_builder_without_its_platforms,
    client::a_cache_of_nobody,
    client::a_definition_that_others_can_read,
    client::a_docker_that_is_none,
    client::a_plugin_that_keeps_a_diary,
    client::a_variable_that_is_another,
    client::an_engine_that_is_gone,
    client::buildx_is_broken,
    drilled::a_builder_in_use_that_is_another,
    drilled::a_difference_that_nobody_explains,
    drilled::a_difference_that_should_not_be,
    drilled::a_rollback_without_a_reason,
    drilled::a_sentinel_built_anew,
    drilled::a_step_not_done,
    drilled::an_engine_set_up_otherwise,
    drilled::desktop_mended_by_the_way,
    drilled::nothing_builds,
    drilled::restored_before_removed,
    drilled::selected_before_booted,
    drilled::somebody_elses_volume_gone,
    engine::a_builder_with_another_configuration,
    engine::a_shared_cache_open_to_others,
    engine::an_engine_that_was_another,
    installed::a_builder_that_is_not_selected,
    installed::a_builder_that_nobody_watches,
    installed::a_cache_open_to_others,
    installed::a_context_left_broken,
    installed::a_daemon_that_is_silent,
    installed::a_plan_that_uses_what_cannot_work,
    installed::a_plugin_that_cannot_run,
    installed::a_reason_left_out,
    installed::a_second_builder,
    installed::a_step_not_done,
    installed::a_variable_that_leads_astray,
    installed::a_volume_that_is_missing,
    installed::an_option_unheard_of,
    installed::collection_with_a_rule_less,
    installed::no_builder_at_all,
    installed::other_limits,
    judged::a_broken_workflow_is_overlooked,
    judged::a_critical_error_is_overlooked,
    judged::a_first_look_that_names_another_cause,
    judged::a_first_look_that_saw_nothing,
    judged::a_first_look_that_saw_something_unheard_of,
    judged::a_silent_daemon_is_overlooked,
    judged::a_slow_build_is_overlooked,
    judged::a_trigger_that_fired,
    judged::broken_desktop_is_overlooked,
    judged::builders_that_build_nothing_are_overlooked,
    judged::no_build_between_purge_and_install,
    judged::no_build_is_remembered,
    judged::nobody_asked_the_builders,
    judged::nobody_asked_the_daemon,
    judged::something_left_by_the_purge,
    judged::torn_by_something_else,
    papers::a_cause_is_not_in_the_guide,
    papers::a_command_that_nobody_knows,
    papers::a_criterion_is_not_written_down,
    papers::a_decision_without_its_reason,
    papers::a_deviation_is_not_told,
    papers::a_failure_point_is_not_written_down,
    papers::a_gentle_cleaning_that_is_none,
    papers::a_key_is_not_explained,
    papers::a_lesson_is_forgotten,
    papers::a_limit_that_is_not_in_force,
    papers::a_part_with_no_place_to_report_it,
    papers::a_replacement_is_not_in_the_guide,
    papers::a_stage_is_not_in_the_picture,
    papers::a_step_is_not_in_the_guide,
    papers::a_task_that_the_program_does_not_know,
    papers::an_image_store_that_is_misjudged,
    papers::an_update_is_not_in_the_guide,
    papers::another_output_than_what_happened,
    papers::no_way_to_check_the_engines_configuration,
    papers::no_way_to_tell_how_it_went,
    papers::nobody_is_named,
    papers::others_cannot_follow,
    papers::the_announcement_hides_a_builder,
    papers::what_comes_back_is_not_written_down,
    papers::when_it_is_decided_is_not_written_down,
    papers::where_definitions_are_is_not_in_the_guide,
    purged::a_cache_record_is_left,
    purged::a_container_is_left,
    purged::a_context_is_gone,
    purged::a_definition_file_is_left,
    purged::a_key_of_the_configuration_is_lost,
    purged::a_mark_of_activity_is_left,
    purged::a_torn_volume_is_left,
    purged::a_volume_is_left,
    purged::an_odd_file_in_the_folder_of_buildx,
    purged::another_engine_configuration,
    purged::builds_are_remembered,
    purged::somebody_elses_volume_is_gone,
    purged::the_alias_is_left,
    purged::the_builder_is_left,
    purged::the_default_policy_is_left,
    purged::the_selection_is_left,
    purging::a_build_was_running,
    purging::a_builder_was_not_removed,
    purging::a_container_was_not_stopped,
    purging::a_step_was_not_done,
    purging::another_plan_was_run,
    purging::it_took_too_long,
    purging::no_context_led_to_the_engine,
    purging::removed_before_it_was_stopped,
    purging::somebody_elses_container_was_stopped,
    purging::there_was_no_alias,
    purging::there_was_no_cache,
    purging::there_was_no_cache_anywhere,
    purging::there_was_no_stale_builder,
    purging::there_was_nothing_running,
    restore_point::a_bit_is_flipped,
    restore_point::a_builder_is_missing,
    restore_point::a_volume_is_missing,
    restore_point::it_is_proved_too_late,
    restore_point::platforms_are_lost,
    restore_point::the_configuration_is_another,
    restore_point::the_toml_is_lost,
    restore_point::whiteouts_are_lost,
];

pub(crate) fn trials() -> Vec<Trial> {
    ALL.iter().map(|&(name, tamper)| Trial::test(name, move || table::seen(name, tamper))).collect()
}

/// Whether a tampering is with what all cases share.
pub(crate) fn is_alone(name: &str) -> bool {
    name.starts_with("engine::")
}

/// Whether a tampering is with the evidence, so that every check over it may see it. Otherwise it is with what some checks meet,
/// and the evidence is not about that any more.
pub(crate) fn is_with_evidence(name: &str) -> bool {
    !is_alone(name) && !name.starts_with("client::")
}

/// The engine of an inventory.
fn engine(inventory: &mut Inventory) -> &mut Reached {
    let states = inventory.engines.iter_mut().map(|engine| &mut engine.state);
    let mut reached = states.filter_map(|state| match state {
        State::Reached(reached) => Some(reached.as_mut()),
        State::OutOfReach { .. } => None,
    });
    reached.next().unwrap()
}

/// The container of a node of a builder.
fn container<'a>(inventory: &'a mut Inventory, node: &str) -> &'a mut ContainerBuilder {
    let name = container_name(node);
    engine(inventory).containers.iter_mut().find(|found| found.container.name == name).unwrap()
}

/// The only node of the team's builder.
fn team() -> String {
    format!("{TEAM_BUILDER}0")
}

/// The only node of the builder with a torn cache.
fn worn() -> String {
    format!("{WORN_BUILDER}0")
}

/// The number of the first step that `is` picks.
fn number(plan: &Plan, is: impl Fn(&Step) -> bool) -> StepId {
    plan.steps.iter().find(|planned| is(&planned.step)).unwrap().id
}

/// Whether a record says that a step is done.
fn is_done(record: &Record, id: StepId) -> bool {
    matches!(record, Record::Done { step, .. } if *step == id)
}

/// Whether a volume is somebody else's.
fn is_foreign(volume: &str) -> bool {
    volume == FOREIGN_VOLUME
}

/// The volume of a node.
fn volume(node: &str) -> String {
    volume_name(node)
}
