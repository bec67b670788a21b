//! A client's configuration in which something is wrong, for checks that meet the installation.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use fixtures::install::ENVIRONMENT_FILE;
use fixtures::installation::Installation;
use serde_json::Value;

use crate::case::Case;

/// The builder that is installed.
const BUILDER: &str = "reinstall";

/// Makes something otherwise in the builder's definition.
fn definition(client: &Installation, change: impl FnOnce(&mut Value)) {
    let path = client.instances_folder().join(BUILDER);
    let mut definition: Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
    change(&mut definition);
    fs::write(path, definition.to_string()).unwrap();
}

/// Puts another value into the file that shells read.
fn shells_read(case: &mut Case, value: &str, other: &str) {
    let path = case.client().buildx_config().join(ENVIRONMENT_FILE);
    let text = fs::read_to_string(&path).unwrap();
    assert!(text.contains(value), "{text}");
    fs::write(path, text.replace(value, other)).unwrap();
}

/// Writes a program.
fn program(path: &Path, text: &str) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
}

pub(super) fn a_builder_on_an_engine_that_is_gone(case: &mut Case) {
    definition(&case.client(), |definition| {
        definition["Nodes"][0]["Endpoint"] = "unix:///run/gone.sock".into();
    });
}

pub(super) fn a_builder_without_its_platforms(case: &mut Case) {
    definition(&case.client(), |definition| definition["Nodes"][0]["Platforms"] = Value::Null);
}

pub(super) fn a_cache_of_nobody(case: &mut Case) {
    let empty = case.folder().join("empty");
    fs::create_dir(&empty).unwrap();
    shells_read(case, "type=local,src=/srv/build-cache", &format!("type=local,src={}", empty.display()));
}

pub(super) fn a_definition_that_others_can_read(case: &mut Case) {
    let path = case.client().instances_folder().join(BUILDER);
    fs::set_permissions(path, fs::Permissions::from_mode(0o644)).unwrap();
}

pub(super) fn a_docker_that_is_none(case: &mut Case) {
    let programs = case.folder().join("bin");
    program(&programs.join("docker"), "#!/bin/sh\necho 'Emulate Docker CLI using podman.' >&2\nexit 125\n");
    let rest = std::env::var("PATH").unwrap();
    case.set("PATH", format!("{}:{rest}", programs.display()));
}

pub(super) fn a_plugin_that_keeps_a_diary(case: &mut Case) {
    let plugins = case.client().docker_config().join("cli-plugins");
    let metadata = r#"{"SchemaVersion":"0.1.0","Vendor":"somebody","Version":"1.0"}"#;
    let text = format!("#!/bin/sh\necho asked >> \"$(dirname \"$0\")/../diary\"\necho '{metadata}'\n");
    program(&plugins.join("docker-diary"), &text);
}

pub(super) fn a_variable_that_is_another(case: &mut Case) {
    shells_read(case, "DOCKER_BUILDKIT='1'", "DOCKER_BUILDKIT='0'");
}

pub(super) fn an_engine_that_is_gone(case: &mut Case) {
    case.set("DOCKER_HOST", "unix:///run/gone.sock");
}

pub(super) fn buildx_is_broken(case: &mut Case) {
    case.plant("plugin-corrupt");
}
