//! A child process that is spoken to.

use std::io;
use std::pin::Pin;
use std::process::Stdio;
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::process::{Child, ChildStdin, ChildStdout};

use super::{Group, ProcessError, Tool};

/// A child that reads what is written here, and whose answers are read here. It ends with this value.
pub struct Dialogue {
    input: ChildStdin,
    output: ChildStdout,
    _child: Child,
    _group: Group,
}

impl Tool {
    /// Starts it for a dialogue. What it writes to standard error is thrown away.
    ///
    /// # Errors
    /// When it cannot be started.
    pub fn dialogue(mut self) -> Result<Dialogue, ProcessError> {
        let piped = self.command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn();
        let opened = piped.and_then(|mut child| {
            let group = Group::of(&child);
            let pipes = child.stdin.take().zip(child.stdout.take());
            let (input, output) = pipes.ok_or(io::ErrorKind::BrokenPipe)?;
            Ok(Dialogue { input, output, _child: child, _group: group })
        });
        opened.map_err(|source| ProcessError::Start { line: self.line(), source })
    }
}

impl AsyncRead for Dialogue {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().output).poll_read(cx, buffer)
    }
}

impl AsyncWrite for Dialogue {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.get_mut().input).poll_write(cx, bytes)
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().input).poll_flush(cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().input).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    #[tokio::test]
    async fn what_is_said_is_answered() {
        let mut dialogue = Tool::new("cat").dialogue().unwrap();
        dialogue.write_all(b"hello").await.unwrap();
        let mut answer = [0; 5];
        dialogue.read_exact(&mut answer).await.unwrap();
        assert_eq!(&answer, b"hello");
    }

    #[tokio::test]
    async fn a_program_that_is_not_there_is_named() {
        let error = Tool::new("no-such-program").dialogue().err().unwrap().to_string();
        assert!(error.contains("no-such-program"), "{error}");
    }
}
