//! Child processes that cannot outlive their caller's interest: each has a process group of its own, which is killed when
//! the future that waits for it is dropped, and none can fill our memory with its output.

mod dialogue;

use std::ffi::{OsStr, OsString};
use std::fmt;
use std::path::Path;
use std::process::{ExitStatus, Stdio};
use std::sync::{Mutex, PoisonError};

use rustix::process::{Pid, Signal, kill_process_group};
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::process::{Child, Command};

use crate::outcome::{Failure, Stop};

pub use dialogue::Dialogue;

/// The most bytes of one stream that are kept; of a longer stream the first and the last half of this.
pub const KEPT_BYTES: usize = 512 * 1024;
/// The longest line, in bytes, that [`Tool::each_line`] hands on; the rest of a longer one is dropped.
pub const LINE_BYTES: usize = 256 * 1024;

/// A program about to be run.
pub struct Tool {
    command: Command,
    line: Vec<OsString>,
    input: Option<Vec<u8>>,
    hidden: Vec<String>,
}

/// What a program said and how it ended.
#[derive(Debug, Clone)]
pub struct Output {
    /// The command line, for messages.
    pub line: String,
    /// How it ended.
    pub status: ExitStatus,
    /// What it wrote to standard output, at most [`KEPT_BYTES`]; bytes that are no UTF-8 are replaced.
    pub stdout: String,
    /// What it wrote to standard error, likewise.
    pub stderr: String,
}

/// Which of a child's streams a line came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stream {
    /// Standard output.
    Stdout,
    /// Standard error.
    Stderr,
}

/// A program that could not be run, or that failed.
#[derive(Debug, thiserror::Error)]
pub enum ProcessError {
    /// It could not be started.
    #[error("cannot start `{line}`: {source}")]
    Start {
        /// The command line.
        line: String,
        /// Why.
        source: std::io::Error,
    },
    /// It was started, and then talking to it failed.
    #[error("lost touch with `{line}`: {source}")]
    Talk {
        /// The command line.
        line: String,
        /// Why.
        source: std::io::Error,
    },
    /// It ran and did not succeed.
    #[error("`{}` ended with {}: {}", .0.line, .0.status, .0.last_words())]
    Unsuccessful(Box<Output>),
}

impl From<ProcessError> for Stop {
    fn from(error: ProcessError) -> Self {
        match error {
            ProcessError::Unsuccessful(output) => {
                Failure::new(format!("`{}`", output.line), "success", output.last_words()).into()
            }
            other => Self::broken(&other),
        }
    }
}

impl Tool {
    /// A program by name or path.
    pub fn new(program: impl AsRef<OsStr>) -> Self {
        let mut command = Command::new(&program);
        command.stdin(Stdio::null()).process_group(0).kill_on_drop(true);
        Self { command, line: vec![program.as_ref().to_owned()], input: None, hidden: Vec::new() }
    }

    /// Adds one argument.
    pub fn arg(mut self, arg: impl AsRef<OsStr>) -> Self {
        self.line.push(arg.as_ref().to_owned());
        self.command.arg(arg);
        self
    }

    /// Adds several arguments.
    pub fn args<A: AsRef<OsStr>>(self, args: impl IntoIterator<Item = A>) -> Self {
        args.into_iter().fold(self, Self::arg)
    }

    /// Sets a variable for the child.
    pub fn env(mut self, name: impl AsRef<OsStr>, value: impl AsRef<OsStr>) -> Self {
        self.command.env(name, value);
        self
    }

    /// Hides a variable of ours from the child.
    pub fn env_remove(mut self, name: impl AsRef<OsStr>) -> Self {
        self.command.env_remove(name);
        self
    }

    /// Runs the child in `folder`.
    pub fn current_dir(mut self, folder: impl AsRef<Path>) -> Self {
        self.command.current_dir(folder);
        self
    }

    /// What the child reads from its standard input, which is empty otherwise.
    pub fn input(mut self, bytes: impl Into<Vec<u8>>) -> Self {
        self.input = Some(bytes.into());
        self
    }

