//! Damage to a restore point: it is to be named, and nothing may be restored from it.

use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use crate::outcome::{Came, Outcome};
use crate::swept::Swept;
use crate::watched::Phase;

/// What is done to one file of a restore point.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Damage {
    file: String,
    how: How,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum How {
    /// A bit is flipped, in so many per mille of its length.
    Bit(usize),
    /// Its last byte is gone.
    Cut,
    /// It has the bytes of another file.
    Swapped,
    /// It is not there.
    Gone,
}

/// Where bits are flipped: the first byte, the last, and some between them.
const BITS: [usize; 6] = [0, 20, 333, 500, 900, 1000];

impl Damage {
    /// Every damage to every file of a restore point.
    pub(crate) fn every(point: &Path) -> Vec<Self> {
        let mut names: Vec<String> = fs::read_dir(point)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        let hows = BITS.map(How::Bit).into_iter().chain([How::Cut, How::Swapped, How::Gone]);
        let hows: Vec<How> = hows.collect();
        let of = |file: String| hows.clone().into_iter().map(move |how| Self { file: file.clone(), how });
        names.into_iter().flat_map(of).collect()
    }

    /// The bytes of the file afterwards; none when it is gone.
    fn done_to(&self, bytes: &[u8], other: Vec<u8>) -> Option<Vec<u8>> {
        match self.how {
            How::Bit(at) => {
                let (mut bytes, last) = (bytes.to_vec(), bytes.len() - 1);
                bytes[last * at / 1000] ^= 1 << (at % 8);
                Some(bytes)
            }
            How::Cut => Some(bytes[..bytes.len() - 1].to_vec()),
            How::Swapped => Some(other),
            How::Gone => None,
        }
    }
}

/// Damages the newest restore point, tries to go back to it, and mends it.
pub(crate) fn attempt(swept: &Swept, damage: &Damage) -> Outcome {
    let mut outcome = Outcome::new(damage.to_string(), String::from("damage"), Phase::Rollback);
    let point = swept.ensured_point();
    let (folder, id) = (point.folder().to_path_buf(), point.contents().id.clone());
    let path = folder.join(&damage.file);
    let bytes = fs::read(&path).unwrap();
    write(&path, damage.done_to(&bytes, fs::read(other(&folder, &bytes)).unwrap()));
    let refused = swept.person.types(&["rollback", &id, "--consent", &swept.name]);
    let listed = swept.person.types(&["restore-points"]);
    write(&path, Some(bytes));

    outcome.came = Came::Refused;
    outcome.struck = Some(path.display().to_string());
    if !matches!(refused.code, 2 | 3) {
        outcome.wrong.push(format!("`rollback` ended with {}: {}{}", refused.code, refused.out, refused.err));
    }
    let names = |text: &str| text.contains(&id) || text.contains(&damage.file);
    if !names(&refused.err) || !names(&listed.out) {
        outcome.wrong.push(format!("not named: {} / {}", refused.err, listed.out));
    }
    outcome.lost = swept.lost_files();
    outcome
}

/// A file of the same folder with other bytes.
fn other(folder: &Path, bytes: &[u8]) -> PathBuf {
    let mut paths = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    paths.find(|path| fs::read(path).unwrap() != bytes).unwrap()
}

fn write(path: &Path, bytes: Option<Vec<u8>>) {
    match bytes {
        Some(bytes) => fs::write(path, bytes).unwrap(),
        None => fs::remove_file(path).unwrap(),
    }
}

impl fmt::Display for Damage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let how = match self.how {
            How::Bit(at) => format!("bit-{at}"),
            How::Cut => "cut".into(),
            How::Swapped => "swapped".into(),
            How::Gone => "gone".into(),
        };
        write!(f, "damage/{how}/{}", self.file)
    }
}

impl FromStr for Damage {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        let parse = || {
            let (how, file) = name.strip_prefix("damage/")?.split_once('/')?;
            let how = match how {
                "cut" => How::Cut,
                "swapped" => How::Swapped,
                "gone" => How::Gone,
                bit => How::Bit(bit.strip_prefix("bit-")?.parse().ok()?),
            };
            Some(Self { file: file.to_owned(), how })
        };
        parse().ok_or_else(|| format!("no damage is called {name:?}"))
    }
}
