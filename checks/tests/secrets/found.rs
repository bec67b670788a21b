//! Looking through everything that the program said and wrote.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use crate::canary::Canary;
use crate::owner::Owner;

/// Something that the program said.
pub(crate) struct Heard {
    pub(crate) from: String,
    pub(crate) said: Vec<u8>,
}

/// Where secrets belong, since they can be put back from there: restore points, what undoing a run needs, and the user's own
/// files that a rollback has replaced.
fn is_copy(path: &Path) -> bool {
    let copies = ["restore-points", "undo", "replaced"];
    path.components().any(|part| copies.iter().any(|name| part.as_os_str() == *name))
}

/// Makes sure that no canary is in anything that was said or written, and that copies are for their owner's eyes only.
pub(crate) fn none(owner: &Owner) {
    let mut found = Vec::new();
    for heard in owner.heard.borrow().iter() {
        look(&heard.said, &heard.from, &owner.planted.canaries, &mut found);
    }
    let mut files = 0;
    for entry in walkdir::WalkDir::new(owner.state()).into_iter().map(Result::unwrap) {
        let about = entry.metadata().unwrap();
        let is_ours =
            entry.path().ancestors().any(|folder| folder == owner.state().join("buildkit-reinstall"));
        if is_copy(entry.path()) {
            let open = about.permissions().mode() & 0o077;
            assert!(open == 0, "{} is open to others: {open:o}", entry.path().display());
        } else if about.is_file() && is_ours {
            files += 1;
            look(
                &fs::read(entry.path()).unwrap(),
                &entry.path().display().to_string(),
                &owner.planted.canaries,
                &mut found,
            );
        }
    }
    assert!(files > 0, "nothing was written");
    assert!(found.is_empty(), "{found:#?}");
    eprintln!(
        "{} canaries, {} outputs, {files} files: none found",
        owner.planted.canaries.len(),
        owner.heard.borrow().len()
    );
}

fn look(bytes: &[u8], place: &str, canaries: &[Canary], found: &mut Vec<String>) {
    let seen = canaries.iter().filter(|canary| canary.is_in(bytes));
    found.extend(seen.map(|canary| format!("{} in {place}: {}", canary.place, around(bytes, canary))));
}

/// The line in which a canary is, as far as it stands there in clear.
fn around(bytes: &[u8], canary: &Canary) -> String {
    let text = String::from_utf8_lossy(bytes);
    let line = text.lines().find(|line| canary.is_in(line.as_bytes())).unwrap_or_default();
    let at = line.find(&canary.value).unwrap_or_default();
    let start = (0..=at.saturating_sub(120)).rev().find(|start| line.is_char_boundary(*start)).unwrap_or(0);
    line[start..].chars().take(240).collect()
}
