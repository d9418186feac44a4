//! Log of the requests, for tests to look at.

use std::time::Instant;

use axum::http::HeaderMap;
use serde_json::Value;

use super::asked::Asked;

/// One request that came.
#[derive(Clone, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each says whether something was there")]
pub struct Call {
    /// The `Host` header.
    pub host: String,
    /// Such as `GET`.
    pub method: String,
    /// As it was sent, without the query.
    pub path: String,
    /// Query of the request, decoded.
    pub query: Vec<(String, String)>,
    /// All headers.
    pub headers: HeaderMap,
    /// JSON, or a form as an object of texts, or the text, or null, by the content type.
    pub body: Value,
    /// Whether it carried cookies.
    pub has_cookies: bool,
    /// Whether it carried the `csrf` header.
    pub has_csrf: bool,
    /// Whether it carried a bearer token.
    pub has_bearer: bool,
    /// Whether it carried the account's cookies or tokens, the refresh token among them, and was not for live events.
    pub of_account: bool,
    /// Time at which it had come.
    pub arrived: Instant,
    /// Time at which its answer was ready, or its connection gone.
    pub ended: Option<Instant>,
    /// The status of its answer; nothing when it got none.
    pub status: Option<u16>,
}

impl Call {
    fn new(asked: &Asked) -> Self {
        let has_cookies = !asked.cookies().is_empty();
        let has_bearer = !asked.bearer().is_empty();
        let has_token = ["source_token", "refresh_token"].iter().any(|name| !asked.field(name).is_empty());
        Self {
            host: asked.host_name.clone(),
            method: asked.method.to_string(),
            path: asked.path.clone(),
            query: asked.query.clone(),
            headers: asked.headers.clone(),
            body: asked.body.clone(),
            has_cookies,
            has_csrf: !asked.header("csrf").is_empty(),
            has_bearer,
            // The limiter is for everything but the stream of live events.
            of_account: (has_cookies || has_bearer || has_token) && !asked.path.starts_with("/v20160207/"),
            arrived: Instant::now(),
            ended: None,
            status: None,
        }
    }

    /// The sequence of a request to `/api/behaviors/preview`, decoded; null when it has none.
    #[must_use]
    pub fn sequence(&self) -> Value {
        let text = self.body["sequenceJson"].as_str().unwrap_or_default();
        serde_json::from_str(text).unwrap_or_default()
    }
}

/// All of them.
#[derive(Debug, Default)]
pub(super) struct Log {
    calls: Vec<Call>,
    in_flight: usize,
    max_in_flight: usize,
    /// Acts that no client may do.
    pub(super) violations: Vec<String>,
}

impl Log {
    /// Notes a request, and returns its number.
    pub(super) fn arrive(&mut self, asked: &Asked) -> usize {
        let call = Call::new(asked);
        self.in_flight += usize::from(call.of_account);
        self.max_in_flight = self.max_in_flight.max(self.in_flight);
        self.calls.push(call);
        self.calls.len() - 1
    }

    /// Notes the status of an answer that is about to be sent.
    pub(super) fn answered(&mut self, number: usize, status: u16) {
        self.calls[number].status = Some(status);
    }

    /// Notes that a request is over.
    pub(super) fn end(&mut self, number: usize) {
        let call = &mut self.calls[number];
        call.ended = Some(Instant::now());
        self.in_flight -= usize::from(call.of_account);
    }

    /// Those whose paths begin so, in the order in which they came.
    pub(super) fn calls(&self, path: &str) -> Vec<Call> {
        self.calls.iter().filter(|call| call.path.starts_with(path)).cloned().collect()
    }

    pub(super) fn max_in_flight(&self) -> usize {
        self.max_in_flight
    }
}
