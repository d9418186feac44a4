//! Whether a request is made to our skill. The proof that it comes from Alexa is not given here: on Lambda it is the
//! permission to invoke, over HTTPS the signature.

use std::time::Duration;

use tokio::sync::Mutex;

use super::Failure;
use super::fallback::Rejection;
use crate::alexa::request::RequestEnvelope;
use crate::clock::{Clock, Timestamp};
use crate::config::SkillIds;
use crate::store::{CachedSettings, SetupStore};

/// Settings are taken as they were read for so long.
const TRUSTED: Duration = Duration::from_mins(5);

/// An id that they do not hold makes them be read again, but no more often than this: anybody can send one.
const REREAD: Duration = Duration::from_secs(10);

/// Whose requests are answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Accepts {
    /// Those to the skills that the environment or the settings name. With none of them, none.
    KnownSkills,
    /// Those of whoever can run a command on this machine.
    Anything,
}

#[derive(Debug)]
pub(super) struct Application {
    accepts: Accepts,
    fixed: SkillIds,
    reread_at: Mutex<Option<Timestamp>>,
}

impl Application {
    pub(super) fn new(accepts: Accepts, fixed: SkillIds) -> Self {
        Self { accepts, fixed, reread_at: Mutex::new(None) }
    }

    /// Refuses a request to a skill that is not ours.
    pub(super) async fn check<S: SetupStore + ?Sized>(
        &self,
        envelope: &RequestEnvelope,
        settings: &CachedSettings,
        store: &S,
        clock: &dyn Clock,
    ) -> Result<(), Failure> {
        if self.accepts == Accepts::Anything {
            return Ok(());
        }
        let id = envelope.application_id().unwrap_or_default();
        if self.fixed.accepts(id) {
            return Ok(());
        }
        let mut known = self.fixed.merged(&*settings.at_most(TRUSTED, store).await?);
        if !known.accepts(id) && self.may_reread(clock.now()).await {
            known = self.fixed.merged(&*settings.at_most(Duration::ZERO, store).await?);
        }
        match () {
            () if known.accepts(id) => Ok(()),
            () if known.is_empty() => Err(Rejection::NoSkillKnown.into()),
            () => Err(Rejection::UnknownSkill.into()),
        }
    }

    async fn may_reread(&self, now: Timestamp) -> bool {
        let mut reread_at = self.reread_at.lock().await;
        let due = reread_at.is_none_or(|at| now.since(at) >= REREAD);
        if due {
            *reread_at = Some(now);
        }
        due
    }
}
