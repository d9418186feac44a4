//! The services of the steps.

use std::sync::Arc;

use crate::clock::Timestamp;
use crate::config::SkillIds;
use crate::playback::PlayerId;
use crate::smapi::client::SmapiClient;
use crate::smapi::error::SmapiError;
use crate::smapi::services::Services;

/// The services of the steps.
#[derive(Debug)]
pub(in crate::smapi) struct Context {
    pub(in crate::smapi) client: SmapiClient,
    pub(in crate::smapi) services: Arc<Services>,
}

impl Context {
    /// The skills that the environment and the settings name.
    pub(in crate::smapi) async fn skill_ids(&self) -> Result<SkillIds, SmapiError> {
        let deps = &self.services.deps;
        Ok(deps.config.with(&deps.store.settings().await?).skill_ids.clone())
    }

    /// The players of the household, which an interaction model knows by their names.
    pub(super) async fn players(&self) -> Result<Vec<PlayerId>, SmapiError> {
        let household = self.services.deps.store.household(self.now()).await?;
        Ok(household.players.into_iter().map(|player| player.player).collect())
    }

    pub(super) fn now(&self) -> Timestamp {
        self.services.deps.clock.now()
    }
}
