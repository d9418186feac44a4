//! Reasons why there is no new certificate.

use std::error::Error;
use std::fmt::Write as _;
use std::time::Duration;

use serde::{Serialize, Serializer};

/// Longest cause that is kept, in characters: parts of it come from outside.
const LONGEST_CAUSE: usize = 400;

/// The kind of a failed order. The name of a kind never changes its meaning.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FailureCode {
    /// Keys and certificates cannot be read or written.
    Store,
    /// No connection to the authority is made.
    AuthorityUnreachable,
    /// The authority, or the whole order, takes too long.
    TimedOut,
    /// The authority's answer is not what ACME says.
    AuthorityBroken,
    /// The authority takes no more orders for now.
    RateLimited,
    /// The authority has no such account.
    AccountGone,
    /// The authority refuses the order.
    OrderRefused,
    /// The authority offers no challenge of the chosen type for this name.
    NoSuchChallenge,
    /// The authority looked for the proof and did not find it.
    ProofRefused,
    /// The port of the proof cannot be listened on.
    ProofPort,
    /// The provider of the name's records refuses a change, or is not reached.
    Records,
    /// The resolvers do not show the record of the proof in time.
    RecordNotSeen,
    /// The certificate is not for this name and key, or has ended by this machine's clock.
    CertificateUnusable,
}

impl FailureCode {
    /// The name for pages, logs and the doctor.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Store => "store",
            Self::AuthorityUnreachable => "authority_unreachable",
            Self::TimedOut => "timed_out",
            Self::AuthorityBroken => "authority_broken",
            Self::RateLimited => "rate_limited",
            Self::AccountGone => "account_gone",
            Self::OrderRefused => "order_refused",
            Self::NoSuchChallenge => "no_such_challenge",
            Self::ProofRefused => "proof_refused",
            Self::ProofPort => "proof_port",
            Self::Records => "records",
            Self::RecordNotSeen => "record_not_seen",
            Self::CertificateUnusable => "certificate_unusable",
        }
    }
}

impl Serialize for FailureCode {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

/// The failure of an order. No key and no token is ever in it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{cause}")]
pub struct OrderError {
    /// The kind.
    pub code: FailureCode,
    /// The cause, for people.
    pub cause: String,
    /// Time for which the other side wants no request.
    pub retry_after: Option<Duration>,
}

impl OrderError {
    /// A failure of this kind. What is no text, or more than a few lines of it, is left out of the cause.
    #[must_use]
    pub fn new(code: FailureCode, cause: &str) -> Self {
        let printable = cause.chars().map(|c| if c.is_control() { ' ' } else { c });
        Self { code, cause: printable.take(LONGEST_CAUSE).collect(), retry_after: None }
    }

    /// The same failure, not to be followed by a try before `retry_after` is over.
    #[must_use]
    pub fn with_retry_after(self, retry_after: Option<Duration>) -> Self {
        Self { retry_after, ..self }
    }
}

/// An error with its causes, in one line.
pub(super) fn causes(error: &(dyn Error + 'static)) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let _ = write!(text, ": {error}");
        cause = error.source();
    }
    text
}
