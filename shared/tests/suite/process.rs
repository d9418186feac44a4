//! This test binary as a process of its own, which tests start, race and kill.
#![expect(clippy::unwrap_used, reason = "a test whose processes do not work has failed")]

use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

/// A child process.
pub(crate) struct Process {
    child: Child,
    stdin: ChildStdin,
    lines: std::io::Lines<BufReader<ChildStdout>>,
}

impl Process {
    /// Starts a child that runs the one test `body`, which says with [`ready`] that it can begin.
    pub(crate) fn spawn<'a>(body: &str, variables: impl IntoIterator<Item = (&'a str, String)>) -> Self {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args([body, "--exact", "--nocapture", "--quiet"])
            .envs(variables)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        Self {
            stdin: child.stdin.take().unwrap(),
            lines: BufReader::new(child.stdout.take().unwrap()).lines(),
            child,
        }
    }

    /// The next line that the child says; nothing where it ended.
    pub(crate) fn line(&mut self) -> Option<String> {
        self.lines
            .by_ref()
            .map_while(Result::ok)
            .find_map(|line| line.strip_prefix("child: ").map(str::to_owned))
    }

    /// Waits until it can begin.
    pub(crate) fn wait_until_ready(&mut self) {
        assert_eq!(self.line().as_deref(), Some("ready"));
    }

    pub(crate) fn go(&mut self) {
        self.tell("go");
    }

    /// Says a line to the child.
    pub(crate) fn tell(&mut self, line: &str) {
        writeln!(self.stdin, "{line}").unwrap();
        self.stdin.flush().unwrap();
    }

    /// Everything that it still says until it ends by itself.
    pub(crate) fn finish(mut self) -> Vec<String> {
        let said = std::iter::from_fn(|| self.line()).collect();
        assert!(self.child.wait().unwrap().success());
        said
    }

    /// Ends it by SIGKILL; everything that it had said by then.
    pub(crate) fn kill(mut self) -> Vec<String> {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
        std::iter::from_fn(|| self.line()).collect()
    }
}

/// In the child: says a line to its parent.
pub(crate) fn say(line: &str) {
    let mut stdout = std::io::stdout().lock();
    writeln!(stdout, "child: {line}").unwrap();
    stdout.flush().unwrap();
}

/// In the child: says that it can begin, and waits until it may.
pub(crate) fn ready() {
    say("ready");
    hear();
}

/// In the child: the next line of its parent.
pub(crate) fn hear() -> String {
    let mut line = String::new();
    std::io::stdin().lock().read_line(&mut line).unwrap();
    line.trim_end().to_owned()
}
