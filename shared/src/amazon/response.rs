//! Classification of Amazon's responses. The status alone does not say enough: throttles come with 200 and 400, a
//! lost session as a page for people (docs/amazon-api.md, 2.4 and 9.1).

use std::time::Duration;

use serde_json::Value;

use super::transport::AmazonResponse;

/// Length of the part of a failure that is searched for words, in bytes.
const SEARCHED: usize = 4096;

/// Words of a throttle, in lower case.
const THROTTLES: [&str; 5] =
    ["throttlingexception", "rate exceeded", "too many requests", "too_many_requests", "toomanyrequests"];

/// A failure that a response reports.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum ApiFailure {
    /// Too many requests; with the pause that Amazon asked for.
    Throttled(Option<Duration>),
    /// The session is not, or no longer, accepted.
    Unauthorized,
    /// Nothing plays on that device as far as Amazon's own player knows, or its queue has expired.
    NotPlaying,
    /// Amazon has a problem.
    Unavailable(u16),
    /// A status without a known meaning.
    Unexpected(u16),
}

/// Classifies a response: a success, or its failure.
pub(super) fn classify(reply: AmazonResponse) -> Result<AmazonResponse, ApiFailure> {
    if is_throttle(&reply) {
        return Err(ApiFailure::Throttled(retry_after(&reply)));
    }
    match reply.status {
        401 | 403 | 407 => Err(ApiFailure::Unauthorized),
        300..=399 if reply.location().is_some_and(|to| to.contains("/ap/signin")) => {
            Err(ApiFailure::Unauthorized)
        }
        // A page where data belongs is the page to sign in.
        200..=299 if reply.is_page() => Err(ApiFailure::Unauthorized),
        200..=299 => Ok(reply),
        400 | 404 | 409 if is_not_playing(&reply) => Err(ApiFailure::NotPlaying),
        500..=599 => Err(ApiFailure::Unavailable(reply.status)),
        status => Err(ApiFailure::Unexpected(status)),
    }
}

fn is_throttle(reply: &AmazonResponse) -> bool {
    let named = reply.header("x-amzn-errortype").is_some_and(|kind| has_throttle(kind.as_bytes()));
    match reply.status {
        429 => true,
        200..=299 => {
            named
                || reply
                    .json::<Value>()
                    .map_or_else(|| is_plain_throttle(reply), |body| is_json_throttle(&body))
        }
        400..=599 => named || has_throttle(&reply.body),
        _ => named,
    }
}

/// Whether a short response without JSON names a throttle. A page has room for any word.
fn is_plain_throttle(reply: &AmazonResponse) -> bool {
    !reply.is_page() && reply.body.len() <= SEARCHED && has_throttle(&reply.body)
}

/// Whether the errors in a response with a status of success name a throttle.
fn is_json_throttle(body: &Value) -> bool {
    let mut texts = Vec::new();
    for member in ["__type", "code", "message"] {
        texts.extend(body.get(member).and_then(Value::as_str).map(str::to_owned));
    }
    texts.extend(body.get("errors").map(Value::to_string));
    texts.iter().any(|text| has_throttle(text.as_bytes()))
}

fn has_throttle(text: &[u8]) -> bool {
    let text = String::from_utf8_lossy(&text[..text.len().min(SEARCHED)]).to_lowercase();
    THROTTLES.iter().any(|throttle| text.contains(throttle))
}

fn retry_after(reply: &AmazonResponse) -> Option<Duration> {
    let seconds: u64 = reply.header("retry-after")?.trim().parse().ok()?;
    Some(Duration::from_secs(seconds))
}

/// docs/amazon-api.md, 5.1.
fn is_not_playing(reply: &AmazonResponse) -> bool {
    const KINDS: [&str; 3] = ["UnsupportedProviderException", "ExpiredPlayQueueException", "QUEUE_EXPIRED"];
    let named = |header: &str| {
        reply.header(header).is_some_and(|kind| KINDS.iter().any(|known| kind.contains(known)))
    };
    named("x-amzn-errortype") || named("x-amzn-error")
}
