//! The limiter of requests to Amazon: one command and one read of the household at a time, over all functions, processes
//! and machines.
//!
//! A lane is leased for at least as long as a request may take. So where a holder died, its request is over before the lane
//! is free again. A lane that Amazon throttled cools down for all processes.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::clock::{SKEW, Timestamp};

/// Length of a lane's lease: longer than any request may take.
pub const LEASE: Duration = Duration::from_secs(12);

/// Shortest time between two behaviours (docs/amazon-api.md, 6.7 and 9.3).
const BETWEEN_BEHAVIORS: Duration = Duration::from_secs(1);

/// Longest that anything else is leased.
const LONGEST_LEASE: Duration = Duration::from_mins(1);

/// Longest cool-down of a lane, also where Amazon asks for more.
const LONGEST: Duration = Duration::from_hours(1);

/// A lane of requests.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RequestLane {
    /// Commands, which change something.
    Commands,
    /// Queries, and the refresh of a session.
    Reads,
}

impl RequestLane {
    /// Both of them.
    pub const ALL: [Self; 2] = [Self::Commands, Self::Reads];

    /// Its name in the store and in the API.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Commands => "commands",
            Self::Reads => "reads",
        }
    }

    /// Length of its first cool-down (docs/amazon-api.md, 9.4); for reads that doubles each time.
    fn backoff(self, throttled: u32) -> Duration {
        match self {
            Self::Commands => Duration::from_secs(if throttled == 0 { 30 } else { 60 }),
            Self::Reads => LONGEST.min(Duration::from_mins(5) * 2_u32.saturating_pow(throttled.min(8))),
        }
    }
}

/// The stored state of a lane.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LimiterState {
    /// The lease of the lane's holder.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lease: Option<Lease>,
    /// The cool-down, if the lane is closed.
    #[serde(rename = "cooling", default, skip_serializing_if = "Option::is_none")]
    pub cool_down: Option<CoolDown>,
    /// Throttles in a row.
    #[serde(default)]
    pub throttled: u32,
    /// Earliest time of the next behaviour, after those that are known to be sent.
    #[serde(default)]
    pub behavior_from: Timestamp,
    /// Time of the holder's latest grant of a behaviour, which may have been sent since.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub behavior_at: Option<Timestamp>,
}

/// A lease, which one holder at a time has until its end.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lease {
    /// Random id of the holder, for this one use.
    pub holder: String,
    /// End of the lease.
    pub until: Timestamp,
}

/// The cool-down of a throttled lane.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CoolDown {
    /// Time of the throttle.
    pub since: Timestamp,
    /// End of the cool-down.
    pub until: Timestamp,
}

/// The kinds of requests that the limiter distinguishes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RequestKind {
    /// A behaviour. Two of them keep a distance.
    Behavior,
    /// Any other request.
    Other,
}

/// A request for a lane, by a new holder or by the present one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AcquireRequest {
    /// Id of the holder.
    pub holder: String,
    /// The kind of what is to be sent.
    pub kind: RequestKind,
    /// Time of the request.
    pub at: Timestamp,
}

/// The result of a request for a lane.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AcquireResult {
    /// The lane is leased for [`LEASE`].
    Granted,
    /// Another is in it, or a behaviour was sent just now: it may be free from here on, and often is before.
    Busy(Timestamp),
    /// It cools down until here.
    CoolingDown(Timestamp),
}

/// The release of a lane.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LaneRelease {
    /// Id of the holder.
    pub holder: String,
    /// Time of the request.
    pub at: Timestamp,
    /// Whether the holder sent a behaviour.
    pub sent_behavior: bool,
    /// Amazon's feedback.
    pub feedback: Feedback,
}

/// Feedback of Amazon's about a lane.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Feedback {
    /// Amazon served a request, which ends a series of throttles.
    Served,
    /// Nothing about throttling.
    Unknown,
    /// Amazon throttled, and asked for this much time where it said so.
    Throttled(Option<Duration>),
}

impl LimiterState {
    /// Acquires the lane for one request; its present holder renews it for another [`LEASE`]. A repeated request, as
    /// after a lost response, is granted twice.
    pub fn acquire(&mut self, request: &AcquireRequest) -> AcquireResult {
        if let Some(until) = self.blocked_until(request.at) {
            return AcquireResult::CoolingDown(until);
        }
        let leased = self.lease.as_ref().filter(|lease| lease.is_held(request.at, LEASE));
        if let Some(lease) = leased.filter(|lease| lease.holder != request.holder) {
            return AcquireResult::Busy(lease.until);
        }
        let is_ours = leased.is_some();
        let from = self.next_behavior(is_ours, request.at);
        let is_repeated = is_ours && self.behavior_at == Some(request.at);
        let is_behavior = request.kind == RequestKind::Behavior;
        if is_behavior && request.at.is_before(from, LEASE) && !is_repeated {
            return AcquireResult::Busy(from);
        }
        // A clock that goes back takes nothing from what was granted before.
        let until = leased.map_or(request.at, |lease| lease.until).max(request.at.plus(LEASE));
        self.lease = Some(Lease { holder: request.holder.clone(), until });
        if !is_repeated {
            self.behavior_from = from;
            self.behavior_at = match request.kind {
                RequestKind::Behavior => Some(request.at),
                RequestKind::Other => self.behavior_at.filter(|_| is_ours),
            };
        }
        AcquireResult::Granted
    }

