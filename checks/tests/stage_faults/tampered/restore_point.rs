//! A restore point that has lost something.

use std::fs;
use std::path::Path;

use fixtures::backup::{Contents, RestorePoint, Sealed, Tree};
use fixtures::digest::Digest;
use serde_json::Value;

use super::{team, worn};
use crate::case::Case;

/// Copies the tree of an archive anew after `change`, as a copier would have that was worse.
fn copied_badly(point: &RestorePoint, archive: &Sealed, change: impl FnOnce(&Path)) -> Sealed {
    let scratch = tempfile::tempdir().unwrap();
    archive.unseal(point.folder(), scratch.path(), &()).unwrap();
    change(scratch.path());
    for file in [point.folder().join(&archive.file), archive.manifest_path(point.folder())] {
        fs::remove_file(file).unwrap();
    }
    let start = archive.start.path();
    let tree = match start == Path::new(".") {
        true => Tree::of_folder(scratch.path()),
        false => Tree::of_item(scratch.path(), start),
    };
    let name = archive.file.strip_suffix(".tar.zst").unwrap();
    Sealed::seal(&tree, point.folder(), name, &()).unwrap()
}

/// Seals other contents, and says that they have been proved.
fn seal(point: &RestorePoint, contents: &Contents) {
    let bytes = serde_json::to_vec(contents).unwrap();
    let digest = Digest::of(&bytes).to_string();
    let proof = point.folder().join("proof.json");
    let mut proved: Value = serde_json::from_slice(&fs::read(&proof).unwrap()).unwrap();
    let written = proof.metadata().unwrap().modified().unwrap();
    proved["contents"] = digest.clone().into();
    fs::write(point.folder().join("manifest.json"), bytes).unwrap();
    fs::write(point.folder().join("manifest.seal"), digest).unwrap();
    fs::write(&proof, proved.to_string()).unwrap();
    fs::File::options().write(true).open(&proof).unwrap().set_modified(written).unwrap();
}

/// Has the restore point hold the item `name` after `change`.
fn item(case: &mut Case, name: &str, change: impl FnOnce(&Path)) {
    let point = case.restore_point();
    let mut contents = point.contents().clone();
    let mut items = contents.items.iter_mut();
    let saved = items.find(|item| item.place.relative() == Path::new(name)).unwrap();
    saved.archive = copied_badly(&point, &saved.archive, |scratch| change(&scratch.join(name)));
    seal(&point, &contents);
}

/// Has the restore point hold a definition that a JSON editor has worked on.
fn definition(case: &mut Case, name: &str, change: impl FnOnce(&mut Value)) {
    item(case, "instances", |folder| {
        let path = folder.join(name);
        let mut definition: Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
        change(&mut definition);
        fs::write(path, definition.to_string()).unwrap();
    });
}

pub(super) fn a_bit_is_flipped(case: &mut Case) {
    let point = case.restore_point();
    let saved = point.contents().volumes.iter().find(|volume| volume.node == worn()).unwrap();
    let path = point.folder().join(&saved.archive.file);
    let mut bytes = fs::read(&path).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(path, bytes).unwrap();
}

pub(super) fn a_builder_is_missing(case: &mut Case) {
    item(case, "instances", |folder| fs::remove_file(folder.join("stale")).unwrap());
}

pub(super) fn a_volume_is_missing(case: &mut Case) {
    let point = case.restore_point();
    let mut contents = point.contents().clone();
    contents.volumes.retain(|volume| volume.node != worn());
    seal(&point, &contents);
}

pub(super) fn it_is_proved_too_late(case: &mut Case) {
    let proof = case.restore_point().folder().join("proof.json");
    let now = std::time::SystemTime::now();
    fs::File::options().write(true).open(proof).unwrap().set_modified(now).unwrap();
}

pub(super) fn platforms_are_lost(case: &mut Case) {
    definition(case, "team", |definition| definition["Nodes"][0]["Platforms"] = Value::Null);
}

pub(super) fn the_configuration_is_another(case: &mut Case) {
    item(case, "config.json", |file| fs::write(file, "{}").unwrap());
}

pub(super) fn the_toml_is_lost(case: &mut Case) {
    definition(case, "team", |definition| definition["Nodes"][0]["Files"] = Value::Null);
}

pub(super) fn whiteouts_are_lost(case: &mut Case) {
    use std::os::unix::fs::FileTypeExt;
    let point = case.restore_point();
    let mut contents = point.contents().clone();
    let saved = contents.volumes.iter_mut().find(|volume| volume.node == team()).unwrap();
    saved.archive = copied_badly(&point, &saved.archive, |tree| {
        let files = fixtures::installation::FileRecord::tree(tree).found.into_iter();
        let is_device = |path: &Path| path.symlink_metadata().unwrap().file_type().is_char_device();
        for whiteout in files.map(|file| file.path).filter(|path| is_device(path)) {
            fs::remove_file(&whiteout).unwrap();
            fs::write(whiteout, "").unwrap();
        }
    });
    seal(&point, &contents);
}