    /// Keeps a secret, which an argument or the input may hold, out of the command line that messages quote and out of the
    /// [`Output`]. Lines that [`Tool::each_line`] hands on are as the child wrote them.
    pub fn hiding(mut self, secret: impl Into<String>) -> Self {
        let secret = secret.into();
        // Nothing hides everywhere.
        self.hidden.extend((!secret.is_empty()).then_some(secret));
        self
    }

    /// The command line, as one would type it.
    pub fn line(&self) -> String {
        let line = self.line.iter().map(|word| word.to_string_lossy()).collect::<Vec<_>>().join(" ");
        without(line, &self.hidden)
    }

    /// Runs it to its end, however it ends.
    ///
    /// # Errors
    /// When it cannot be started or watched; not when it fails.
    pub async fn output(self) -> Result<Output, ProcessError> {
        let mut kept = [Kept::default(), Kept::default()];
        let hidden = self.hidden.clone();
        let (line, status) = self
            .run(|mut child| {
                let (out, err) = (child.stdout.take(), child.stderr.take());
                let [kept_out, kept_err] = &mut kept;
                async move {
                    tokio::try_join!(keep(out, kept_out), keep(err, kept_err))?;
                    child.wait().await
                }
            })
            .await?;
        let [stdout, stderr] = kept.map(|kept| without(kept.into_text(), &hidden));
        Ok(Output { line, status, stdout, stderr })
    }

    /// Runs it to its end and wants success.
    ///
    /// # Errors
    /// As [`Tool::output`], and [`ProcessError::Unsuccessful`].
    pub async fn run_ok(self) -> Result<Output, ProcessError> {
        let output = self.output().await?;
        if output.status.success() { Ok(output) } else { Err(ProcessError::Unsuccessful(Box::new(output))) }
    }

    /// Runs it to its end and hands each line on as it comes, whatever the length of the whole. Lines longer than
    /// [`LINE_BYTES`] are cut.
    ///
    /// # Errors
    /// As [`Tool::output`].
    pub async fn each_line(
        self,
        mut on_line: impl FnMut(Stream, &str) + Send,
    ) -> Result<ExitStatus, ProcessError> {
        let (_, status) = self
            .run(|mut child| {
                let (out, err) = (child.stdout.take(), child.stderr.take());
                let on_line = Mutex::new(&mut on_line);
                async move {
                    let tell = |stream, line: &str| {
                        if let Ok(mut on_line) = on_line.lock() {
                            on_line(stream, line);
                        }
                    };
                    tokio::try_join!(
                        lines(out, |line| tell(Stream::Stdout, line)),
                        lines(err, |line| tell(Stream::Stderr, line))
                    )?;
                    child.wait().await
                }
            })
            .await?;
        Ok(status)
    }

    async fn run<F>(mut self, watch: impl FnOnce(Child) -> F) -> Result<(String, ExitStatus), ProcessError>
    where
        F: Future<Output = std::io::Result<ExitStatus>>,
    {
        let line = self.line();
        if self.input.is_some() {
            self.command.stdin(Stdio::piped());
        }
        let spawned = self.command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
        let mut child = spawned.map_err(|source| ProcessError::Start { line: line.clone(), source })?;
        let _group = Group::of(&child);
        let stdin = child.stdin.take();
        let input = self.input;
        let feed = async move {
            if let (Some(mut stdin), Some(input)) = (stdin, input) {
                // A child may end without reading all of its input; how it ended is what counts.
                let _ = stdin.write_all(&input).await;
            }
            Ok(())
        };
        let watched = tokio::try_join!(feed, watch(child));
        let ((), status) = watched.map_err(|source| ProcessError::Talk { line: line.clone(), source })?;
        Ok((line, status))
    }
}

