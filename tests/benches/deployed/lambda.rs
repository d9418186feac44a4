//! A Lambda of one process and one thread: gives a function an invocation, waits for its answer and for the function to
//! be at rest (AWS Lambda, "Lambda runtime API"). It does as little as it can, so that what is measured is the function.

use std::fs;
use std::io::{self, BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail, ensure};
use end_to_end::measured::processor_time;
use ma_alexa::clock::{Clock as _, SystemClock};

/// How long a function may take to start, or to answer.
const PATIENCE: Duration = Duration::from_secs(20);

/// How often a function that is about to come to rest is looked at.
const LOOK: Duration = Duration::from_micros(50);

/// A function that runs, with the one connection that it asks for invocations on. It ends when this is dropped.
pub(crate) struct Lambda {
    child: Child,
    connection: BufReader<TcpStream>,
    /// From the start of the process until it first asked for an invocation.
    pub(crate) init: Duration,
    invoked: u32,
}

impl Lambda {
    /// Starts a bootstrap with these variables and no others, and waits until it asks for an invocation.
    pub(crate) fn start(bootstrap: &Path, variables: &[(&str, String)]) -> anyhow::Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0))?;
        let mut command = Command::new(bootstrap);
        command
            .env_clear()
            .current_dir(std::env::temp_dir())
            .env("AWS_LAMBDA_RUNTIME_API", listener.local_addr()?.to_string())
            .env("AWS_LAMBDA_FUNCTION_NAME", "measured")
            .env("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST")
            .env("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "256")
            .env("AWS_LAMBDA_LOG_GROUP_NAME", "/aws/lambda/measured")
            .env("AWS_LAMBDA_LOG_STREAM_NAME", "measured")
            .envs(variables.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::null())
            // A file, where Lambda has a pipe: the reader of a pipe is woken in the middle of an invocation, and on a
            // machine of few processors disturbs what is measured.
            .stdout(tempfile::tempfile()?);
        let began = Instant::now();
        let mut child = command.spawn().with_context(|| format!("{}", bootstrap.display()))?;
        let connection = match accept(&listener, &mut child) {
            Ok(connection) => connection,
            Err(error) => {
                child.kill()?;
                child.wait()?;
                return Err(error);
            }
        };
        let connection = BufReader::with_capacity(64 * 1024, connection);
        let mut lambda = Self { child, connection, init: Duration::ZERO, invoked: 0 };
        lambda.is_asked_for_the_next()?;
        lambda.init = began.elapsed();
        Ok(lambda)
    }

    /// The answer to an event, and how long it took.
    pub(crate) fn invoke(&mut self, event: &[u8]) -> anyhow::Result<(Vec<u8>, Duration)> {
        self.invoked += 1;
        let deadline = SystemClock.now().plus(PATIENCE);
        let mut message = format!(
            "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\
             Lambda-Runtime-Aws-Request-Id: 00000000-0000-4000-8000-{:012x}\r\n\
             Lambda-Runtime-Deadline-Ms: {}\r\n\
             Lambda-Runtime-Invoked-Function-Arn: arn:aws:lambda:us-east-1:000000000000:function:measured\r\n\
             Lambda-Runtime-Trace-Id: Root=1-00000000-000000000000000000000000;Sampled=0\r\n\
             Content-Length: {}\r\n\r\n",
            self.invoked,
            deadline.millis(),
            event.len()
        )
        .into_bytes();
        message.extend_from_slice(event);
        let began = Instant::now();
        self.connection.get_mut().write_all(&message)?;
        let (head, answer) = self.receive()?;
        let took = began.elapsed();
        let said = || String::from_utf8_lossy(&answer).into_owned();
        ensure!(head.starts_with("POST ") && head.contains("/response "), "not answered: {head}: {}", said());
        self.connection.get_mut().write_all(b"HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n")?;
        self.is_asked_for_the_next()?;
        Ok((answer, took))
    }

    /// The processor time so far of a function that has nothing to do.
    pub(crate) fn processor_time(&self) -> anyhow::Result<Duration> {
        let began = Instant::now();
        while !self.rests()? {
            ensure!(began.elapsed() < PATIENCE, "the function does not come to rest");
            thread::sleep(LOOK);
        }
        processor_time(self.child.id()).context("this system does not tell a process's processor time")
    }

    /// The most memory that it had at any time, in bytes.
    pub(crate) fn peak_memory(&self) -> anyhow::Result<u64> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id()))?;
        let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).context("no VmHWM")?;
        Ok(peak.trim_end_matches("kB").trim().parse::<u64>()? * 1024)
    }

    /// Whether all threads wait for something.
    fn rests(&self) -> anyhow::Result<bool> {
        for task in fs::read_dir(format!("/proc/{}/task", self.child.id()))? {
            let state = fs::read_to_string(task?.path().join("stat"))?;
            // After the name, which stands in parentheses and may hold any character.
            let state = state.rsplit_once(") ").context("no state")?.1;
            if !state.starts_with('S') {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn is_asked_for_the_next(&mut self) -> anyhow::Result<()> {
        let (head, _) = self.receive()?;
        ensure!(head.starts_with("GET ") && head.contains("/invocation/next "), "unexpected: {head}");
        Ok(())
    }

    /// Head and body of a request.
    fn receive(&mut self) -> anyhow::Result<(String, Vec<u8>)> {
        let (mut head, mut length) = (String::new(), 0);
        loop {
            let begin = head.len();
            ensure!(self.connection.read_line(&mut head)? > 0, "the function ended");
            let line = head[begin..].trim_end();
            if line.is_empty() {
                break;
            }
            if let Some((name, value)) = line.split_once(':') {
                ensure!(
                    !name.eq_ignore_ascii_case("transfer-encoding"),
                    "an answer without a length: {head}"
                );
                if name.eq_ignore_ascii_case("content-length") {
                    length = value.trim().parse()?;
                }
            }
        }
        let mut body = vec![0; length];
        self.connection.read_exact(&mut body)?;
        Ok((head, body))
    }
}

impl Drop for Lambda {
    fn drop(&mut self) {
        // It is ours, and it has nothing to lose.
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

fn accept(listener: &TcpListener, child: &mut Child) -> anyhow::Result<TcpStream> {
    listener.set_nonblocking(true)?;
    let began = Instant::now();
    loop {
        match listener.accept() {
            Ok((connection, _)) => {
                connection.set_nonblocking(false)?;
                connection.set_nodelay(true)?;
                connection.set_read_timeout(Some(PATIENCE))?;
                return Ok(connection);
            }
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => thread::sleep(LOOK),
            Err(error) => return Err(error.into()),
        }
        if let Some(status) = child.try_wait()? {
            bail!("the function ended before it asked for anything: {status}");
        }
        ensure!(began.elapsed() < PATIENCE, "the function does not ask for an invocation");
    }
}
