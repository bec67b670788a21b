//! The system calls that write, and the file that each is about.

use std::fs::{self, File};
use std::io;
use std::os::unix::ffi::OsStringExt;
use std::os::unix::fs::FileExt;
use std::path::{Component, Path, PathBuf};

use super::filter::Stopped;

/// A system call that changes a file system.
#[derive(Debug)]
pub(super) struct Call {
    pub(super) number: i64,
    pub(super) name: &'static str,
    on: On,
}

/// Which of its arguments say what it is about.
#[derive(Debug, Clone, Copy)]
enum On {
    /// A descriptor.
    Fd(usize),
    /// A path, from the working folder.
    Path(usize),
    /// A path, from a folder's descriptor.
    At(usize, usize),
    /// A path from a descriptor, when the flags say that it is opened for writing.
    OpenAt(usize, usize, usize),
}

const fn call(number: libc::c_long, name: &'static str, on: On) -> Call {
    Call { number, name, on }
}

use On::{At, Fd, OpenAt, Path as OnPath};

/// What is renamed or linked counts at its new name.
pub(super) const CALLS: &[Call] = &[
    call(libc::SYS_write, "write", Fd(0)),
    call(libc::SYS_writev, "writev", Fd(0)),
    call(libc::SYS_pwrite64, "pwrite", Fd(0)),
    call(libc::SYS_sendfile, "sendfile", Fd(0)),
    call(libc::SYS_copy_file_range, "copy_file_range", Fd(2)),
    call(libc::SYS_ftruncate, "ftruncate", Fd(0)),
    call(libc::SYS_fallocate, "fallocate", Fd(0)),
    call(libc::SYS_fsync, "fsync", Fd(0)),
    call(libc::SYS_fdatasync, "fdatasync", Fd(0)),
    call(libc::SYS_fchmod, "fchmod", Fd(0)),
    call(libc::SYS_fchown, "fchown", Fd(0)),
    call(libc::SYS_fsetxattr, "fsetxattr", Fd(0)),
    call(libc::SYS_setxattr, "setxattr", OnPath(0)),
    call(libc::SYS_lsetxattr, "lsetxattr", OnPath(0)),
    call(libc::SYS_openat, "open", OpenAt(0, 1, 2)),
    call(libc::SYS_mkdirat, "mkdir", At(0, 1)),
    call(libc::SYS_mknodat, "mknod", At(0, 1)),
    call(libc::SYS_symlinkat, "symlink", At(1, 2)),
    call(libc::SYS_linkat, "link", At(2, 3)),
    call(libc::SYS_renameat2, "rename", At(2, 3)),
    call(libc::SYS_unlinkat, "unlink", At(0, 1)),
    call(libc::SYS_fchmodat, "chmod", At(0, 1)),
    call(libc::SYS_fchownat, "chown", At(0, 1)),
    call(libc::SYS_utimensat, "utimens", At(0, 1)),
    #[cfg(target_arch = "x86_64")]
    call(libc::SYS_renameat, "rename", At(2, 3)),
    #[cfg(target_arch = "x86_64")]
    call(libc::SYS_rename, "rename", OnPath(1)),
    #[cfg(target_arch = "x86_64")]
    call(libc::SYS_mkdir, "mkdir", OnPath(0)),
    #[cfg(target_arch = "x86_64")]
    call(libc::SYS_mknod, "mknod", OnPath(0)),
    #[cfg(target_arch = "x86_64")]
    call(libc::SYS_rmdir, "rmdir", OnPath(0)),
    #[cfg(target_arch = "x86_64")]
    call(libc::SYS_unlink, "unlink", OnPath(0)),
    #[cfg(target_arch = "x86_64")]
    call(libc::SYS_link, "link", OnPath(1)),
    #[cfg(target_arch = "x86_64")]
    call(libc::SYS_symlink, "symlink", OnPath(1)),
    #[cfg(target_arch = "x86_64")]
    call(libc::SYS_chmod, "chmod", OnPath(0)),
    #[cfg(target_arch = "x86_64")]
    call(libc::SYS_chown, "chown", OnPath(0)),
    #[cfg(target_arch = "x86_64")]
    call(libc::SYS_lchown, "lchown", OnPath(0)),
];

/// The longest path that the kernel takes.
const PATH_MAX: usize = 4096;

/// The name of the call that a thread has stopped before, and the file that it is about; none when it writes nothing.
pub(super) fn about(stopped: &Stopped) -> Option<(&'static str, PathBuf)> {
    let call = CALLS.iter().find(|call| call.number == stopped.call)?;
    let argument = |index: usize| stopped.arguments[index];
    let path = match call.on {
        On::Fd(fd) => opened(stopped.thread, argument(fd)),
        On::Path(path) => named(stopped.thread, None, argument(path)),
        On::At(folder, path) => named(stopped.thread, Some(argument(folder)), argument(path)),
        On::OpenAt(folder, path, flags) if writes(argument(flags)) => {
            named(stopped.thread, Some(argument(folder)), argument(path))
        }
        On::OpenAt(..) => return None,
    };
    // A thread that was killed meanwhile is about nothing.
    Some((call.name, path.ok()?))
}

fn writes(flags: u64) -> bool {
    let writing = libc::O_WRONLY | libc::O_RDWR | libc::O_CREAT | libc::O_TRUNC;
    flags & u64::from(writing.cast_unsigned()) != 0
}

fn opened(thread: u32, fd: u64) -> io::Result<PathBuf> {
    fs::read_link(format!("/proc/{thread}/fd/{}", low(fd)))
}

fn named(thread: u32, folder: Option<u64>, text: u64) -> io::Result<PathBuf> {
    let relative = if text == 0 { PathBuf::new() } else { string(thread, text)? };
    if relative.is_absolute() {
        return Ok(plain(&relative));
    }
    let base = match folder {
        Some(fd) if low(fd) != libc::AT_FDCWD => opened(thread, fd)?,
        _ => fs::read_link(format!("/proc/{thread}/cwd"))?,
    };
    Ok(plain(&base.join(relative)))
}

/// Descriptors are 32 bits in a 64-bit argument.
fn low(argument: u64) -> i32 {
    (argument as u32).cast_signed()
}

fn string(thread: u32, at: u64) -> io::Result<PathBuf> {
    let memory = File::open(format!("/proc/{thread}/mem"))?;
    let mut bytes = vec![0; PATH_MAX];
    // Less than that may be readable behind the text.
    let read = (1..=2).find_map(|_| {
        let read = memory.read_at(&mut bytes, at).ok();
        if read.is_none() {
            bytes.truncate(PATH_MAX - usize::try_from(at % PATH_MAX as u64).unwrap_or_default());
        }
        read
    });
    bytes.truncate(read.ok_or(io::ErrorKind::UnexpectedEof)?);
    bytes.truncate(bytes.iter().position(|byte| *byte == 0).ok_or(io::ErrorKind::UnexpectedEof)?);
    Ok(std::ffi::OsString::from_vec(bytes).into())
}

/// Without `.` and `..`; no link is followed.
fn plain(path: &Path) -> PathBuf {
    let mut plain = PathBuf::new();
    for part in path.components() {
        match part {
            Component::ParentDir => drop(plain.pop()),
            Component::CurDir => {}
            other => plain.push(other),
        }
    }
    plain
}
