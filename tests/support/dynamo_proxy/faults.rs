//! Faults of a store.

use super::Call;

/// Fault that replaces the service of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// It is refused: too much is asked of the table, or of the account.
    Throttled,
    /// Nothing is done, and the answer is 500.
    Failed,
    /// Nothing is done, and the connection is closed.
    Dropped,
    /// Nothing is done, and there is no answer.
    Silent,
    /// It is served, and the answer is 500 all the same.
    DoneButFailed,
    /// It is served, and the connection is closed before the answer.
    DoneButDropped,
    /// It is served, and there is no answer.
    DoneButSilent,
}

/// Requests that a fault happens to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Victims {
    /// So many attempts of each operation, from the first.
    attempts: usize,
    /// Operations with one of these in their body.
    with: &'static [&'static str],
}

impl Victims {
    /// Every request.
    pub const ALL: Self = Self { attempts: usize::MAX, with: &[""] };

    /// The first `attempts` of each operation, after which it is served.
    #[must_use]
    pub const fn first(attempts: usize) -> Self {
        Self { attempts, ..Self::ALL }
    }

    /// Of these, those with one of `texts` in their body.
    #[must_use]
    pub const fn with(self, texts: &'static [&'static str]) -> Self {
        Self { with: texts, ..self }
    }

    pub(super) fn include(&self, call: &Call) -> bool {
        call.attempts <= self.attempts && self.with.iter().any(|text| call.body.contains(text))
    }
}

/// Reaction to a request.
pub(super) enum Reaction {
    /// This message.
    Answer(String),
    /// The end of the connection.
    Close,
    /// Nothing, for as long as a caller waits.
    Silence,
}

impl Fault {
    /// Whether the request is served first.
    pub(super) fn is_done(self) -> bool {
        matches!(self, Self::DoneButFailed | Self::DoneButDropped | Self::DoneButSilent)
    }

    /// Reaction to the `nth` attempt, counted from 1.
    pub(super) fn reaction(self, nth: usize) -> Reaction {
        match self {
            // Both mean the same; which of them comes depends on whose limit was reached (Amazon DynamoDB, "Error
            // messages and codes").
            Self::Throttled => Reaction::Answer(if nth % 2 == 1 {
                error(
                    400,
                    "dynamodb.v20120810#ProvisionedThroughputExceededException",
                    "The level is exceeded.",
                )
            } else {
                error(400, "coral.availability#ThrottlingException", "Rate of requests exceeds the limit.")
            }),
            Self::Failed | Self::DoneButFailed => Reaction::Answer(error(
                500,
                "dynamodb.v20120810#InternalServerError",
                "The request processing has failed.",
            )),
            Self::Dropped | Self::DoneButDropped => Reaction::Close,
            Self::Silent | Self::DoneButSilent => Reaction::Silence,
        }
    }
}

fn error(status: u16, kind: &str, message: &str) -> String {
    let body = format!(r#"{{"__type":"com.amazonaws.{kind}","message":"{message}"}}"#);
    format!(
        "HTTP/1.1 {status} Refused\r\nContent-Type: application/x-amz-json-1.0\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )
}
