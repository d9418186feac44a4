//! The watch over an open stream, and its end.

use std::time::Duration;

use tokio::time::Instant;

use super::account::LiveBearer;
use super::connection::StreamError;
use super::dial::DialError;
use super::health::LiveProblem;
use super::region::LiveRegion;
use crate::amazon::error::AmazonError;
use crate::clock::Timestamp;

/// Time without a byte after which a stream counts as dead.
const SILENCE: Duration = Duration::from_mins(5);

/// Time before the end of its token at which a stream is replaced; a quarter of a token's life at most.
const REPLACED_BEFORE: Duration = Duration::from_mins(6);

/// Time from a change of what plays to the query: several come together, and Amazon refuses one that comes at once.
const SESSIONS_AFTER: Duration = Duration::from_secs(2);

/// Shortest time between two queries for what plays.
const BETWEEN_SESSIONS: Duration = Duration::from_mins(2);

/// Why a stream ended, or none was opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum StreamEnd {
    SignedOut,
    /// Another process has the lease.
    LeaseLost,
    /// Its token is about to end.
    TokenEnds,
    /// Amazon named another region.
    Moved(LiveRegion),
    Finished,
    Failed(LiveProblem),
    /// Amazon refuses the token of this time.
    Refused(LiveProblem, Timestamp),
}

/// Work beside the stream that is done.
pub(super) enum Beside {
    Pinged(Result<(), StreamError>),
    Region(Result<Option<LiveRegion>, StreamError>),
    /// Whether the lease is still ours.
    Lease(bool),
    Queried,
}

/// The state of the watch over an open stream.
pub(super) struct Watch {
    pub(super) heard_at: Instant,
    /// When the stream is replaced, by a clock that cannot be set and by one that goes on while the machine sleeps.
    replaced_at: (Instant, Timestamp),
    pub(super) is_region_asked: bool,
    pub(super) ticks: u32,
    failed_pings: u32,
    /// Time of the next query for what plays.
    pub(super) sessions_at: Option<Instant>,
    pub(super) sessions_read_at: Option<Instant>,
}

impl Watch {
    pub(super) fn new(bearer: &LiveBearer, now: Timestamp) -> Self {
        let life = bearer.expires_at.since(bearer.issued_at);
        let left = bearer.expires_at.since(now).saturating_sub(REPLACED_BEFORE.min(life / 4));
        let begin = Instant::now();
        Self {
            heard_at: begin,
            replaced_at: (begin + left, now.plus(left)),
            is_region_asked: false,
            ticks: 0,
            failed_pings: 0,
            sessions_at: None,
            // The query of the beginning.
            sessions_read_at: Some(begin),
        }
    }

    pub(super) fn tick(&mut self, now: Timestamp) -> Option<StreamEnd> {
        self.ticks = self.ticks.wrapping_add(1);
        if self.heard_at.elapsed() >= SILENCE {
            return Some(StreamEnd::Failed(LiveProblem::Silent));
        }
        let is_due = Instant::now() >= self.replaced_at.0 || now >= self.replaced_at.1;
        is_due.then_some(StreamEnd::TokenEnds)
    }

    pub(super) fn want_sessions(&mut self) {
        let soonest = Instant::now() + SESSIONS_AFTER;
        let apart = self.sessions_read_at.map_or(soonest, |at| at + BETWEEN_SESSIONS);
        self.sessions_at.get_or_insert(soonest.max(apart));
    }

    pub(super) fn done(
        &mut self,
        done: Beside,
        bearer: &LiveBearer,
        region: LiveRegion,
    ) -> Option<StreamEnd> {
        match done {
            Beside::Lease(false) => Some(StreamEnd::LeaseLost),
            Beside::Region(Ok(Some(right))) if right != region => Some(StreamEnd::Moved(right)),
            Beside::Pinged(Ok(())) => {
                self.failed_pings = 0;
                None
            }
            Beside::Pinged(Err(error @ StreamError::Refused(_)))
            | Beside::Region(Err(error @ StreamError::Refused(_))) => Some(ended(&error, bearer)),
            Beside::Pinged(Err(error)) => {
                self.failed_pings += 1;
                tracing::debug!(%error, "Amazon does not answer a ping of the live events");
                (self.failed_pings > 1).then_some(StreamEnd::Failed(LiveProblem::Ended))
            }
            Beside::Region(_) | Beside::Lease(true) | Beside::Queried => None,
        }
    }
}

/// The end of an attempt without a token.
pub(super) fn no_token(error: &AmazonError) -> StreamEnd {
    if matches!(error, AmazonError::NotSignedIn | AmazonError::SignInAgain(_)) {
        return StreamEnd::SignedOut;
    }
    tracing::warn!(%error, "there is no token for live events");
    StreamEnd::Failed(LiveProblem::Unreachable)
}

/// The end of a stream by an error.
pub(super) fn ended(error: &StreamError, bearer: &LiveBearer) -> StreamEnd {
    StreamEnd::Failed(match error {
        StreamError::Refused(_) => return StreamEnd::Refused(LiveProblem::Refused, bearer.issued_at),
        StreamError::Dial(DialError::NoHttp2) => LiveProblem::NoHttp2,
        StreamError::Dial(DialError::Untrusted | DialError::Unreachable) => LiveProblem::Unreachable,
        StreamError::Malformed(_) => LiveProblem::Malformed,
        StreamError::Status(_) | StreamError::TimedOut | StreamError::Broken(_) => LiveProblem::Ended,
    })
}
