//! Metrics: counted and observed values, for every sink.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde::Serialize;

use crate::clock::Timestamp;

/// A count for the whole deployment: in CloudWatch every further name costs its owner money.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub enum Metric {
    /// Requests that were answered, of Alexa or HTTP.
    Requests,
    /// Plays that were answered with a stream.
    Plays,
    /// Requests for music of an Echo that serves no player.
    NotPaired,
    /// Plays that an Echo reported as failed.
    PlaybackFailures,
    /// Answers that Alexa refused.
    AnswerRefused,
    /// Pushes of Music Assistant that were taken.
    Pushes,
    /// Requests with missing or wrong credentials, without a valid signature, or with a grant that does not open.
    AuthFailures,
    /// Requests that ended in a panic.
    Panics,
    /// Requests that the store did not serve.
    StoreErrors,
    /// Refreshes of the Amazon session that failed.
    RefreshFailures,
}

impl Metric {
    /// Every metric.
    pub const ALL: [Self; 10] = [
        Self::Requests,
        Self::Plays,
        Self::NotPaired,
        Self::PlaybackFailures,
        Self::AnswerRefused,
        Self::Pushes,
        Self::AuthFailures,
        Self::Panics,
        Self::StoreErrors,
        Self::RefreshFailures,
    ];

    /// Its name in CloudWatch.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Requests => "Requests",
            Self::Plays => "Plays",
            Self::NotPaired => "NotPaired",
            Self::PlaybackFailures => "PlaybackFailures",
            Self::AnswerRefused => "AnswerRefused",
            Self::Pushes => "Pushes",
            Self::AuthFailures => "AuthFailures",
            Self::Panics => "Panics",
            Self::StoreErrors => "StoreErrors",
            Self::RefreshFailures => "RefreshFailures",
        }
    }
}

/// The counts of one request, until they go into one line. Copies share them.
#[derive(Clone, Debug, Default)]
pub struct MetricBatch(Arc<Mutex<Vec<Metric>>>);

impl MetricBatch {
    /// Counts `metric` once.
    pub fn add(&self, metric: Metric) {
        self.lock().push(metric);
    }

    /// The counts, which are empty from here on.
    #[must_use]
    pub fn take(&self) -> Vec<Metric> {
        std::mem::take(&mut *self.lock())
    }

    /// A panic leaves it whole.
    fn lock(&self) -> MutexGuard<'_, Vec<Metric>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// An observation for `GET /metrics` alone. CloudWatch gets none of it.
#[derive(Clone, Copy, Debug)]
pub enum Observation<'a> {
    /// An HTTP request was answered.
    Http {
        /// The template of its route, such as `/v1/players/{id}`, or `none`.
        route: &'a str,
        /// The status of the answer.
        status: u16,
        /// From the request to the answer.
        duration: Duration,
    },
    /// A request of Alexa's was answered or rejected.
    Alexa {
        /// Its type, as Alexa writes it. A type that is not known counts as `other`.
        request_type: &'a str,
        /// The outcome, as the log has it.
        outcome: &'static str,
        /// From the request to the answer.
        duration: Duration,
    },
    /// An Echo reported that it could not play; with Alexa's type of the error. A type that is not known counts as `other`.
    PlayFailed(Option<&'static str>),
    /// A request of the Amazon account has an answer, or gets none.
    Amazon {
        /// `ok`, `throttled`, `refused`, `failed`, `unanswered` or `not_sent`.
        outcome: &'static str,
        /// From the request to the answer.
        duration: Duration,
    },
    /// Amazon throttled, with any status.
    AmazonThrottled,
    /// The session of the Amazon account, as it is stored.
    AmazonSession(Option<SessionTimes>),
    /// Amazon listed so many devices.
    Devices(usize),
}

/// The times of a session of the Amazon account that Amazon did not end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SessionTimes {
    /// Issue time of its cookies; none where it has no cookies yet.
    pub refreshed_at: Option<Timestamp>,
    /// Expiry of its access token; none where it has no token yet.
    pub expires_at: Option<Timestamp>,
}
