//! The longest time of a run.

use std::future::pending;
use std::sync::Arc;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering::SeqCst;
use std::time::Duration;

use async_trait::async_trait;
use axum::http::HeaderMap;
use end_to_end::amazon::Fault;
use ma_alexa::probe::{Method, ProbeError, ProbeRequest, ProbeResponse, Prober};
use serde_json::json;
use tokio::time::{Instant, sleep};

use super::harness::Harness;
use super::sites::MA;

/// The time of a probe and the timeout of Amazon: a tenth of the real ones.
const PROBE: Duration = Duration::from_millis(600);
const TIMEOUT: Duration = Duration::from_secs(1);

/// A prober without any response before the timeout. Music Assistant alone answers `/info` at the last moment, and does
/// not answer the call after it.
#[derive(Debug, Default)]
struct SlowProber {
    /// The number of all probes.
    sent: AtomicUsize,
    /// The most probes that ran at once.
    at_once: AtomicUsize,
    running: AtomicUsize,
}

#[async_trait]
impl Prober for SlowProber {
    async fn probe(&self, request: &ProbeRequest) -> Result<ProbeResponse, ProbeError> {
        if matches!(request.method, Method::PostJson { .. }) {
            return pending().await;
        }
        self.sent.fetch_add(1, SeqCst);
        self.at_once.fetch_max(1 + self.running.fetch_add(1, SeqCst), SeqCst);
        sleep(PROBE).await;
        self.running.fetch_sub(1, SeqCst);
        if request.url.host_str() != Some(MA) {
            return Err(ProbeError::Timeout);
        }
        let body = json!({ "server_version": "2.9.11", "schema_version": 29 }).to_string().into_bytes();
        let headers = HeaderMap::new();
        Ok(ProbeResponse { status: 200, headers, body, is_truncated: false, certificate: None })
    }
}

// All probes run at once, and none of them blocks the run without a response: in a row they would take many times as long,
// and some of them for ever.
#[tokio::test(flavor = "multi_thread")]
async fn a_run_without_responses_ends_in_time() {
    let prober = Arc::new(SlowProber::default());
    let harness = Harness::with_prober(prober.clone()).await;
    harness.ask_intents().await;
    harness.amazon.fault("/v1/skills", Fault::NoAnswer, usize::MAX);
    let begun = Instant::now();
    let found =
        harness.state.doctor().clone().with_timeout(TIMEOUT).check_max_age(Duration::ZERO).await.unwrap();
    let took = begun.elapsed();
    assert!(took >= TIMEOUT, "{took:?}");
    let (sent, at_once) = (prober.sent.load(SeqCst), prober.at_once.load(SeqCst));
    assert!(sent > 3 && at_once == sent, "{at_once} of {sent} at once");
    for code in ["api-timeout", "stream-timeout", "developer-unavailable"] {
        assert!(found.findings().any(|finding| finding.code == code), "{code}: {found:?}");
    }
}
