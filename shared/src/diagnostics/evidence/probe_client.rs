//! Probes with the time of their responses.

use url::Url;

use crate::clock::{Clock, Timestamp};
use crate::probe::{ProbeError, ProbeRequest, ProbeResponse, Prober, STREAM_SAMPLE};

/// A prober that notes the time of each response.
#[derive(Clone, Copy)]
pub(super) struct ProbeClient<'a> {
    pub(super) prober: &'a dyn Prober,
    pub(super) clock: &'a dyn Clock,
}

/// A stream or picture that may be requested.
#[derive(Clone, Debug)]
pub(in crate::diagnostics) struct Sample {
    /// The URL as an Echo gets it.
    pub(in crate::diagnostics) url: Url,
    /// The player that plays or shows it.
    pub(in crate::diagnostics) player: String,
    /// The time of its push.
    pub(in crate::diagnostics) pushed_at: Option<Timestamp>,
}

/// The result of one probe.
#[derive(Debug)]
pub(in crate::diagnostics) struct ProbeResult {
    /// The requested URL.
    pub(in crate::diagnostics) url: Url,
    /// The response, or the reason why there is none.
    pub(in crate::diagnostics) result: Result<ProbeResponse, ProbeError>,
    /// The time of the response.
    pub(in crate::diagnostics) at: Timestamp,
}

impl ProbeClient<'_> {
    pub(super) async fn send(&self, request: ProbeRequest) -> ProbeResult {
        let result = self.prober.probe(&request).await;
        ProbeResult { url: request.url, result, at: self.clock.now() }
    }

    pub(super) async fn send_optional(&self, request: Option<ProbeRequest>) -> Option<ProbeResult> {
        match request {
            Some(request) => Some(self.send(request).await),
            None => None,
        }
    }

    /// The first bytes of a stream or a picture, where there is one.
    pub(super) async fn send_sample(&self, sample: Option<Sample>) -> Option<(Sample, ProbeResult)> {
        let sample = sample?;
        let result = self.send(ProbeRequest::get(sample.url.clone(), STREAM_SAMPLE)).await;
        Some((sample, result))
    }
}

impl ProbeResult {
    /// The requested host.
    pub(in crate::diagnostics) fn host(&self) -> &str {
        self.url.host_str().unwrap_or_default()
    }

    /// The response, if there was one.
    pub(in crate::diagnostics) fn response(&self) -> Option<&ProbeResponse> {
        self.result.as_ref().ok()
    }

    /// The status of the response, if there was one.
    pub(in crate::diagnostics) fn status(&self) -> Option<u16> {
        self.response().map(|response| response.status)
    }
}
