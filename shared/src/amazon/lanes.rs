//! Waiting for a lane, and giving it back.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::sleep;

use super::error::AmazonError;
use crate::account::{Lane, LaneAnswer, LaneLeave, LaneVerdict, LaneWish};
use crate::clock::{Clock, Random, Timestamp};
use crate::store::Store;

/// How long a request waits for its lane.
const PATIENCE: Duration = Duration::from_secs(10);

/// How often a lane that another is in is asked for again, with as much again by chance: whoever is in it may leave
/// long before the lease runs out.
const AGAIN: Duration = Duration::from_millis(60);

/// The lanes of the household.
#[derive(Clone)]
pub(super) struct Lanes {
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    random: Arc<dyn Random>,
}

/// A lane that is held. It has to be left; one that is not runs out by itself.
#[derive(Debug)]
pub(super) struct Pass {
    lane: Lane,
    holder: String,
}

impl fmt::Debug for Lanes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Lanes").finish_non_exhaustive()
    }
}

impl Lanes {
    pub(super) fn new(store: Arc<dyn Store>, clock: Arc<dyn Clock>, random: Arc<dyn Random>) -> Self {
        Self { store, clock, random }
    }

    /// Waits for a lane and takes it, for one request.
    pub(super) async fn enter(&self, lane: Lane, is_behavior: bool) -> Result<Pass, AmazonError> {
        let pass = Pass { lane, holder: self.id()? };
        self.keep(&pass, is_behavior).await?;
        Ok(pass)
    }

    /// The same if it is free at once; none otherwise.
    pub(super) async fn try_enter(&self, lane: Lane, is_behavior: bool) -> Result<Option<Pass>, AmazonError> {
        let pass = Pass { lane, holder: self.id()? };
        match self.take(&pass, is_behavior).await? {
            LaneAnswer::Granted => Ok(Some(pass)),
            LaneAnswer::Busy(_) => Ok(None),
            LaneAnswer::Cooling(until) => Err(AmazonError::Throttled { until }),
        }
    }

    /// Takes the lane for another request. Whoever lost it meanwhile waits for it like everybody else.
    pub(super) async fn keep(&self, pass: &Pass, is_behavior: bool) -> Result<(), AmazonError> {
        let patience = self.clock.now().plus(PATIENCE);
        loop {
            let busy = match self.take(pass, is_behavior).await? {
                LaneAnswer::Granted => return Ok(()),
                LaneAnswer::Cooling(until) => return Err(AmazonError::Throttled { until }),
                LaneAnswer::Busy(until) => until,
            };
            let now = self.clock.now();
            if now >= patience {
                return Err(AmazonError::Throttled { until: busy });
            }
            sleep(busy.since(now).min(self.again()?)).await;
        }
    }

    /// Leaves the lane, with what a request said of it. A store that does not take it leaves the lane to its lease.
    pub(super) async fn leave(
        &self,
        pass: &Pass,
        sent_behavior: bool,
        verdict: LaneVerdict,
    ) -> Option<Timestamp> {
        let at = self.clock.now();
        let leave = LaneLeave { holder: pass.holder.clone(), at, sent_behavior, verdict };
        if let Err(error) = self.store.leave_lane(pass.lane, &leave).await {
            tracing::warn!(%error, lane = pass.lane.as_str(), "a lane was not left, and is free after its lease");
            return None;
        }
        if !matches!(verdict, LaneVerdict::Throttled(_)) {
            return None;
        }
        let lane = self.store.lane(pass.lane).await.ok()?;
        lane.cooling_until(at)
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

    async fn take(&self, pass: &Pass, is_behavior: bool) -> Result<LaneAnswer, AmazonError> {
        let wish = LaneWish { holder: pass.holder.clone(), is_behavior, at: self.clock.now() };
        Ok(self.store.take_lane(pass.lane, &wish).await?)
    }
}
