//! Real disks that are full or read-only.

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use rustix::fs::{FallocateFlags, fallocate, statvfs};
use rustix::mount::{MountFlags, UnmountFlags, mount, mount_bind, mount_remount, unmount};

use crate::case::Fault;
use crate::swept::Swept;

/// What a restore point wants to leave free, and some more.
const BYTES: u64 = 400 << 20;
const FILLER: &str = "filler";

/// A file system that is mounted while this lives.
pub(crate) struct Disk(PathBuf);

impl Disk {
    /// The disk that a fault is about, if it is about one.
    pub(crate) fn of(fault: Fault, swept: &Swept) -> Option<Self> {
        let state = swept.disk();
        fs::create_dir_all(&state).unwrap();
        match fault {
            Fault::Filled => Some(Self::small(&state)),
            Fault::ReadOnlyState => Some(Self::read_only(&state)),
            Fault::ReadOnlyClient => Some(Self::read_only(swept.person.installation.docker_config())),
            _ => None,
        }
    }

    fn small(at: &Path) -> Self {
        let options = std::ffi::CString::new(format!("size={BYTES}")).unwrap();
        mount("tmpfs", at, "tmpfs", MountFlags::empty(), options.as_c_str()).unwrap();
        Self(at.to_owned())
    }

    fn read_only(at: &Path) -> Self {
        mount_bind(at, at).unwrap();
        mount_remount(at, MountFlags::BIND | MountFlags::RDONLY, c"").unwrap();
        Self(at.to_owned())
    }

    /// Makes room on it again, or makes it writable.
    pub(crate) fn mend(&self) {
        let _ = fs::remove_file(self.0.join(FILLER));
        // That of a small one is writable already.
        let _ = mount_remount(&self.0, MountFlags::BIND, c"");
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        unmount(&self.0, UnmountFlags::DETACH).unwrap();
    }
}

/// Takes all the room that a small disk has left.
pub(crate) fn fill(disk: &Path) {
    let filler = File::create(disk.join(FILLER)).unwrap();
    let room = statvfs(disk).unwrap();
    fallocate(&filler, FallocateFlags::empty(), 0, room.f_bavail * room.f_frsize).unwrap();
}
