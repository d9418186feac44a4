//! This test binary as a process of its own, which other tests start.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::Arc;

use ma_alexa::clock::{SystemClock, SystemRandom};
use ma_alexa::playback::Transition;
use ma_alexa::store::{self, Machine, Store};

use super::bench::{emulator, run, variables};
use super::samples::{after, claim, push};

const JOB: &str = "STORE_TEST_JOB";
const URL: &str = "STORE_TEST_URL";
const NAME: &str = "STORE_TEST_NAME";

/// What a child does once it is told to go.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Job {
    /// Eight Echos claim the first start of the player `A`; prints each that wins.
    Claim,
    /// Starts the player `A` 25 times; prints each version.
    Start,
    /// The same without end.
    StartForEver,
}

/// A child process.
pub(crate) struct Process {
    child: Child,
    stdin: ChildStdin,
    lines: std::io::Lines<BufReader<ChildStdout>>,
}

impl Process {
    /// Starts a child that opens the store and waits.
    pub(crate) fn start(url: &str, job: Job, name: &str) -> Self {
        let mut command = Command::new(std::env::current_exe().unwrap());
        command
            .args(["store::child::body", "--exact", "--nocapture", "--quiet"])
            .env(JOB, format!("{job:?}"))
            .env(URL, url)
            .env(NAME, name)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped());
        if url.starts_with("dynamodb:") {
            command.envs(variables(&emulator().unwrap()));
        }
        let mut child = command.spawn().unwrap();
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

    /// Waits until the store is open.
    pub(crate) fn wait_until_ready(&mut self) {
        assert_eq!(self.line().as_deref(), Some("ready"));
    }

    pub(crate) fn go(&mut self) {
        self.stdin.write_all(b"go\n").unwrap();
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

fn say(line: &str) {
    let mut stdout = std::io::stdout().lock();
    writeln!(stdout, "child: {line}").unwrap();
    stdout.flush().unwrap();
}

/// The body of a child process; there is nothing to do where no test started one.
#[test]
fn body() {
    let Ok(job) = std::env::var(JOB) else {
        return;
    };
    let (url, name) = (std::env::var(URL).unwrap(), std::env::var(NAME).unwrap());
    let machine = Machine {
        clock: Arc::new(SystemClock),
        random: Arc::new(SystemRandom),
        lookup: &|name| std::env::var(name).ok(),
    };
    run(async {
        let store = store::open(&url, &machine).unwrap();
        // Connects, which is no part of a race.
        store.settings().await.unwrap();
        say("ready");
        std::io::stdin().lock().read_line(&mut String::new()).unwrap();
        match job.as_str() {
            "Claim" => claim_all(&store, &name).await,
            "Start" => start(&store, &name, 25).await,
            "StartForEver" => start(&store, &name, usize::MAX).await,
            other => panic!("{other}"),
        }
    });
}

async fn claim_all(store: &Arc<dyn Store>, name: &str) {
    let mut claims = tokio::task::JoinSet::new();
    for echo in 0..8 {
        let (store, echo) = (Arc::clone(store), format!("{name}-{echo}"));
        claims.spawn(async move {
            let claimed = store.claim(&claim("A", 1, &echo, &echo, after(1))).await.unwrap();
            (claimed, echo)
        });
    }
    let outcomes: BTreeMap<String, Transition> =
        claims.join_all().await.into_iter().map(|(transition, echo)| (echo, transition)).collect();
    for (echo, _) in outcomes.iter().filter(|(_, transition)| transition.stands()) {
        say(echo);
    }
}

async fn start(store: &Arc<dyn Store>, name: &str, times: usize) {
    for session in 0..times {
        let pushed = store.push(&push("A", &format!("{name}-{session}"), after(1))).await;
        say(&pushed.unwrap().version.to_string());
    }
}
