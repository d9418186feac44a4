//! How long a walk takes at most.

use std::future::pending;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use axum::http::HeaderMap;
use end_to_end::amazon::Fault;
use ma_alexa::probe::{Answer, Ask, ProbeError, Prober, Question};
use serde_json::json;
use tokio::time::{Instant, sleep};

use super::world::{MA, World};

/// How long a question takes, and Amazon has: a tenth of what they take and have.
const ANSWERS: Duration = Duration::from_millis(600);
const PATIENCE: Duration = Duration::from_secs(1);

/// Nobody answers before the time is over. Music Assistant alone says at the last moment that it is there, and then takes a
/// call and says nothing more.
#[derive(Debug)]
struct Tough;

#[async_trait]
impl Prober for Tough {
    async fn ask(&self, question: &Question) -> Result<Answer, ProbeError> {
        if matches!(question.ask, Ask::Call { .. }) {
            return pending().await;
        }
        sleep(ANSWERS).await;
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
    let world = World::asked_by(Arc::new(Tough)).await;
    world.ask_intents().await;
    world.amazon.fault("/v1/skills", Fault::NoAnswer, usize::MAX);
    let begun = Instant::now();
    let found = world.state.doctor().clone().within(PATIENCE).at_most(Duration::ZERO).await.unwrap();
    let took = begun.elapsed();
    assert!(took >= PATIENCE && took < PATIENCE * 3, "{took:?}");
    for code in ["api-timeout", "stream-timeout", "developer-unavailable"] {
        assert!(found.findings().any(|finding| finding.code == code), "{code}: {found:?}");
    }
}
