//! Times of orders: pure functions of what happened before.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::clock::{SKEW, Timestamp};

/// Most orders in [`ORDERS_SPAN`], whatever happens. Let's Encrypt takes five failed ones an hour for a name
/// (letsencrypt.org/docs/rate-limits).
pub const MOST_ORDERS: usize = 3;
/// The span of [`MOST_ORDERS`].
pub const ORDERS_SPAN: Duration = Duration::from_hours(1);

/// Wait after the first failure; it doubles with each further one.
const FIRST_WAIT: Duration = Duration::from_mins(1);
/// Longest wait after a failure, before its jitter.
const LONGEST_WAIT: Duration = Duration::from_hours(6);
/// Longest wait that another side can ask for.
const LONGEST_RETRY_AFTER: Duration = Duration::from_hours(7 * 24);

/// Certificates of a shorter life are renewed at half of it.
const SHORT_LIFE: Duration = Duration::from_hours(10 * 24);
/// A renewal comes earlier by up to this part of the certificate's life, so that not all homes renew at one time.
const SPREAD: u32 = 50;

/// A span of time, such as that in which a certificate is valid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Validity {
    /// Its beginning.
    pub not_before: Timestamp,
    /// Its end.
    pub not_after: Timestamp,
}

/// A random part of a whole, in 1/65536.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Jitter(pub u16);

impl Jitter {
    fn of(self, whole: Duration) -> Duration {
        let millis = whole.as_millis().saturating_mul(u128::from(self.0)) >> 16;
        Duration::from_millis(u64::try_from(millis).unwrap_or(u64::MAX))
    }
}

/// The record of earlier orders, also over a restart.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Attempts {
    /// Times of the last orders, [`MOST_ORDERS`] at most, the latest last.
    pub orders: Vec<Timestamp>,
    /// Failures since the last success.
    pub failures: u32,
    /// Time of the last failure.
    pub failed_at: Option<Timestamp>,
    /// Until when the other side wants to be left alone.
    pub retry_at: Option<Timestamp>,
    /// Drawn after each attempt.
    pub jitter: Jitter,
}

impl Attempts {
    /// Remembers that an order begins.
    pub fn begin(&mut self, now: Timestamp) {
        self.orders.push(now);
        let too_many = self.orders.len().saturating_sub(MOST_ORDERS);
        self.orders.drain(..too_many);
    }

    /// Remembers that the order failed.
    pub fn fail(&mut self, now: Timestamp, retry_after: Option<Duration>, jitter: Jitter) {
        self.failures = self.failures.saturating_add(1);
        self.failed_at = Some(now);
        self.retry_at = retry_after.map(|span| now.plus(span.min(LONGEST_RETRY_AFTER)));
        self.jitter = jitter;
    }

    /// Remembers that the order succeeded.
    pub fn succeed(&mut self, jitter: Jitter) {
        *self = Self { orders: std::mem::take(&mut self.orders), jitter, ..Self::default() };
    }
}

/// When a certificate is to be renewed: with a third of its life left, with half of a life of less than ten days, or a
/// little earlier.
#[must_use]
pub fn renewal_at(validity: Validity, jitter: Jitter) -> Timestamp {
    let life = validity.not_after.since(validity.not_before);
    let left = if life < SHORT_LIFE { life / 2 } else { life / 3 };
    validity.not_after.minus(left).minus(jitter.of(life / SPREAD))
}

/// A moment in a span that the authority suggests (RFC 9773, section 4.2).
#[must_use]
pub fn within(span: Validity, jitter: Jitter) -> Timestamp {
    span.not_before.plus(jitter.of(span.not_after.since(span.not_before)))
}

/// The time of the next order. `due` is when one is wanted: the renewal of the certificate, or any time before `now`
/// where there is none. Failures, the wish of the other side and the number of orders put it off, each by a bounded time.
/// What was remembered before the clock was set back counts as of now.
#[must_use]
pub fn next_attempt(now: Timestamp, due: Timestamp, attempts: &Attempts) -> Timestamp {
    let backoff = attempts.failed_at.map(|failed_at| {
        let wait = backoff(attempts.failures);
        failed_at.min(now).plus(wait).plus(attempts.jitter.of(wait / 2))
    });
    let asked =
        attempts.retry_at.filter(|until| until.since(now) <= LONGEST_RETRY_AFTER.saturating_add(SKEW));
    let crowded = attempts
        .orders
        .len()
        .checked_sub(MOST_ORDERS)
        .and_then(|earlier| attempts.orders.get(earlier))
        .map(|order| (*order).min(now).plus(ORDERS_SPAN));
    [backoff, asked, crowded].into_iter().flatten().fold(due, Timestamp::max)
}

fn backoff(failures: u32) -> Duration {
    let doublings = failures.saturating_sub(1).min(16);
    FIRST_WAIT.saturating_mul(1 << doublings).min(LONGEST_WAIT)
}
