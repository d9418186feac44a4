//! How long a walk takes at most.

use std::future::pending;
use std::sync::Arc;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering::SeqCst;
use std::time::Duration;

use async_trait::async_trait;
use axum::http::HeaderMap;
use end_to_end::amazon::Fault;
use ma_alexa::probe::{Answer, Ask, ProbeError, Prober, Question};
use serde_json::json;
use tokio::time::{Instant, sleep};

use super::harness::{Harness, MA};

/// How long a question takes, and Amazon has: a tenth of what they take and have.
const ANSWERS: Duration = Duration::from_millis(600);
const PATIENCE: Duration = Duration::from_secs(1);

/// Nobody answers before the time is over. Music Assistant alone says at the last moment that it is there, and then takes a
/// call and says nothing more.
#[derive(Debug, Default)]
struct Silent {
    asked: AtomicUsize,
    /// How many questions were under way at once, at most.
    at_once: AtomicUsize,
    under_way: AtomicUsize,
}

#[async_trait]
impl Prober for Silent {
    async fn ask(&self, question: &Question) -> Result<Answer, ProbeError> {
        if matches!(question.ask, Ask::Call { .. }) {
            return pending().await;
        }
        self.asked.fetch_add(1, SeqCst);
        self.at_once.fetch_max(1 + self.under_way.fetch_add(1, SeqCst), SeqCst);
        sleep(ANSWERS).await;
        self.under_way.fetch_sub(1, SeqCst);
        if question.url.host_str() != Some(MA) {
            return Err(ProbeError::Timeout);
        }
        let body = json!({ "server_version": "2.9.11", "schema_version": 29 }).to_string().into_bytes();
        Ok(Answer { status: 200, headers: HeaderMap::new(), body, is_cut: false, leaf: None })
    }
}

// All questions are under way at once, and none that stays without an answer keeps the walk: one after the other they would
// take many times as long, and some of them for ever.
#[tokio::test(flavor = "multi_thread")]
async fn a_walk_among_the_silent_comes_to_its_end() {
    let silent = Arc::new(Silent::default());
    let harness = Harness::asked_by(silent.clone()).await;
    harness.ask_intents().await;
    harness.amazon.fault("/v1/skills", Fault::NoAnswer, usize::MAX);
    let begun = Instant::now();
    let found = harness.state.doctor().clone().within(PATIENCE).at_most(Duration::ZERO).await.unwrap();
    let took = begun.elapsed();
    assert!(took >= PATIENCE, "{took:?}");
    let (asked, at_once) = (silent.asked.load(SeqCst), silent.at_once.load(SeqCst));
    assert!(asked > 3 && at_once == asked, "{at_once} of {asked} at once");
    for code in ["api-timeout", "stream-timeout", "developer-unavailable"] {
        assert!(found.findings().any(|finding| finding.code == code), "{code}: {found:?}");
    }
}
