//! The limiter's permits: how a request acquires a lane, and releases it.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::sleep;

use super::error::AmazonError;
use crate::account::{AcquireRequest, AcquireResult, Feedback, LEASE, LaneRelease, RequestKind, RequestLane};
use crate::clock::{Clock, Moment, Random, Timestamp};
use crate::deadline;
use crate::store::Store;

/// Longest wait of a request for its lane.
const PATIENCE: Duration = Duration::from_secs(10);

/// Shortest pause before another attempt to acquire a lane, with up to as much again by chance. Its holder may release
/// it long before the lease ends.
const RETRY_PAUSE: Duration = Duration::from_millis(60);

/// Age up to which a grant serves a request without a renewal. The rest of its lease is longer than any request, even
/// where the clocks of two machines differ by some seconds.
const FRESH: Duration = Duration::from_secs(1);

/// Shortest time between two behaviours of one holder.
const BETWEEN_BEHAVIORS: Duration = Duration::from_secs(1);

/// Length of a throttle where neither Amazon nor the store gives one.
const THROTTLED_FOR: Duration = Duration::from_secs(30);

/// The limiter of the household's requests, as the store keeps it.
#[derive(Clone)]
pub(super) struct Limiter {
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    random: Arc<dyn Random>,
}

/// A permit to send in one lane. The lane is free again after its release, or at the end of its lease.
#[derive(Debug)]
pub(super) struct Permit {
    lane: RequestLane,
    holder: String,
    state: Mutex<PermitState>,
}

/// A permit's history.
#[derive(Clone, Copy, Debug)]
struct PermitState {
    /// Time of the last grant.
    granted_at: Option<Moment>,
    behavior: Behavior,
    /// Whether any behaviour was sent.
    sent_behavior: bool,
    /// Feedback in Amazon's responses. A throttle stays.
    feedback: Feedback,
}

/// A permit's latest behaviour.
#[derive(Clone, Copy, Debug)]
enum Behavior {
    /// No behaviour is granted.
    None,
    /// A behaviour is granted, and not sent yet.
    Granted,
    /// A behaviour was sent.
    Sent(Moment),
}

impl Permit {
    fn state(&self) -> MutexGuard<'_, PermitState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn is_throttled(&self) -> bool {
        matches!(self.state().feedback, Feedback::Throttled(_))
    }

    /// Records a throttle. Its lane cools down when the permit is released.
    pub(super) fn record_error(&self, error: &AmazonError) {
        if let AmazonError::Throttling(asked) = error {
            self.state().feedback = Feedback::Throttled(*asked);
        }
    }

    /// Records that Amazon served a request, which ends a series of throttles.
    pub(super) fn record_served(&self) {
        if !self.is_throttled() {
            self.state().feedback = Feedback::Served;
        }
    }
}

impl fmt::Debug for Limiter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Limiter").finish_non_exhaustive()
    }
}

impl Limiter {
    pub(super) fn new(store: Arc<dyn Store>, clock: Arc<dyn Clock>, random: Arc<dyn Random>) -> Self {
        Self { store, clock, random }
    }

    /// Waits for a lane and acquires it, for one request.
    pub(super) async fn acquire(&self, lane: RequestLane, kind: RequestKind) -> Result<Permit, AmazonError> {
        let permit = self.new_permit(lane)?;
        self.renew(&permit, kind).await?;
        Ok(permit)
    }

    fn new_permit(&self, lane: RequestLane) -> Result<Permit, AmazonError> {
        let state = PermitState {
            granted_at: None,
            behavior: Behavior::None,
            sent_behavior: false,
            feedback: Feedback::Unknown,
        };
        Ok(Permit { lane, holder: self.id()?, state: Mutex::new(state) })
    }

    /// Acquires a lane without waiting; none where it is busy.
    pub(super) async fn try_acquire(
        &self,
        lane: RequestLane,
        kind: RequestKind,
    ) -> Result<Option<Permit>, AmazonError> {
        let permit = self.new_permit(lane)?;
        match self.try_renew(&permit, kind).await? {
            AcquireResult::Granted => Ok(Some(permit)),
            AcquireResult::Busy(_) => Ok(None),
            AcquireResult::CoolingDown(until) => Err(AmazonError::Throttled { until }),
        }
    }

