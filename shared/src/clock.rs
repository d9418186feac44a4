//! Time and randomness, passed in wherever they are needed so that every test decides both.
//!
//! The machine's clock may be set back or forward while we run. What this process remembers is as old as
//! [`Moment::since`] says; what is stored, and read by other machines, as [`Timestamp::is_within`] says.

use std::fmt;
use std::sync::OnceLock;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use ring::rand::SecureRandom;
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use time::format_description::well_known::{Rfc2822, Rfc3339};

/// By how much the clock of another machine may be ahead of ours.
pub const SKEW: Duration = Duration::from_mins(1);

/// A moment, in whole milliseconds since the Unix epoch.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Timestamp(i64);

impl Timestamp {
    /// From milliseconds since the epoch.
    #[must_use]
    pub const fn from_millis(millis: i64) -> Self {
        Self(millis)
    }

    /// Milliseconds since the epoch.
    #[must_use]
    pub const fn millis(self) -> i64 {
        self.0
    }

    /// Whole seconds since the epoch, rounded down; the unit of a DynamoDB time to live.
    #[must_use]
    pub const fn seconds(self) -> i64 {
        self.0.div_euclid(1000)
    }

    /// Reads an RFC 3339 date such as `2026-11-22T08:00:00Z`; `None` where it is anything else.
    #[must_use]
    pub fn parse_rfc3339(text: &str) -> Option<Self> {
        let date = OffsetDateTime::parse(text, &Rfc3339).ok()?;
        i64::try_from(date.unix_timestamp_nanos().div_euclid(1_000_000)).ok().map(Self)
    }

    /// Reads a time in a header of HTTP, to the second (RFC 9110, section 5.6.7); `None` where it is anything else.
    #[must_use]
    pub fn parse_http_date(text: &str) -> Option<Self> {
        let date = OffsetDateTime::parse(text, &Rfc2822).ok()?;
        date.unix_timestamp().checked_mul(1000).map(Self)
    }

    /// The moment in RFC 3339, in UTC. A moment outside the years 0 to 9999 is written as the epoch.
    #[must_use]
    pub fn rfc3339(self) -> String {
        OffsetDateTime::from_unix_timestamp_nanos(i128::from(self.0) * 1_000_000)
            .unwrap_or(OffsetDateTime::UNIX_EPOCH)
            .format(&Rfc3339)
            .unwrap_or_default()
    }

    /// This moment and `span` more; saturates.
    #[must_use]
    pub fn plus(self, span: Duration) -> Self {
        Self(self.0.saturating_add(i64::try_from(span.as_millis()).unwrap_or(i64::MAX)))
    }

    /// This moment less `span`; saturates.
    #[must_use]
    pub fn minus(self, span: Duration) -> Self {
        Self(self.0.saturating_sub(i64::try_from(span.as_millis()).unwrap_or(i64::MAX)))
    }

    /// Time since `earlier`; zero where it is later than this moment.
    #[must_use]
    pub fn since(self, earlier: Self) -> Duration {
        Duration::from_millis(u64::try_from(self.0.saturating_sub(earlier.0)).unwrap_or(0))
    }

    /// Whether a stored `earlier` is less than `span` ago. One that is ahead by more than [`SKEW`] was written before
    /// the clock was set back, and is not: its age cannot be known, and it would stay young until the clock is there.
    #[must_use]
    pub fn is_within(self, span: Duration, earlier: Self) -> bool {
        self.since(earlier) < span && earlier.since(self) <= SKEW
    }

    /// The place of a stored moment among others, as they are looked at at `now`. One that is ahead by more than [`SKEW`]
    /// was written before the clock was set back, and so before all that were written since.
    #[must_use]
    pub fn order(self, now: Self) -> (bool, Self) {
        (self.since(now) <= SKEW, self)
    }

    /// Whether a stored `until`, which was at most `longest` ahead when it was written, still lies ahead. One that is
    /// ahead by more than `longest` and [`SKEW`] was written before the clock was set back, and does not.
    #[must_use]
    pub fn is_before(self, until: Self, longest: Duration) -> bool {
        self < until && until.since(self) <= longest.saturating_add(SKEW)
    }
}

/// A moment in this process, by the wall clock and by one that cannot be set. It is never stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moment {
    wall: Timestamp,
    monotonic: Duration,
}

impl Moment {
    /// Time since `earlier`, by the clock that shows more. The monotonic one goes on where the wall clock was set back;
    /// the wall clock goes on where the machine slept or the function was frozen.
    #[must_use]
    pub fn since(self, earlier: Self) -> Duration {
        self.wall.since(earlier.wall).max(self.monotonic.saturating_sub(earlier.monotonic))
    }

    /// Time of the wall clock.
    #[must_use]
    pub const fn wall(self) -> Timestamp {
        self.wall
    }
}

/// Returns the time.
pub trait Clock: fmt::Debug + Send + Sync {
    /// The present moment by the wall clock, which may be set at any time.
    fn now(&self) -> Timestamp;

    /// Time since some moment before, by a clock that only goes forward. It may stand still while the machine sleeps.
    fn monotonic(&self) -> Duration;

