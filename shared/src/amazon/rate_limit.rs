//! Waiting for a lane, and giving it back.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::sleep;

use super::error::AmazonError;
use crate::account::{AcquireRequest, AcquireResult, Feedback, LEASE, Release, RequestLane};
use crate::clock::{Clock, Moment, Random, Timestamp};
use crate::deadline;
use crate::store::Store;

/// How long a request waits for its lane.
const PATIENCE: Duration = Duration::from_secs(10);

/// How often a lane that another is in is asked for again, with as much again by chance: whoever is in it may leave
/// long before the lease runs out.
const AGAIN: Duration = Duration::from_millis(60);

/// A grant that is not older than this serves a request without asking again: what is left of its lease is longer
/// than any request may take, even where the clocks of two machines differ by some seconds.
const FRESH: Duration = Duration::from_secs(1);

/// How far apart one holder sends two behaviours.
const BETWEEN_BEHAVIORS: Duration = Duration::from_secs(1);

/// What a throttle is told to last where Amazon named no time and the store does not tell.
const THROTTLED_FOR: Duration = Duration::from_secs(30);

/// The lanes of the household.
#[derive(Clone)]
pub(super) struct Limiter {
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    random: Arc<dyn Random>,
}

/// A lane that is held. It has to be left; one that is not runs out by itself.
#[derive(Debug)]
pub(super) struct Permit {
    lane: RequestLane,
    holder: String,
    held: Mutex<Held>,
}

/// What is known of a lane by whoever holds it.
#[derive(Clone, Copy, Debug)]
struct Held {
    /// When it was granted last, if it was.
    at: Option<Moment>,
    behavior: Behavior,
    /// A throttle that Amazon answered a request in it with, or nothing.
    verdict: Feedback,
}

/// What is known of a holder's behaviour.
#[derive(Clone, Copy, Debug)]
enum Behavior {
    /// None is granted.
    None,
    /// One is granted, and not sent yet.
    Granted,
    /// One was sent.
    Sent(Moment),
}

impl Permit {
    fn held(&self) -> MutexGuard<'_, Held> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn is_throttled(&self) -> bool {
        matches!(self.held().verdict, Feedback::Throttled(_))
    }

    /// Remembers a throttle that nobody else is told of: whoever leaves the lane closes it.
    pub(super) fn note(&self, error: &AmazonError) {
        if let AmazonError::Throttling(asked) = error {
            self.held().verdict = Feedback::Throttled(*asked);
        }
    }
}

impl fmt::Debug for Limiter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Lanes").finish_non_exhaustive()
    }
}

impl Limiter {
    pub(super) fn new(store: Arc<dyn Store>, clock: Arc<dyn Clock>, random: Arc<dyn Random>) -> Self {
        Self { store, clock, random }
    }

    /// Waits for a lane and takes it, for one request.
    pub(super) async fn enter(&self, lane: RequestLane, is_behavior: bool) -> Result<Permit, AmazonError> {
        let permit = self.pass(lane)?;
        self.keep(&permit, is_behavior).await?;
        Ok(permit)
    }

    fn pass(&self, lane: RequestLane) -> Result<Permit, AmazonError> {
        let held = Held { at: None, behavior: Behavior::None, verdict: Feedback::Unknown };
        Ok(Permit { lane, holder: self.id()?, held: Mutex::new(held) })
    }

    /// The same if it is free at once; none otherwise.
    pub(super) async fn try_enter(
        &self,
        lane: RequestLane,
        is_behavior: bool,
    ) -> Result<Option<Permit>, AmazonError> {
        let permit = self.pass(lane)?;
        match self.take(&permit, is_behavior).await? {
            AcquireResult::Granted => Ok(Some(permit)),
            AcquireResult::Busy(_) => Ok(None),
            AcquireResult::CoolingDown(until) => Err(AmazonError::Throttled { until }),
        }
    }

