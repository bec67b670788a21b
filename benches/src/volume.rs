//! A volume like those that builders fill: overlay snapshots of many small files, blobs of some large ones, a database.

use std::fs::{self, File};
use std::io::{self, Write};
use std::os::unix::fs::symlink;
use std::path::Path;

use rustix::fs::{CWD, FileType, Mode, mknodat};

/// Snapshots, each a layer with folders of files.
const SNAPSHOTS: usize = 64;
const FOLDERS: usize = 20;
const FILES: usize = 25;
/// Compressed layers, of 8 MiB and up.
const BLOBS: usize = 24;
const MIB: usize = 1 << 20;

/// Makes the volume: 32,000 files and some more, about 1 GiB, of which half can be compressed. Always the same.
///
/// # Errors
/// When it cannot be written, or by a user who may not make devices and `trusted.*` attributes.
pub fn make(root: &Path) -> io::Result<()> {
    let source = Source::new();
    for snapshot in 1..=SNAPSHOTS {
        let layer = root.join(format!("runc-overlayfs/snapshots/snapshots/{snapshot}/fs"));
        for folder in 0..FOLDERS {
            let folder_of_layer = layer.join(format!("usr/lib/package-{folder}"));
            fill_folder(&folder_of_layer, (snapshot * FOLDERS + folder) * FILES, &source)?;
            if folder % 4 == 0 {
                delete_from_below(&folder_of_layer)?;
            }
        }
    }
    let blobs = root.join("runc-overlayfs/content/blobs/sha256");
    fs::create_dir_all(&blobs)?;
    for blob in 0..BLOBS {
        source.write(&blobs.join(format!("{blob:064x}")), blob, (8 + blob) * MIB)?;
    }
    sparse_database(&root.join("cache.db"), &source)
}

fn fill_folder(folder: &Path, seed: usize, source: &Source) -> io::Result<()> {
    fs::create_dir_all(folder)?;
    for file in 0..FILES {
        source.write(&folder.join(format!("file-{file}.go")), seed + file, source.size(seed + file))?;
    }
    fs::hard_link(folder.join("file-0.go"), folder.join("same-as-0"))?;
    symlink("../package-0/file-1.go", folder.join("link"))
}

/// As overlayfs says that a file and all of a folder below are gone.
fn delete_from_below(folder: &Path) -> io::Result<()> {
    mknodat(CWD, folder.join("gone"), FileType::CharacterDevice, Mode::empty(), 0)?;
    xattr::set(folder, "trusted.overlay.opaque", b"y")
}

fn sparse_database(path: &Path, source: &Source) -> io::Result<()> {
    source.write(path, 0, MIB)?;
    File::options().write(true).open(path)?.set_len(64 * MIB as u64)
}

/// Contents: text and noise.
struct Source {
    text: Vec<u8>,
    noise: Vec<u8>,
}

impl Source {
    fn new() -> Self {
        let mut noise = vec![0; 8 * MIB];
        blake3::Hasher::new().finalize_xof().fill(&mut noise);
        let words = ["import", "return", "struct", "buildkit", "snapshot", "layer", "    ", "\n", "0x00"];
        let word = |number: &[u8]| {
            let word = words[usize::from(number[0]) % words.len()];
            format!("{word}{} ", u16::from_le_bytes([number[1], number[2]]))
        };
        let text = noise.chunks_exact(3).map(word).collect::<String>().into_bytes();
        Self { text, noise }
    }

    /// Most files are of a few kilobytes and some of many: squares of evenly spread numbers.
    fn size(&self, seed: usize) -> usize {
        let at = seed * 2 % (self.noise.len() - 2);
        let number = usize::from(u16::from_le_bytes([self.noise[at], self.noise[at + 1]]));
        number * number / 74_500
    }

    fn write(&self, path: &Path, seed: usize, size: usize) -> io::Result<()> {
        let mut file = File::create(path)?;
        let part = |from: &[u8], size: usize| {
            let start = seed.wrapping_mul(7919) % (from.len() - MIB);
            from[start..start + size.min(MIB)].to_vec()
        };
        let mut left = size;
        while left > 0 {
            let size = left.min(MIB);
            file.write_all(&part(&self.text, size / 2))?;
            file.write_all(&part(&self.noise, size - size / 2))?;
            left -= size;
        }
        Ok(())
    }
}
