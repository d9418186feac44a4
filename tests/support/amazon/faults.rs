//! Ways in which an answer goes wrong.

use std::time::Duration;

use serde_json::json;

use super::page::{self, Page};

/// Faults of Amazon in place of a normal response.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Refuses because of too many requests, in one of the shapes that this takes.
    Throttled(Throttle),
    /// Answers 503.
    Unavailable,
    /// Answers 500.
    ServerError,
    /// Answers 200 with a web page.
    Html,
    /// Answers 302 to the sign-in page.
    SignInRedirect,
    /// Answers 200 with JSON that ends in the middle.
    Malformed,
    /// Answers 401.
    Unauthorized,
    /// Answers 403.
    Forbidden,
    /// Answers 409, as while another update is under way.
    Conflict,
    /// Answers 412.
    PreconditionFailed,
    /// Answers 400 with a violation.
    Violations,
    /// Does what it was asked, and answers 503.
    DoneButUnavailable,
    /// Answers 200 with JSON of so many bytes.
    Large(usize),
    /// Waits this long before it does what it was asked, or another fault.
    Slow(Duration),
    /// Answers nothing, and keeps the connection.
    NoAnswer,
    /// Does what it was asked, answers nothing, and keeps the connection.
    DoneWithoutAnswer,
    /// Closes the connection without an answer, having done nothing.
    Closed,
    /// Does what it was asked, and closes the connection without an answer.
    AnswerLost,
}

/// Forms of a throttle.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Throttle {
    /// 429.
    Status,
    /// 429 with `Retry-After`, in seconds.
    RetryAfter(u32),
    /// 400 with `ThrottlingException` in JSON.
    Json,
    /// 400 with `Rate exceeded` as plain text.
    Text,
    /// 400 that says so in the header `x-amzn-ErrorType` alone.
    Header,
    /// 200 with an error as GraphQL has it.
    Graphql,
    /// 200 with `Rate exceeded` as plain text.
    ServedText,
}

impl Throttle {
    /// Every shape.
    pub const ALL: [Self; 7] = [
        Self::Status,
        Self::RetryAfter(7),
        Self::Json,
        Self::Text,
        Self::Header,
        Self::Graphql,
        Self::ServedText,
    ];

    pub(super) fn page(self) -> Page {
        match self {
            Self::Status => page::empty(429),
            Self::RetryAfter(seconds) => page::with(page::empty(429), "retry-after", &seconds.to_string()),
            Self::Json => page::json(400, &json!({"__type": "ThrottlingException", "message": null})),
            Self::Text => page::page(400, "text/plain", "Rate exceeded"),
            Self::ServedText => page::page(200, "text/plain", "Rate exceeded"),
            Self::Header => page::with(
                page::json(400, &json!({"message": null})),
                "x-amzn-errortype",
                "ThrottlingException:http://internal.amazon.com/coral/com.amazon.coral.availability/",
            ),
            Self::Graphql => page::json(
                200,
                &json!({
                    "data": null,
                    "errors": [{
                        "message": "Request was refused",
                        "extensions": {
                            "errorCode": "UNOFFICIAL_CLIENT_TOO_MANY_REQUESTS",
                            "isRetryable": false,
                        },
                    }],
                }),
            ),
        }
    }
}

/// The fate of one request.
#[derive(Debug)]
pub(super) enum Verdict {
    /// It is done and answered.
    Serve,
    /// It is answered so, and not done.
    Refuse(Box<Page>),
    /// It is not done and never answered.
    Hang,
    /// It is done and never answered.
    Keep,
    /// It is done, and answered so all the same.
    DoneAndRefused(Box<Page>),
    /// The connection ends; the request is done before, or not.
    Cut { done: bool },
}

impl Fault {
    fn verdict(self) -> Verdict {
        let page = match self {
            Self::Slow(_) => return Verdict::Serve,
            Self::NoAnswer => return Verdict::Hang,
            Self::DoneWithoutAnswer => return Verdict::Keep,
            Self::DoneButUnavailable => return Verdict::DoneAndRefused(Box::new(page::empty(503))),
            Self::Closed => return Verdict::Cut { done: false },
            Self::AnswerLost => return Verdict::Cut { done: true },
            Self::Throttled(throttle) => throttle.page(),
            Self::Large(bytes) => page::page(
                200,
                "application/json",
                format!("{{\"devices\":[],\"x\":\"{}\"}}", "x".repeat(bytes)),
            ),
            Self::Unavailable => page::empty(503),
            Self::ServerError => page::json(500, &json!({"message": null})),
            Self::Html => page::html(200, "Sorry! Something went wrong"),
            Self::SignInRedirect => page::sign_in_redirect(),
            Self::Malformed => page::page(200, "application/json", "{\"devices\":[{\"accountName\":"),
            Self::Unauthorized => page::empty(401),
            Self::Forbidden => page::empty(403),
            Self::Conflict => page::json(409, &json!({"message": "Another update is in progress"})),
            Self::PreconditionFailed => page::json(412, &json!({"message": "The ETag is stale"})),
            Self::Violations => page::json(
                400,
                &json!({"message": "Invalid", "violations": [{"code": "INVALID", "message": "A member is not valid"}]}),
            ),
        };
        Verdict::Refuse(Box::new(page))
    }
}

/// The faults that are still to happen.
#[derive(Debug, Default)]
pub(super) struct Faults(Vec<Wanted>);

/// One that is still to happen.
#[derive(Debug)]
struct Wanted {
    prefix: String,
    fault: Fault,
    /// Number of requests that are served before.
    skips: usize,
    times: usize,
}

impl Faults {
    pub(super) fn add(&mut self, path: &str, fault: Fault, skips: usize, times: usize) {
        self.0.push(Wanted { prefix: path.to_owned(), fault, skips, times });
    }

    pub(super) fn clear(&mut self) {
        self.0.clear();
    }

    /// Delay of a request to this path, and its outcome. Of the faults of a test the first counts, but one that slows
    /// down comes on top.
    pub(super) fn take(&mut self, path: &str) -> (Duration, Verdict) {
        let mut delay = Duration::ZERO;
        let mut verdict = None;
        for Wanted { prefix, fault, skips, times } in &mut self.0 {
            if *times == 0 || !path.starts_with(prefix.as_str()) {
                continue;
            }
            if *skips > 0 {
                *skips -= 1;
                continue;
            }
            match fault {
                Fault::Slow(time) => delay += *time,
                _ if verdict.is_some() => continue,
                _ => verdict = Some(fault.verdict()),
            }
            *times = times.saturating_sub(1);
        }
        (delay, verdict.unwrap_or(Verdict::Serve))
    }
}