    /// Takes the lane for another request. Whoever lost it meanwhile waits for it like everybody else.
    pub(super) async fn keep(&self, permit: &Permit, is_behavior: bool) -> Result<(), AmazonError> {
        let (began, patience) = (self.clock.moment(), deadline::at_most(PATIENCE));
        loop {
            let busy = match self.take(permit, is_behavior).await? {
                AcquireResult::Granted => return Ok(()),
                AcquireResult::CoolingDown(until) => return Err(AmazonError::Throttled { until }),
                AcquireResult::Busy(until) => until,
            };
            let now = self.clock.moment();
            if now.since(began) >= patience {
                return Err(AmazonError::Busy { until: busy });
            }
            sleep(busy.since(now.wall()).min(self.again()?)).await;
        }
    }

    /// For whoever is about to send a request in a lane that is held, which may have been entered long before: the
    /// lease begins with the request, and behaviours keep their distance from send to send.
    pub(super) async fn grant(&self, permit: &Permit, is_behavior: bool) -> Result<(), AmazonError> {
        let Held { at, behavior, .. } = *permit.held();
        let age = at.map_or(Duration::MAX, |at| self.clock.moment().since(at));
        // A lease that ran out may have been another's meanwhile, who sent a behaviour.
        let is_granted = !is_behavior || (matches!(behavior, Behavior::Granted) && age < LEASE);
        if let (true, Behavior::Sent(sent)) = (is_behavior, behavior) {
            sleep(BETWEEN_BEHAVIORS.saturating_sub(self.clock.moment().since(sent))).await;
        }
        if !is_granted || age >= FRESH {
            self.keep(permit, !is_granted).await?;
        }
        if is_behavior {
            permit.held().behavior = Behavior::Sent(self.clock.moment());
        }
        Ok(())
    }

    /// Leaves a lane after something failed in it: the one place that tells the lane of a throttle, and everybody else
    /// until when it is closed for that.
    pub(super) async fn fail(&self, permit: &Permit, sent_behavior: bool, error: AmazonError) -> AmazonError {
        permit.note(&error);
        let now = self.clock.now();
        let until = self.leave(permit, sent_behavior, Feedback::Unknown).await;
        match error {
            AmazonError::Throttling(asked) => {
                let until = until.unwrap_or_else(|| now.plus(asked.unwrap_or(THROTTLED_FOR)));
                AmazonError::Throttled { until }
            }
            error => error,
        }
    }

    /// Leaves the lane, with what a request said of it, or what was noted before. A store that does not take it leaves
    /// the lane to its lease.
    pub(super) async fn leave(
        &self,
        permit: &Permit,
        sent_behavior: bool,
        verdict: Feedback,
    ) -> Option<Timestamp> {
        let at = self.clock.now();
        let verdict = if permit.is_throttled() { permit.held().verdict } else { verdict };
        let leave = Release { holder: permit.holder.clone(), at, sent_behavior, verdict };
        if let Err(error) = self.store.release_lane(permit.lane, &leave).await {
            tracing::warn!(%error, lane = permit.lane.as_str(), "a lane was not left, and is free after its lease");
            return None;
        }
        if !matches!(verdict, Feedback::Throttled(_)) {
            return None;
        }
        let lane = self.store.lane(permit.lane).await.ok()?;
        lane.blocked_until(at)
    }

    /// A pause before the same is asked again.
    pub(super) fn again(&self) -> Result<Duration, AmazonError> {
        let mut byte = [0; 1];
        self.random.fill(&mut byte)?;
        Ok(AGAIN + AGAIN * u32::from(byte[0]) / 256)
    }

    /// An id for one use of something that is leased.
    pub(super) fn id(&self) -> Result<String, AmazonError> {
        let mut bytes = [0; 16];
        self.random.fill(&mut bytes)?;
        Ok(format!("{:032x}", u128::from_be_bytes(bytes)))
    }

    async fn take(&self, permit: &Permit, is_behavior: bool) -> Result<AcquireResult, AmazonError> {
        let now = self.clock.moment();
        let request = AcquireRequest { holder: permit.holder.clone(), is_behavior, at: now.wall() };
        let answer = self.store.acquire_lane(permit.lane, &request).await?;
        if answer == AcquireResult::Granted {
            let mut held = permit.held();
            held.at = Some(now);
            if is_behavior {
                held.behavior = Behavior::Granted;
            }
        }
        Ok(answer)
    }
}
