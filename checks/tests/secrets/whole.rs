//! Everything that the program can do, on an installation full of secrets.

use std::fs;

use crate::owner::Owner;
use crate::{canary, found};

/// A check that looks at every builder.
const CHECK: [&str; 5] =
    ["check", "--target", "live", "--exact", "validate::builder_functionality::desktop_linux_builds"];

fn words(owned: &[String]) -> Vec<&str> {
    owned.iter().map(String::as_str).collect()
}

pub(crate) async fn a_reinstall_and_its_rollback_show_no_secret() {
    canary::are_found_in_every_form();
    let owner = Owner::new().await;
    for looked in [&["inventory"][..], &["inventory", "--json"], &["plan", "--unreachable", "keep", "--json"]]
    {
        let typed = owner.types(looked);
        assert_eq!(typed.code, 0, "{looked:?}: {typed:?}");
    }
    fs::write(owner.path("before.json"), owner.types(&["inventory", "--json"]).out).unwrap();
    let agreed = owner.agreed();
    let run = owner.types(&words(&agreed));
    assert_eq!(run.code, 0, "{run:?}");
    owner.types(&["inventory", "--diff", "before.json"]);
    owner.types(&["watch"]);
    let points = owner.types(&["restore-points", "list"]).out;
    let id = points.split(' ').next().unwrap();
    owner.types(&["restore-points", "show", id]);
    owner.types(&["rollback", id]);
    let back = owner.types(&["rollback", id, "--consent", &agreed[4]]);
    assert_eq!(back.code, 0, "{back:?}");
    owner.has_everything_back();
    found::none(&owner);
    owner.leaves();
}

pub(crate) async fn checks_and_their_reports_show_no_secret() {
    let owner = Owner::new().await;
    let consent = owner.agreed()[4].clone();
    let junit = owner.state().join("buildkit-reinstall/junit.xml").display().to_string();
    let check = owner.types(&[
        "check",
        "--target",
        "live",
        "--consent",
        &consent,
        "--junit",
        &junit,
        "--junit-dialect",
        "rich",
    ]);
    assert!(check.out.contains("passed"), "{check:?}");
    owner.types(&["report"]);
    found::none(&owner);
    owner.leaves();
}

pub(crate) async fn what_goes_wrong_is_told_without_secrets() {
    let owner = Owner::new().await;
    let config = owner.docker_config();
    let whole = fs::read_to_string(config.join("config.json")).unwrap();
    let instance = config.join("buildx/instances").join(crate::owner::BUILDER);
    let definition = fs::read_to_string(&instance).unwrap();
    for (path, damaged) in [
        (config.join("config.json"), whole.replace("\"auths\":{", "\"auths\":[{")),
        (config.join("config.json"), whole.replace("\"proxies\"", "\"currentContext\"")),
        (instance.clone(), definition.replace("\"Files\":{", "\"Files\":[{")),
        (instance.clone(), definition.replace("\"DriverOpts\":", "\"Platforms\":")),
        (instance, definition.replace("\"buildkitd.toml\":\"", "\"buildkitd.toml\":\"!")),
    ] {
        let sound = fs::read(&path).unwrap();
        assert!(damaged.as_bytes() != sound, "{} was not damaged", path.display());
        fs::write(&path, damaged).unwrap();
        for typed in [&["inventory"][..], &["inventory", "--json"], &["plan"], &["backup"], &CHECK] {
            let typed = owner.types(typed);
            assert!(typed.out.len() + typed.err.len() > 0, "it said nothing");
        }
        fs::write(&path, sound).unwrap();
    }
    found::none(&owner);
    owner.leaves();
}
