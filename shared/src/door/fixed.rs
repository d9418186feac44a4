//! Keys and address of a door without a store.

use std::sync::Arc;

use async_trait::async_trait;

use super::{DoorKeys, DoorOrigins};
use crate::config::Origin;
use crate::grant::GrantKeys;
use crate::playback::PlayerKey;

/// Keys and an origin that stay as they are, one for all players.
#[derive(Clone, Debug)]
pub struct FixedSource {
    keys: Arc<GrantKeys>,
    origin: Origin,
}

impl FixedSource {
    /// These keys and this origin.
    #[must_use]
    pub fn new(keys: GrantKeys, origin: Origin) -> Self {
        Self { keys: Arc::new(keys), origin }
    }
}

#[async_trait]
impl DoorKeys for FixedSource {
    async fn keys(&self) -> Option<Arc<GrantKeys>> {
        Some(Arc::clone(&self.keys))
    }
}

#[async_trait]
impl DoorOrigins for FixedSource {
    async fn origin(&self, _: PlayerKey) -> Option<Origin> {
        Some(self.origin.clone())
    }
}
