//! Requests that wait for a reply from the home, and the presence of the program there.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{ControlRequest, Reply};
use crate::clock::Timestamp;
use crate::playback::{RequestId, Transition};

/// Longest time between a request and its end that is believed. A longer one is of a clock that was set.
pub const LONGEST_WAIT: Duration = Duration::from_secs(8);

/// Time for which a request that waits is kept, so that a late reply finds it ended and not missing.
const KEPT: Duration = Duration::from_mins(1);

/// Time for which a home that was seen counts as present. It is seen once a minute, so two times may be missed.
const PRESENT: Duration = Duration::from_secs(150);

/// Time for which the last sight of a home is kept.
const PRESENCE_KEPT: Duration = Duration::from_hours(30 * 24);

/// A request that was sent to the home, and its reply once it is there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WaitingRequest {
    /// Id of the request.
    pub id: RequestId,
    /// Moment from which no reply is taken any more.
    pub until: Timestamp,
    /// The reply; none as long as the home has sent none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reply: Option<Reply>,
    /// Time to live, in seconds since the epoch.
    pub expires_at: i64,
}

impl WaitingRequest {
    /// A request that begins to wait at `now`.
    #[must_use]
    pub fn new(request: &ControlRequest, now: Timestamp) -> Self {
        let until = request.until.min(now.plus(LONGEST_WAIT));
        Self { id: request.id.clone(), until, reply: None, expires_at: now.plus(KEPT).seconds() }
    }

    /// Takes a reply. One that comes after its time is rejected, and so is a second one that says something else.
    pub fn take(&mut self, reply: &Reply, now: Timestamp) -> Transition {
        match &self.reply {
            Some(known) if known == reply => Transition::AlreadyApplied,
            None if now < self.until => {
                self.reply = Some(reply.clone());
                Transition::Applied
            }
            Some(_) | None => Transition::Rejected,
        }
    }
}

/// The last sight of the program at home.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Presence {
    /// Moment of it.
    pub seen_at: Timestamp,
    /// Time to live, in seconds since the epoch.
    pub expires_at: i64,
}

impl Presence {
    /// A home that is seen at `now`.
    #[must_use]
    pub fn at(now: Timestamp) -> Self {
        Self { seen_at: now, expires_at: now.plus(PRESENCE_KEPT).seconds() }
    }

    /// Whether the home counts as present: it was seen within the last 150 s.
    #[must_use]
    pub fn is_present(&self, now: Timestamp) -> bool {
        now.is_within(PRESENT, self.seen_at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::control::{Action, ControlError};
    use crate::playback::PlayerId;

    const T0: Timestamp = Timestamp::from_millis(1_700_000_000_000);

    fn waiting(until: Timestamp) -> WaitingRequest {
        let request = ControlRequest {
            id: "one".to_owned(),
            player: PlayerId::from("Kitchen"),
            locale: "en-US".to_owned(),
            until,
            action: Action::Next,
        };
        WaitingRequest::new(&request, T0)
    }

    #[test]
    fn a_reply_is_taken_once_and_in_time() {
        let until = T0.plus(Duration::from_secs(4));
        let last = T0.plus(Duration::from_millis(3999));
        let mut in_time = waiting(until);
        assert_eq!(in_time.take(&Reply::Done, last), Transition::Applied);
        assert_eq!(in_time.take(&Reply::Done, T0.plus(Duration::from_secs(9))), Transition::AlreadyApplied);
        let other = Reply::Failed(ControlError::Slow);
        assert_eq!(in_time.take(&other, last), Transition::Rejected);
        assert_eq!(in_time.reply, Some(Reply::Done));
        let mut late = waiting(until);
        assert_eq!(late.take(&Reply::Done, until), Transition::Rejected);
        assert_eq!(late.reply, None);
    }

    #[test]
    fn no_request_waits_longer_than_eight_seconds_and_none_is_kept_longer_than_a_minute() {
        let long = waiting(T0.plus(Duration::from_hours(1)));
        assert_eq!(long.until, T0.plus(Duration::from_secs(8)));
        assert_eq!(long.expires_at, T0.plus(Duration::from_mins(1)).seconds());
    }

    #[test]
    fn a_home_is_present_for_150_seconds() {
        let presence = Presence::at(T0);
        assert!(presence.is_present(T0.plus(Duration::from_millis(149_999))));
        assert!(!presence.is_present(T0.plus(Duration::from_secs(150))));
        // The clock that wrote it was far ahead.
        assert!(!presence.is_present(T0.minus(Duration::from_mins(2))));
    }
}