    /// Renews a permit for another request. A holder whose lease ended waits for the lane like any other.
    pub(super) async fn renew(&self, permit: &Permit, kind: RequestKind) -> Result<(), AmazonError> {
        let (began, patience) = (self.clock.moment(), deadline::at_most(PATIENCE));
        loop {
            let busy = match self.try_renew(permit, kind).await? {
                AcquireResult::Granted => return Ok(()),
                AcquireResult::CoolingDown(until) => return Err(AmazonError::Throttled { until }),
                AcquireResult::Busy(until) => until,
            };
            let now = self.clock.moment();
            if now.since(began) >= patience {
                return Err(AmazonError::Busy { until: busy });
            }
            sleep(busy.since(now.wall()).min(self.jitter()?)).await;
        }
    }

    /// Prepares a permit, which may be old, for a request that is sent now. The lease begins with the request, and
    /// behaviours keep their distance from send to send.
    pub(super) async fn before_send(&self, permit: &Permit, kind: RequestKind) -> Result<(), AmazonError> {
        let PermitState { granted_at, behavior, .. } = *permit.state();
        let age = granted_at.map_or(Duration::MAX, |at| self.clock.moment().since(at));
        let is_behavior = kind == RequestKind::Behavior;
        // After the end of the lease, another holder may have sent a behaviour.
        let is_granted = !is_behavior || (matches!(behavior, Behavior::Granted) && age < LEASE);
        if let (true, Behavior::Sent(sent)) = (is_behavior, behavior) {
            sleep(BETWEEN_BEHAVIORS.saturating_sub(self.clock.moment().since(sent))).await;
        }
        if !is_granted || age >= FRESH {
            let renewed = if is_granted { RequestKind::Other } else { RequestKind::Behavior };
            self.renew(permit, renewed).await?;
        }
        if is_behavior {
            let mut state = permit.state();
            state.behavior = Behavior::Sent(self.clock.moment());
            state.sent_behavior = true;
        }
        Ok(())
    }

    /// Releases a permit after a failure. Of a throttle, the returned error says when the cool-down ends.
    pub(super) async fn release_failed(&self, permit: &Permit, error: AmazonError) -> AmazonError {
        permit.record_error(&error);
        let now = self.clock.now();
        let until = self.release(permit).await;
        match error {
            AmazonError::Throttling(asked) => {
                let until = until.unwrap_or_else(|| now.plus(asked.unwrap_or(THROTTLED_FOR)));
                AmazonError::Throttled { until }
            }
            error => error,
        }
    }

    /// Releases a permit, with the recorded feedback; the end of the cool-down where Amazon throttled. If the store
    /// fails, the lane is free at the end of its lease.
    pub(super) async fn release(&self, permit: &Permit) -> Option<Timestamp> {
        let at = self.clock.now();
        let PermitState { sent_behavior, feedback, .. } = *permit.state();
        let release = LaneRelease { holder: permit.holder.clone(), at, sent_behavior, feedback };
        if let Err(error) = self.store.release_lane(permit.lane, &release).await {
            tracing::warn!(%error, lane = permit.lane.as_str(), "a lane was not released, and is free after its lease");
            return None;
        }
        if !matches!(feedback, Feedback::Throttled(_)) {
            return None;
        }
        let lane = self.store.lane(permit.lane).await.ok()?;
        lane.blocked_until(at)
    }

    /// A random pause before another attempt.
    pub(super) fn jitter(&self) -> Result<Duration, AmazonError> {
        let mut byte = [0; 1];
        self.random.fill(&mut byte)?;
        Ok(RETRY_PAUSE + RETRY_PAUSE * u32::from(byte[0]) / 256)
    }

    /// A random id for the holder of a lease.
    pub(super) fn id(&self) -> Result<String, AmazonError> {
        let mut bytes = [0; 16];
        self.random.fill(&mut bytes)?;
        Ok(format!("{:032x}", u128::from_be_bytes(bytes)))
    }

    async fn try_renew(&self, permit: &Permit, kind: RequestKind) -> Result<AcquireResult, AmazonError> {
        let now = self.clock.moment();
        let request = AcquireRequest { holder: permit.holder.clone(), kind, at: now.wall() };
        let result = self.store.acquire_lane(permit.lane, &request).await?;
        if result == AcquireResult::Granted {
            let mut state = permit.state();
            state.granted_at = Some(now);
            if kind == RequestKind::Behavior {
                state.behavior = Behavior::Granted;
            }
        }
        Ok(result)
    }
}