    /// The present moment by both clocks, for ages and patience within this process.
    fn moment(&self) -> Moment {
        Moment { wall: self.now(), monotonic: self.monotonic() }
    }
}

/// The machine's clock.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        #[expect(clippy::disallowed_methods, reason = "the one place that asks the machine")]
        let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Timestamp(i64::try_from(since_epoch.as_millis()).unwrap_or(i64::MAX))
    }

    fn monotonic(&self) -> Duration {
        static BEGAN: OnceLock<Instant> = OnceLock::new();
        BEGAN.get_or_init(Instant::now).elapsed()
    }
}

/// A source of unpredictable bytes.
pub trait Random: fmt::Debug + Send + Sync {
    /// Fills `bytes`.
    ///
    /// # Errors
    /// When the operating system has no randomness to give.
    fn fill(&self, bytes: &mut [u8]) -> Result<(), NoRandomness>;
}

/// The operating system gave no randomness.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the operating system gave no random bytes")]
pub struct NoRandomness;

/// The operating system's randomness.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemRandom;

impl Random for SystemRandom {
    fn fill(&self, bytes: &mut [u8]) -> Result<(), NoRandomness> {
        ring::rand::SystemRandom::new().fill(bytes).map_err(|_| NoRandomness)
    }
}

/// Clocks and randomness that a test decides.
pub mod testing {
    use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
    use std::time::Duration;

    use super::{Clock, NoRandomness, Random, SystemClock, Timestamp};

    /// A clock that moves only when told to.
    #[derive(Debug)]
    pub struct ManualClock {
        wall: AtomicI64,
        monotonic: AtomicU64,
    }

    impl ManualClock {
        /// A clock that stands at `now`.
        #[must_use]
        pub fn at(now: Timestamp) -> Self {
            Self { wall: AtomicI64::new(now.millis()), monotonic: AtomicU64::new(0) }
        }

        /// Lets `span` go by, for the wall clock and the monotonic one.
        pub fn advance(&self, span: Duration) {
            let millis = u64::try_from(span.as_millis()).unwrap_or(u64::MAX);
            self.wall.fetch_add(i64::try_from(millis).unwrap_or(i64::MAX), Ordering::SeqCst);
            self.monotonic.fetch_add(millis, Ordering::SeqCst);
        }

        /// Sets the wall clock to `now`, which may be in its past. No time goes by.
        pub fn set(&self, now: Timestamp) {
            self.wall.store(now.millis(), Ordering::SeqCst);
        }
    }

    impl Clock for ManualClock {
        fn now(&self) -> Timestamp {
            Timestamp::from_millis(self.wall.load(Ordering::SeqCst))
        }

        fn monotonic(&self) -> Duration {
            Duration::from_millis(self.monotonic.load(Ordering::SeqCst))
        }
    }

    /// The machine's clock, moved on by what a test says: what waits, waits; what takes days, does not.
    #[derive(Debug, Default)]
    pub struct ShiftedClock {
        wall: AtomicI64,
        monotonic: AtomicU64,
    }

    impl ShiftedClock {
        /// Lets `span` go by, for the wall clock and the monotonic one.
        pub fn advance(&self, span: Duration) {
            let millis = u64::try_from(span.as_millis()).unwrap_or(u64::MAX);
            self.wall.fetch_add(i64::try_from(millis).unwrap_or(i64::MAX), Ordering::SeqCst);
            self.monotonic.fetch_add(millis, Ordering::SeqCst);
        }

        /// Sets the wall clock forward by `span`. No time goes by.
        pub fn set_forward(&self, span: Duration) {
            self.wall.fetch_add(i64::try_from(span.as_millis()).unwrap_or(i64::MAX), Ordering::SeqCst);
        }

        /// Sets the wall clock back by `span`. No time goes by.
        pub fn set_back(&self, span: Duration) {
            self.wall.fetch_sub(i64::try_from(span.as_millis()).unwrap_or(i64::MAX), Ordering::SeqCst);
        }
    }

    impl Clock for ShiftedClock {
        fn now(&self) -> Timestamp {
            Timestamp(SystemClock.now().0.saturating_add(self.wall.load(Ordering::SeqCst)))
        }

        fn monotonic(&self) -> Duration {
            SystemClock.monotonic() + Duration::from_millis(self.monotonic.load(Ordering::SeqCst))
        }
    }

    /// Bytes that are the same in every run and different at every call.
    #[derive(Debug, Default)]
    pub struct SeededRandom(AtomicU64);

    impl SeededRandom {
        /// A sequence decided by `seed`.
        #[must_use]
        pub fn new(seed: u64) -> Self {
            Self(AtomicU64::new(seed))
        }
    }

    impl Random for SeededRandom {
        fn fill(&self, bytes: &mut [u8]) -> Result<(), NoRandomness> {
            for byte in bytes {
                let step = self.0.fetch_add(0x9E37_79B9_7F4A_7C15, Ordering::SeqCst);
                let mixed = (step ^ (step >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
                *byte = (mixed >> 56) as u8;
            }
            Ok(())
        }
    }
}
