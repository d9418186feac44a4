//! `aws` as one process for all the commands of a test: a start takes longer than ten commands.
#![expect(clippy::unwrap_used, reason = "a test whose commands do not run has failed")]

use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use serde_json::Value;

use crate::machine;

/// Time limit of a command; the longest waits 20 seconds for a message.
const PATIENCE: Duration = Duration::from_mins(1);

/// The process, which ends when this is dropped.
#[derive(Debug)]
pub(super) struct Aws {
    process: Child,
    pipes: Mutex<Pipes>,
}

#[derive(Debug)]
struct Pipes {
    commands: ChildStdin,
    answers: Receiver<String>,
}

impl Aws {
    /// Starts the process; `python` is the Python that has the package `awscli`, with the variables for it.
    pub(super) fn start(mut python: Command) -> Self {
        let script = machine::workspace().join("tests/python/aws.py");
        let mut process = python.arg(script).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let output = BufReader::new(process.stdout.take().unwrap());
        let (sender, answers) = channel();
        thread::spawn(move || output.lines().map_while(Result::ok).try_for_each(|line| sender.send(line)));
        let commands = process.stdin.take().unwrap();
        Self { process, pipes: Mutex::new(Pipes { commands, answers }) }
    }

    /// The output of a command; null where it prints nothing.
    ///
    /// # Errors
    /// The standard error of a command that fails.
    pub(super) fn run(&self, arguments: &[&str]) -> Result<Value, String> {
        let mut pipes = self.pipes.lock().unwrap_or_else(PoisonError::into_inner);
        writeln!(pipes.commands, "{}", Value::from(arguments)).unwrap();
        let line = pipes.answers.recv_timeout(PATIENCE);
        let line = line.unwrap_or_else(|error| panic!("aws {arguments:?}: no answer: {error}"));
        let answer: Value = serde_json::from_str(&line).unwrap();
        let text = |name: &str| answer[name].as_str().unwrap().trim();
        match (answer["status"].as_i64(), text("stdout")) {
            (Some(0), "") => Ok(Value::Null),
            (Some(0), printed) => Ok(serde_json::from_str(printed).unwrap()),
            _ => Err(text("stderr").to_owned()),
        }
    }
}

impl Drop for Aws {
    fn drop(&mut self) {
        self.process.kill().ok();
        self.process.wait().ok();
    }
}
