//! The kernel's side: a program stops before each system call that writes, and goes on when it is answered (seccomp's user
//! notification, seccomp_unotify(2)).

use std::io;
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd, RawFd};
use std::os::unix::process::CommandExt;
use std::process::{Child, Command};
use std::time::Duration;

use super::calls::CALLS;

/// Under which number a watched program has the descriptor that its watcher takes over: one that no program uses.
const LISTENER: RawFd = 200;
#[cfg(target_arch = "x86_64")]
const ARCHITECTURE: u32 = 0xC000_003E; // AUDIT_ARCH_X86_64, linux/audit.h
#[cfg(target_arch = "aarch64")]
const ARCHITECTURE: u32 = 0xC000_00B7; // AUDIT_ARCH_AARCH64

/// A thread that has stopped before a system call.
#[derive(Debug, Clone, Copy)]
pub(super) struct Stopped {
    id: u64,
    /// The thread.
    pub(super) thread: u32,
    /// The number of the call.
    pub(super) call: i64,
    /// Its arguments.
    pub(super) arguments: [u64; 6],
}

/// What a look at the watched program showed.
pub(super) enum Heard {
    Stopped(Stopped),
    Nothing,
    /// The program and all that it started have ended.
    Ended,
}

/// Hears of every stop.
pub(super) struct Listener(OwnedFd);

/// Makes a program stop before every call of [`CALLS`], and with it all that it starts.
pub(super) fn apply_to(command: &mut Command) {
    let program = program();
    let apply = move || apply(&program);
    #[expect(unsafe_code, reason = "std has no other way to do something between fork and exec")]
    // SAFETY: `apply` makes two system calls, and allocates nothing.
    unsafe {
        command.pre_exec(apply);
    }
}

/// Loads the number of the call, and compares it with those that are meant.
fn program() -> Vec<libc::sock_filter> {
    let load = |offset| op(libc::BPF_LD | libc::BPF_W | libc::BPF_ABS, offset, 0, 0);
    let ret = |what| op(libc::BPF_RET | libc::BPF_K, what, 0, 0);
    let equal = |what, yes, no| op(libc::BPF_JMP | libc::BPF_JEQ | libc::BPF_K, what, yes, no);
    // The architecture stands at 4 and the number at 0 in `struct seccomp_data`.
    let mut program = vec![load(4), equal(ARCHITECTURE, 1, 0), ret(libc::SECCOMP_RET_ALLOW), load(0)];
    for call in CALLS {
        let number = u32::try_from(call.number).unwrap();
        program.extend([equal(number, 0, 1), ret(libc::SECCOMP_RET_USER_NOTIF)]);
    }
    program.push(ret(libc::SECCOMP_RET_ALLOW));
    program
}

fn op(code: u32, k: u32, jt: u8, jf: u8) -> libc::sock_filter {
    libc::sock_filter { code: u16::try_from(code).unwrap(), jt, jf, k }
}

fn apply(program: &[libc::sock_filter]) -> io::Result<()> {
    let len = u16::try_from(program.len()).map_err(io::Error::other)?;
    let program = libc::sock_fprog { len, filter: program.as_ptr().cast_mut() };
    let flags = libc::SECCOMP_FILTER_FLAG_NEW_LISTENER | libc::SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV;
    #[expect(unsafe_code, reason = "neither std nor rustix has this call")]
    // SAFETY: `program` lives until the call returns, and the kernel copies it.
    let listener =
        unsafe { libc::syscall(libc::SYS_seccomp, libc::SECCOMP_SET_MODE_FILTER, flags, &raw const program) };
    let listener = RawFd::try_from(listener).ok().filter(|number| *number >= 0);
    let listener = listener.ok_or_else(io::Error::last_os_error)?;
    #[expect(unsafe_code, reason = "std has no dup2")]
    // SAFETY: the child has nothing at that number yet.
    let moved = unsafe { libc::dup2(listener, LISTENER) };
    if moved == LISTENER { Ok(()) } else { Err(io::Error::last_os_error()) }
}

impl Listener {
    /// Takes over the listener of a program that has just been started.
    pub(super) fn of(child: &Child) -> io::Result<Self> {
        let child = descriptor(libc::SYS_pidfd_open, [child.id().into(), 0, 0])?;
        let number = [child.as_raw_fd().into(), LISTENER.into(), 0];
        descriptor(libc::SYS_pidfd_getfd, number).map(Self)
    }

    /// Waits for the next stop, for as long as this at most.
    pub(super) fn hear(&self, up_to: Duration) -> io::Result<Heard> {
        let mut poll = libc::pollfd { fd: self.0.as_raw_fd(), events: libc::POLLIN, revents: 0 };
        let up_to = i32::try_from(up_to.as_millis()).unwrap_or(i32::MAX);
        #[expect(unsafe_code, reason = "std has no poll")]
        // SAFETY: one valid entry.
        let ready = unsafe { libc::poll(&raw mut poll, 1, up_to) };
        match ready {
            0 => Ok(Heard::Nothing),
            1 if poll.revents & libc::POLLIN != 0 => self.receive(),
            1 => Ok(Heard::Ended),
            _ => Err(io::Error::last_os_error()),
        }
    }

    fn receive(&self) -> io::Result<Heard> {
        #[expect(unsafe_code, reason = "the kernel wants it zeroed, and std has no ioctl")]
        // SAFETY: all zeros is a valid value of these integers, and the kernel writes no more than its size.
        let (stopped, code) = unsafe {
            let mut stopped: libc::seccomp_notif = std::mem::zeroed();
            let code = libc::ioctl(self.0.as_raw_fd(), libc::SECCOMP_IOCTL_NOTIF_RECV, &raw mut stopped);
            (stopped, code)
        };
        match code {
            0 => Ok(Heard::Stopped(Stopped {
                id: stopped.id,
                thread: stopped.pid,
                call: stopped.data.nr.into(),
                arguments: stopped.data.args,
            })),
            // The thread was killed in between.
            _ if io::Error::last_os_error().raw_os_error() == Some(libc::ENOENT) => Ok(Heard::Nothing),
            _ => Err(io::Error::last_os_error()),
        }
    }

    /// Lets a thread go on: into its call, or past it with an error.
    pub(super) fn answer(&self, stopped: Stopped, error: Option<i32>) {
        let flags = if error.is_none() { libc::SECCOMP_USER_NOTIF_FLAG_CONTINUE } else { 0 };
        let flags = u32::try_from(flags).unwrap();
        let answer = libc::seccomp_notif_resp { id: stopped.id, val: 0, error: -error.unwrap_or(0), flags };
        #[expect(unsafe_code, reason = "std has no ioctl")]
        // SAFETY: a valid answer, which the kernel only reads. It fails where the thread was killed meanwhile.
        unsafe {
            libc::ioctl(self.0.as_raw_fd(), libc::SECCOMP_IOCTL_NOTIF_SEND, &raw const answer);
        }
    }
}

/// A system call that makes a descriptor.
fn descriptor(call: libc::c_long, [a, b, c]: [i64; 3]) -> io::Result<OwnedFd> {
    #[expect(unsafe_code, reason = "std has no form of these calls")]
    // SAFETY: the calls take numbers only, and what they return is nobody else's.
    unsafe {
        let made = libc::syscall(call, a, b, c);
        let made = RawFd::try_from(made).ok().filter(|number| *number >= 0);
        made.map(|number| OwnedFd::from_raw_fd(number)).ok_or_else(io::Error::last_os_error)
    }
}
