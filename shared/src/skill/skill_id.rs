//! Whether a request is made to our skill. The proof that it comes from Alexa is not given here: on Lambda it is the
//! permission to invoke, over HTTPS the signature.

use std::sync::Arc;
use std::time::Duration;

use super::Failure;
use super::error::Rejection;
use crate::alexa::request::RequestEnvelope;
use crate::config::Config;
use crate::store::{CachedSettings, SetupStore};

/// Settings are taken as they were read for so long.
const TRUSTED: Duration = Duration::from_mins(5);

/// Time between two readings where the settings hold no id: it may have been set up since, but any caller can send one.
const REREAD: Duration = Duration::from_secs(10);

/// The requests that get an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SkillIdPolicy {
    /// Those to the skills that the environment or the settings name. With none of them, none.
    KnownSkills,
    /// Those of a person who can run a command on this machine.
    Anything,
}

#[derive(Debug)]
pub(super) struct SkillIdCheck {
    accepts: SkillIdPolicy,
    config: Arc<Config>,
}

impl SkillIdCheck {
    pub(super) fn new(accepts: SkillIdPolicy, config: Arc<Config>) -> Self {
        Self { accepts, config }
    }

    /// Refuses a request to a skill that is not ours.
    pub(super) async fn check<S: SetupStore + ?Sized>(
        &self,
        envelope: &RequestEnvelope,
        settings: &CachedSettings,
        store: &S,
    ) -> Result<(), Failure> {
        if self.accepts == SkillIdPolicy::Anything {
            return Ok(());
        }
        let id = envelope.application_id().unwrap_or_default();
        if self.config.skill_ids.accepts(id) {
            return Ok(());
        }
        let mut effective = self.config.with(&*settings.at_most(TRUSTED, store).await?);
        if !effective.skill_ids.accepts(id) {
            effective = self.config.with(&*settings.at_most(REREAD, store).await?);
        }
        match () {
            () if effective.skill_ids.accepts(id) => Ok(()),
            () if effective.skill_ids.is_empty() => Err(Rejection::NoSkillKnown.into()),
            () => Err(Rejection::UnknownSkill.into()),
        }
    }
}
