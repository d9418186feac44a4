//! Programs that run beside a test, and end with it.
#![expect(clippy::unwrap_used, reason = "a test whose program cannot run has failed")]

use std::io::{BufRead as _, BufReader, Read, Write as _};
use std::os::unix::process::CommandExt as _;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

/// Time limit of a program for an expected event.
const PATIENCE: Duration = Duration::from_secs(30);

/// Time limit of a program for its end.
const END: Duration = Duration::from_secs(10);

/// Output of a program, and its exit status.
#[derive(Debug)]
pub struct Output {
    /// Exit status of the program.
    pub status: ExitStatus,
    /// Its standard output.
    pub stdout: String,
    /// Its standard error.
    pub stderr: String,
}

/// A running program. It gets a signal to end when it is dropped, with all that it started, and killed if it does not.
#[derive(Debug)]
pub struct Program {
    name: String,
    child: Child,
    said: Arc<Said>,
}

#[derive(Debug, Default)]
struct Said {
    lines: Mutex<Lines>,
    more: Condvar,
}

#[derive(Debug, Default)]
struct Lines {
    stdout: Vec<String>,
    stderr: Vec<String>,
    /// Number of the two streams that have ended, which they do when the last process that holds them has.
    ended: usize,
}

impl Said {
    fn lines(&self) -> MutexGuard<'_, Lines> {
        self.lines.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits until `found` finds something, or `patience` is over.
    fn wait<T>(&self, patience: Duration, mut found: impl FnMut(&Lines) -> Option<T>) -> Option<T> {
        let deadline = Instant::now() + patience;
        let mut lines = self.lines();
        loop {
            if let Some(found) = found(&lines) {
                return Some(found);
            }
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return None;
            }
            lines = self.more.wait_timeout(lines, left).unwrap_or_else(PoisonError::into_inner).0;
        }
    }
}

impl Program {
    /// Starts `command` in a process group of its own.
    #[must_use]
    pub fn start(command: &mut Command) -> Self {
        Self::start_with_input(command, &[])
    }

    /// Starts `command` with `input` as its whole standard input.
    #[must_use]
    pub fn start_with_input(command: &mut Command, input: &[u8]) -> Self {
        let name = command.get_program().to_string_lossy().into_owned();
        let mut child = command
            .stdin(if input.is_empty() { Stdio::null() } else { Stdio::piped() })
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .process_group(0)
            .spawn()
            .unwrap_or_else(|error| panic!("{name} cannot be started: {error}"));
        let said = Arc::new(Said::default());
        read(child.stdout.take().unwrap(), &said, |lines| &mut lines.stdout);
        read(child.stderr.take().unwrap(), &said, |lines| &mut lines.stderr);
        let program = Self { name, child, said };
        program.feed(input)
    }

    fn feed(mut self, input: &[u8]) -> Self {
        if let Some(mut stdin) = self.child.stdin.take() {
            // A program that ends without reading says why elsewhere.
            stdin.write_all(input).ok();
        }
        self
    }

    /// Output of a command, which has to end by itself.
    #[must_use]
    pub fn run(command: &mut Command) -> Output {
        Self::start(command).finish(PATIENCE)
    }

    /// The same with standard input.
    #[must_use]
    pub fn run_with_input(command: &mut Command, input: &[u8]) -> Output {
        Self::start_with_input(command, input).finish(PATIENCE)
    }

    /// The id of its process.
    #[must_use]
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// The first line of standard error with `text` in it.
    #[must_use]
    pub fn wait_for(&self, text: &str) -> String {
        self.wait_for_line(|lines| &lines.stderr, text)
    }

    /// The first line of standard output with `text` in it.
    #[must_use]
    pub fn wait_for_stdout(&self, text: &str) -> String {
        self.wait_for_line(|lines| &lines.stdout, text)
    }

    fn wait_for_line(&self, stream: fn(&Lines) -> &Vec<String>, text: &str) -> String {
        let line = self.said.wait(PATIENCE, |lines| {
            let found = stream(lines).iter().find(|line| line.contains(text)).cloned();
            found.map(Ok).or_else(|| (lines.ended == 2).then_some(Err(())))
        });
        match line {
            Some(Ok(line)) => line,
            _ => panic!("{} did not say {text:?}; it said:\n{}{}", self.name, self.stdout(), self.stderr()),
        }
    }

    /// Standard output so far.
    #[must_use]
    pub fn stdout(&self) -> String {
        join(&self.said.lines().stdout)
    }

    /// Standard error so far.
    #[must_use]
    pub fn stderr(&self) -> String {
        join(&self.said.lines().stderr)
    }

    /// Asks it to end, as an init system does, and waits until it has.
    #[must_use]
    pub fn terminate(self) -> Output {
        self.signal("TERM");
        self.finish(END)
    }

    /// Stops it where it stands: it neither runs nor ends.
    pub fn freeze(&self) {
        self.signal("STOP");
    }

    /// Lets it go on.
    pub fn thaw(&self) {
        self.signal("CONT");
    }

    /// Ends it at once, in the middle of its work, without a wait for its end.
    pub fn end_at_once(&self) {
        self.signal("KILL");
    }

    /// The same, and waits until it has ended.
    pub fn kill(self) {
        self.end_at_once();
        let _ = self.finish(END);
    }

    /// Whether it has ended, with everything that it started.
    #[must_use]
    pub fn has_ended(&self) -> bool {
        self.said.lines().ended == 2
    }

    /// Waits until it has ended, with everything that it started. Its status is not read.
    pub fn wait_for_end(&self) {
        let ended = self.said.wait(END, |lines| (lines.ended == 2).then_some(()));
        assert!(ended.is_some(), "{} did not end", self.name);
    }

    /// Waits until it has ended, with everything that it started.
    #[must_use]
    pub fn finish(mut self, patience: Duration) -> Output {
        let ended = self.said.wait(patience, |lines| (lines.ended == 2).then_some(()));
        assert!(ended.is_some(), "{} did not end; it said:\n{}{}", self.name, self.stdout(), self.stderr());
        let status = self.child.wait().unwrap();
        Output { status, stdout: self.stdout(), stderr: self.stderr() }
    }

    fn signal(&self, signal: &str) {
        // The negative number is the whole group. The shell has `kill` built in.
        let command = format!("kill -{signal} -{} 2> /dev/null", self.child.id());
        Command::new("sh").args(["-c", &command]).status().ok();
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let has_ended = |lines: &Lines| (lines.ended == 2).then_some(());
        if self.said.wait(Duration::ZERO, has_ended).is_none() {
            self.signal("TERM");
            // What is frozen does not hear that.
            self.signal("CONT");
            if self.said.wait(END, has_ended).is_none() {
                self.signal("KILL");
            }
        }
        self.child.wait().ok();
    }
}

fn read(stream: impl Read + Send + 'static, said: &Arc<Said>, lines: fn(&mut Lines) -> &mut Vec<String>) {
    let said = Arc::clone(said);
    thread::spawn(move || {
        let mut stream = BufReader::new(stream);
        let mut line = Vec::new();
        while stream.read_until(b'\n', &mut line).is_ok_and(|length| length > 0) {
            let text = String::from_utf8_lossy(&line).trim_end_matches('\n').to_owned();
            lines(&mut said.lines()).push(text);
            said.more.notify_all();
            line.clear();
        }
        said.lines().ended += 1;
        said.more.notify_all();
    });
}

fn join(lines: &[String]) -> String {
    lines.iter().flat_map(|line| [line.as_str(), "\n"]).collect()
}