impl Output {
    /// The last lines that it wrote, standard error first choice: what a message should quote.
    pub fn last_words(&self) -> String {
        let text = if self.stderr.trim().is_empty() { &self.stdout } else { &self.stderr };
        let lines: Vec<&str> = text.lines().map(str::trim_end).filter(|line| !line.is_empty()).collect();
        lines[lines.len().saturating_sub(5)..].join("\n")
    }
}

/// A text with every secret replaced.
fn without(text: String, secrets: &[String]) -> String {
    secrets.iter().fold(text, |text, secret| text.replace(secret, "(hidden)"))
}

impl fmt::Debug for Tool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Tool").field(&self.line()).finish()
    }
}

/// Kills a child's whole process group when dropped, so that what the child started ends too.
struct Group(Option<Pid>);

/// The groups that are alive: what must be killed when the process ends while a body holds on to its children.
static ALIVE: Mutex<Vec<Pid>> = Mutex::new(Vec::new());

impl Group {
    fn of(child: &Child) -> Self {
        let pid = child.id().and_then(|id| Pid::from_raw(id.cast_signed()));
        ALIVE.lock().unwrap_or_else(PoisonError::into_inner).extend(pid);
        Self(pid)
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        if let Some(pid) = self.0 {
            ALIVE.lock().unwrap_or_else(PoisonError::into_inner).retain(|alive| *alive != pid);
            // The usual answer is that the group is gone already.
            let _ = kill_process_group(pid, Signal::KILL);
        }
    }
}

/// Kills every child process with all that it started. For the end of the process, when some body did not let go.
pub(crate) fn end_all() {
    for pid in std::mem::take(&mut *ALIVE.lock().unwrap_or_else(PoisonError::into_inner)) {
        // The usual answer is that the group is gone already.
        let _ = kill_process_group(pid, Signal::KILL);
    }
}

/// The beginning and the end of a stream.
#[derive(Default)]
struct Kept {
    head: Vec<u8>,
    tail: std::collections::VecDeque<u8>,
    dropped: u64,
}

impl Kept {
    fn push(&mut self, bytes: &[u8]) {
        let (head, rest) = bytes.split_at(bytes.len().min(KEPT_BYTES / 2 - self.head.len()));
        self.head.extend_from_slice(head);
        self.tail.extend(rest);
        let over = self.tail.len().saturating_sub(KEPT_BYTES / 2);
        self.tail.drain(..over);
        self.dropped += over as u64;
    }

    fn into_text(self) -> String {
        let mut bytes = self.head;
        if self.dropped > 0 {
            bytes.extend_from_slice(format!("\n… {} bytes left out …\n", self.dropped).as_bytes());
        }
        bytes.extend(self.tail);
        String::from_utf8_lossy(&bytes).into_owned()
    }
}

async fn keep(stream: Option<impl AsyncRead + Unpin>, kept: &mut Kept) -> std::io::Result<()> {
    let Some(mut stream) = stream else { return Ok(()) };
    let mut buffer = vec![0; 16 * 1024];
    loop {
        match stream.read(&mut buffer).await? {
            0 => return Ok(()),
            read => kept.push(&buffer[..read]),
        }
    }
}

async fn lines(stream: Option<impl AsyncRead + Unpin>, mut on_line: impl FnMut(&str)) -> std::io::Result<()> {
    let Some(stream) = stream else { return Ok(()) };
    let mut reader = BufReader::new(stream);
    let mut line = Vec::new();
    loop {
        let available = reader.fill_buf().await?;
        let end = available.iter().position(|byte| *byte == b'\n');
        let part = &available[..end.unwrap_or(available.len())];
        line.extend_from_slice(&part[..part.len().min(LINE_BYTES - line.len())]);
        let (ended, used) = (available.is_empty(), end.map_or(available.len(), |end| end + 1));
        reader.consume(used);
        if end.is_some() || (ended && !line.is_empty()) {
            on_line(String::from_utf8_lossy(&line).trim_end_matches('\r'));
            line.clear();
        }
        if ended {
            return Ok(());
        }
    }
}

#[cfg(test)]
mod tests;
