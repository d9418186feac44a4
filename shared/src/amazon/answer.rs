//! What an answer of Amazon's means. Its status alone does not say: throttles come with 200 and 400, a lost session
//! as a page for people (docs/amazon-api.md, 2.4 and 9.1).

use std::time::Duration;

use serde_json::Value;

use super::transport::Reply;

/// How much of a refusal is searched for words, in bytes.
const SEARCHED: usize = 4096;

/// Words of a throttle, in lower case.
const THROTTLES: [&str; 5] =
    ["throttlingexception", "rate exceeded", "too many requests", "too_many_requests", "toomanyrequests"];

/// Why an answer is none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Refusal {
    /// Too much, too often; with the time that Amazon asked for.
    Throttled(Option<Duration>),
    /// The session is not, or no longer, accepted.
    Unauthorized,
    /// Nothing plays on that device as far as Amazon's own player knows, or its queue has expired.
    NotPlaying,
    /// Amazon has a problem.
    Unavailable(u16),
    /// Something that nobody has described.
    Unexpected(u16),
}

/// Sorts an answer: what is fit to be read, or why it is not.
pub(super) fn sort(reply: Reply) -> Result<Reply, Refusal> {
    if is_throttle(&reply) {
        return Err(Refusal::Throttled(retry_after(&reply)));
    }
    match reply.status {
        401 | 403 | 407 => Err(Refusal::Unauthorized),
        300..=399 if reply.location().is_some_and(|to| to.contains("/ap/signin")) => {
            Err(Refusal::Unauthorized)
        }
        // A page where data belongs is the page to sign in.
        200..=299 if reply.is_page() => Err(Refusal::Unauthorized),
        200..=299 => Ok(reply),
        400 | 404 | 409 if is_not_playing(&reply) => Err(Refusal::NotPlaying),
        500..=599 => Err(Refusal::Unavailable(reply.status)),
        status => Err(Refusal::Unexpected(status)),
    }
}

fn is_throttle(reply: &Reply) -> bool {
    let named = reply.header("x-amzn-errortype").is_some_and(|kind| has_throttle(kind.as_bytes()));
    match reply.status {
        429 => true,
        200..=299 => {
            named || reply.json::<Value>().map_or_else(|| says_so_plainly(reply), |body| says_throttle(&body))
        }
        400..=599 => named || has_throttle(&reply.body),
        _ => named,
    }
}

/// Whether a short answer that is no data says it in words. A page has room for any word.
fn says_so_plainly(reply: &Reply) -> bool {
    !reply.is_page() && reply.body.len() <= SEARCHED && has_throttle(&reply.body)
}

/// Whether the answer to a request that was served says in its errors that it was not.
fn says_throttle(body: &Value) -> bool {
    let mut said = Vec::new();
    for member in ["__type", "code", "message"] {
        said.extend(body.get(member).and_then(Value::as_str).map(str::to_owned));
    }
    said.extend(body.get("errors").map(Value::to_string));
    said.iter().any(|said| has_throttle(said.as_bytes()))
}

fn has_throttle(text: &[u8]) -> bool {
    let text = String::from_utf8_lossy(&text[..text.len().min(SEARCHED)]).to_lowercase();
    THROTTLES.iter().any(|throttle| text.contains(throttle))
}

fn retry_after(reply: &Reply) -> Option<Duration> {
    let seconds: u64 = reply.header("retry-after")?.trim().parse().ok()?;
    Some(Duration::from_secs(seconds))
}

/// docs/amazon-api.md, 5.1.
fn is_not_playing(reply: &Reply) -> bool {
    const KINDS: [&str; 3] = ["UnsupportedProviderException", "ExpiredPlayQueueException", "QUEUE_EXPIRED"];
    let named = |header: &str| {
        reply.header(header).is_some_and(|kind| KINDS.iter().any(|known| kind.contains(known)))
    };
    named("x-amzn-errortype") || named("x-amzn-error")
}