    /// Earliest time of the next behaviour, of the present holder or of the next one.
    fn next_behavior(&self, is_holder: bool, now: Timestamp) -> Timestamp {
        let before = self.behavior_known(now);
        let sent = if is_holder {
            self.behavior_at
        } else {
            // It died, or was never released: it may have sent its behaviour as late as its lease lasted.
            self.lease.as_ref().filter(|_| self.behavior_at.is_some()).map(|lease| lease.until)
        };
        sent.map_or(before, |sent| sent.plus(BETWEEN_BEHAVIORS).max(before))
    }

    /// Time from which the next behaviour may be sent, by the behaviours that are known. It is now where that time is
    /// further ahead than it can be, since the clock was set back.
    fn behavior_known(&self, now: Timestamp) -> Timestamp {
        if self.behavior_from.since(now) > LEASE.saturating_add(SKEW) { now } else { self.behavior_from }
    }

    /// Releases the lane. A holder whose lease ended does not change the present lease, but its behaviour and its
    /// feedback count. A second release changes nothing.
    pub fn release(&mut self, lane: RequestLane, release: &LaneRelease) {
        let is_holder = self.lease.as_ref().is_some_and(|lease| lease.holder == release.holder);
        if is_holder {
            self.lease = None;
            self.behavior_at = None;
        }
        if release.sent_behavior {
            self.behavior_from = self.behavior_known(release.at).max(release.at.plus(BETWEEN_BEHAVIORS));
        }
        match release.feedback {
            Feedback::Served => self.throttled = 0,
            Feedback::Unknown => {}
            Feedback::Throttled(_)
                if !is_holder && self.cool_down.is_some_and(|cool_down| cool_down.since == release.at) => {}
            Feedback::Throttled(asked) => self.cool(lane, release.at, asked),
        }
    }

    fn cool(&mut self, lane: RequestLane, at: Timestamp, asked: Option<Duration>) {
        let span = asked.unwrap_or_else(|| lane.backoff(self.throttled));
        let until = at.plus(span.clamp(Duration::from_secs(1), LONGEST));
        let until = self.blocked_until(at).map_or(until, |before| before.max(until));
        self.cool_down = Some(CoolDown { since: at, until });
        self.throttled = self.throttled.saturating_add(1);
    }

    /// End of its cool-down, if it is closed. What was written before the clock was set back counts for nothing.
    #[must_use]
    pub fn blocked_until(&self, now: Timestamp) -> Option<Timestamp> {
        let cool_down = self.cool_down.filter(|cool_down| cool_down.since.since(now) <= SKEW)?;
        Some(cool_down.until).filter(|until| now.is_before(*until, LONGEST))
    }
}

/// A request for a lease.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeaseRequest {
    /// Id of the holder.
    pub holder: String,
    /// Time of the request.
    pub at: Timestamp,
    /// Length of the lease.
    pub span: Duration,
}

/// The result of a request for a lease.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LeaseResult {
    /// It is leased.
    Granted,
    /// Another has it, until here at the latest.
    Held(Timestamp),
}

impl Lease {
    /// Whether the lease is held, where no lease is longer than `longest`.
    fn is_held(&self, now: Timestamp, longest: Duration) -> bool {
        now.is_before(self.until, longest)
    }

    /// Acquires or renews a lease.
    pub fn acquire(lease: &mut Option<Self>, request: &LeaseRequest) -> LeaseResult {
        let current =
            lease.as_ref().filter(|lease| lease.is_held(request.at, LONGEST_LEASE.max(request.span)));
        if let Some(other) = current.filter(|lease| lease.holder != request.holder) {
            return LeaseResult::Held(other.until);
        }
        // A clock that goes back takes nothing from what was granted before.
        let until = current.map_or(request.at, |lease| lease.until).max(request.at.plus(request.span));
        *lease = Some(Self { holder: request.holder.clone(), until });
        LeaseResult::Granted
    }

    /// Releases a lease, unless it has another holder by now.
    pub fn release(lease: &mut Option<Self>, holder: &str) {
        lease.take_if(|lease| lease.holder == holder);
    }
}
