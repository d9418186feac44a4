//! What a process does that other tests start on a store.

use std::collections::BTreeMap;
use std::sync::Arc;

use ma_alexa::account::{AcquireRequest, RequestKind, RequestLane};
use ma_alexa::clock::{SystemClock, SystemRandom, Timestamp};
use ma_alexa::playback::Transition;
use ma_alexa::store::{self, Environment, Store};

use super::fixture::{emulator, run};
use super::samples::{UNSEEN, after, claim, push};
pub(crate) use crate::process::Process;
use crate::process::{hear, ready, say};

const JOB: &str = "STORE_TEST_JOB";
const URL: &str = "STORE_TEST_URL";
const NAME: &str = "STORE_TEST_NAME";

/// What a child does once it gets the word to go.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Job {
    /// Eight Echos claim the first start of the player `A`; prints each that wins.
    Claim,
    /// Starts the player `A` 25 times; prints each version.
    Start,
    /// The same without end.
    StartForEver,
    /// Takes the command lane as often as it gets a moment, in milliseconds; prints each answer.
    TakeLane,
}

impl Process {
    /// Starts a child that opens the store and waits.
    pub(crate) fn start(url: &str, job: Job, name: &str) -> Self {
        let mut variables = vec![(JOB, format!("{job:?}")), (URL, url.to_owned()), (NAME, name.to_owned())];
        if url.starts_with("dynamodb:") {
            variables.extend(super::fixture::variables(&emulator().unwrap()));
        }
        Self::spawn("store::child::body", variables)
    }
}

/// The body of a child process; there is nothing to do where no test started one.
#[test]
fn body() {
    let Ok(job) = std::env::var(JOB) else {
        return;
    };
    let (url, name) = (std::env::var(URL).unwrap(), std::env::var(NAME).unwrap());
    let machine = Environment {
        clock: Arc::new(SystemClock),
        random: Arc::new(SystemRandom),
        lookup: &|name| std::env::var(name).ok(),
    };
    run(async {
        let store = store::open(&url, &machine).unwrap();
        // Connects, which is no part of a race.
        store.settings().await.unwrap();
        ready();
        match job.as_str() {
            "Claim" => claim_all(&store, &name).await,
            "Start" => start(&store, &name, 25).await,
            "StartForEver" => start(&store, &name, usize::MAX).await,
            "TakeLane" => acquire_lane(&store, &name).await,
            other => panic!("{other}"),
        }
    });
}

async fn claim_all(store: &Arc<dyn Store>, name: &str) {
    let mut claims = tokio::task::JoinSet::new();
    for echo in 0..8 {
        let (store, echo) = (Arc::clone(store), format!("{name}-{echo}"));
        claims.spawn(async move {
            let claimed = store.claim(&claim("A", 1, &echo, &echo, after(1)), &UNSEEN).await.unwrap();
            (claimed, echo)
        });
    }
    let outcomes: BTreeMap<String, Transition> =
        claims.join_all().await.into_iter().map(|(transition, echo)| (echo, transition)).collect();
    for (echo, _) in outcomes.iter().filter(|(_, transition)| transition.succeeded()) {
        say(echo);
    }
}

async fn start(store: &Arc<dyn Store>, name: &str, times: usize) {
    for session in 0..times {
        let pushed = store.push(&push("A", &format!("{name}-{session}"), after(1))).await;
        say(&pushed.unwrap().version.to_string());
    }
}

async fn acquire_lane(store: &Arc<dyn Store>, name: &str) {
    while let Ok(millis) = hear().parse() {
        let at = Timestamp::from_millis(millis);
        let wish = AcquireRequest { holder: name.to_owned(), kind: RequestKind::Other, at };
        say(&format!("{:?}", store.acquire_lane(RequestLane::Commands, &wish).await.unwrap()));
    }
}
