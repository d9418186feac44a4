//! The services of the steps.

use std::sync::Arc;

use crate::clock::Timestamp;
use crate::config::SkillIds;
use crate::smapi::client::SmapiClient;
use crate::smapi::deps::SmapiDeps;
use crate::smapi::error::SmapiError;

/// The services of the steps.
#[derive(Debug)]
pub(in crate::smapi) struct Context {
    pub(in crate::smapi) client: SmapiClient,
    pub(in crate::smapi) deps: Arc<SmapiDeps>,
}

impl Context {
    /// The skills that the environment and the settings name.
    pub(in crate::smapi) async fn skill_ids(&self) -> Result<SkillIds, SmapiError> {
        Ok(self.deps.skill_ids.merged(&self.deps.store.settings().await?))
    }

    pub(super) fn now(&self) -> Timestamp {
        self.deps.clock.now()
    }
}
