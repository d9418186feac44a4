//! Commands of other programs, bounded in time and size.

use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use futures_util::future::join;
use tokio::io::{self, AsyncRead, AsyncReadExt as _};
use tokio::process::Command;
use tokio::time::timeout;

/// Most bytes that are read of an output, here and from a socket.
pub(super) const MAX_ANSWER: usize = 1024 * 1024;

/// The end of a command, and what it printed.
#[derive(Debug)]
pub(super) struct Output {
    /// Its end.
    pub(super) end: ProgramEnd,
    /// Its standard output, at most [`MAX_ANSWER`] and a byte.
    pub(super) stdout: Vec<u8>,
    /// Its standard error, as bounded.
    pub(super) stderr: Vec<u8>,
}

/// The end of a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ProgramEnd {
    /// It succeeded.
    Success,
    /// It failed.
    Failure,
    /// It took too long, and was killed.
    TooSlow,
}

/// A program that cannot be started.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct NotStarted;

/// Runs a command without input, for at most `patience`.
pub(super) async fn run(
    program: &Path,
    arguments: &[&str],
    patience: Duration,
) -> Result<Output, NotStarted> {
    let mut command = Command::new(program);
    command.args(arguments).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let spawned = command.kill_on_drop(true).spawn();
    let mut child = spawned.map_err(|error| {
        tracing::debug!(%error, program = %program.display(), "a program cannot be started");
        NotStarted
    })?;
    let (stdout, stderr) = (child.stdout.take(), child.stderr.take());
    let (mut printed, mut complained) = (Vec::new(), Vec::new());
    let whole = async {
        join(read(stdout, &mut printed), read(stderr, &mut complained)).await;
        child.wait().await
    };
    let end = match timeout(patience, whole).await {
        Ok(Ok(status)) if status.success() => ProgramEnd::Success,
        Ok(_) => ProgramEnd::Failure,
        Err(_) => ProgramEnd::TooSlow,
    };
    if end == ProgramEnd::TooSlow {
        // The runtime reaps it.
        let _ = child.start_kill();
    }
    Ok(Output { end, stdout: printed, stderr: complained })
}

async fn read(from: Option<impl AsyncRead + Unpin>, to: &mut Vec<u8>) {
    let Some(mut from) = from else { return };
    let limit = u64::try_from(MAX_ANSWER).unwrap_or(u64::MAX).saturating_add(1);
    // What was read before a failure counts.
    let _ = (&mut from).take(limit).read_to_end(to).await;
    // A pipe that nothing reads would kill the program.
    let _ = io::copy(&mut from, &mut io::sink()).await;
}
