//! The services of the steps.

use std::sync::Arc;

use crate::clock::Timestamp;
use crate::config::SkillIds;
use crate::control::HomeNames;
use crate::smapi::client::SmapiClient;
use crate::smapi::error::SmapiError;
use crate::smapi::services::Services;
use crate::store::{KnownNames, NamesInModels};

/// The services of the steps.
#[derive(Debug)]
pub(in crate::smapi) struct StepContext {
    pub(in crate::smapi) client: SmapiClient,
    pub(in crate::smapi) services: Arc<Services>,
}

impl StepContext {
    /// The skills that the environment and the settings name.
    pub(in crate::smapi) async fn skill_ids(&self) -> Result<SkillIds, SmapiError> {
        let deps = &self.services.deps;
        Ok(deps.config.with(&deps.store.settings().await?).skill_ids.clone())
    }

    /// The names of the home that an interaction model learns: those of the players that an Echo can be paired with, and of
    /// the rooms and playlists of Music Assistant.
    pub(super) async fn names(&self) -> Result<HomeNames, SmapiError> {
        let store = self.services.deps.store.as_ref();
        let household = store.household(self.now()).await?;
        let HomeNames { rooms, playlists } = KnownNames::read(store).await?.names;
        let players = household.players.iter().map(|player| player.player.to_string());
        Ok(HomeNames::new(players.chain(rooms), playlists))
    }

    /// Notes that the models have these names.
    pub(super) async fn note_models(&self, names: &NamesInModels) -> Result<(), SmapiError> {
        let store = self.services.deps.store.as_ref();
        KnownNames::change(store, |known| known.in_models = Some(names.clone())).await?;
        Ok(())
    }

    pub(super) fn now(&self) -> Timestamp {
        self.services.deps.clock.now()
    }
}
