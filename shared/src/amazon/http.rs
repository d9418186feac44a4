//! Requests to Amazon under the permits of the limiter. No request of the account leaves by another way.

use std::sync::Arc;
use std::time::Instant;

use super::error::AmazonError;
use super::rate_limit::{Limiter, Permit};
use super::transport::{AmazonRequest, AmazonResponse, AmazonTransport, TransportError};
use crate::account::{RequestKind, RequestLane};
use crate::telemetry::{Metrics, Observation};

/// The transport and the limiter of the household, and the sink of metrics.
#[derive(Clone, Debug)]
pub(super) struct Http {
    transport: AmazonTransport,
    limiter: Limiter,
    metrics: Arc<Metrics>,
}

/// A series of requests under one permit. [`Self::close`] releases its lane; without it, the lane is free at the end of
/// its lease.
#[derive(Debug)]
pub(super) struct RequestSeries {
    http: Http,
    permit: Permit,
}

impl Http {
    pub(super) fn new(transport: AmazonTransport, limiter: Limiter, metrics: Arc<Metrics>) -> Self {
        Self { transport, limiter, metrics }
    }

    pub(super) fn metrics(&self) -> &Metrics {
        &self.metrics
    }

    pub(super) fn limiter(&self) -> &Limiter {
        &self.limiter
    }

    /// Waits for a lane, and begins a series in it with a request of this kind.
    pub(super) async fn open(
        &self,
        lane: RequestLane,
        kind: RequestKind,
    ) -> Result<RequestSeries, AmazonError> {
        let permit = self.limiter.acquire(lane, kind).await?;
        Ok(RequestSeries { http: self.clone(), permit })
    }

    /// Begins a series without waiting; none where the lane is busy.
    pub(super) async fn try_open(
        &self,
        lane: RequestLane,
        kind: RequestKind,
    ) -> Result<Option<RequestSeries>, AmazonError> {
        let permit = self.limiter.try_acquire(lane, kind).await?;
        Ok(permit.map(|permit| RequestSeries { http: self.clone(), permit }))
    }
}

impl RequestSeries {
    /// Sends a request. The permit is renewed where an earlier request, such as a token refresh, took long.
    pub(super) async fn send(
        &self,
        call: &AmazonRequest,
        kind: RequestKind,
    ) -> Result<AmazonResponse, AmazonError> {
        self.http.limiter.before_send(&self.permit, kind).await?;
        let began = Instant::now();
        let answered = self.http.transport.send(call).await;
        let (outcome, duration) = (outcome(&answered), began.elapsed());
        self.http.metrics.observe(&Observation::Amazon { outcome, duration });
        Ok(answered?)
    }

    /// Renews the permit for one more behaviour.
    pub(super) async fn renew(&self) -> Result<(), AmazonError> {
        self.http.limiter.renew(&self.permit, RequestKind::Behavior).await
    }

    /// Whether Amazon throttled a request of this series.
    pub(super) fn is_throttled(&self) -> bool {
        self.permit.is_throttled()
    }

    /// Records a throttle that the result of [`Self::close`] does not hold.
    pub(super) fn record_error(&self, error: &AmazonError) {
        self.observe_throttle(error);
        self.permit.record_error(error);
    }

    /// Records that Amazon served a request of the app's API.
    pub(super) fn record_served(&self) {
        self.permit.record_served();
    }

    /// Releases the lane after a result. Where Amazon throttled, the error says until when.
    pub(super) async fn close<T>(self, result: Result<T, AmazonError>) -> Result<T, AmazonError> {
        match result {
            Ok(value) => {
                self.http.limiter.release(&self.permit).await;
                Ok(value)
            }
            Err(error) => {
                self.observe_throttle(&error);
                Err(self.http.limiter.release_failed(&self.permit, error).await)
            }
        }
    }

    /// Counts the first throttle of this series: an error may be recorded and be the result, too.
    fn observe_throttle(&self, error: &AmazonError) {
        if matches!(error, AmazonError::Throttling(_)) && !self.is_throttled() {
            self.http.metrics.observe(&Observation::AmazonThrottled);
        }
    }
}

/// The outcome of a request in a word.
fn outcome(answered: &Result<AmazonResponse, TransportError>) -> &'static str {
    match answered {
        Ok(reply) => match reply.status {
            429 => "throttled",
            400..=499 => "refused",
            500.. => "failed",
            _ => "ok",
        },
        Err(TransportError::NotAsked(_)) => "not_sent",
        Err(_) => "unanswered",
    }
}
