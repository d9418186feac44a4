//! Keys and address of a door without a store.

use std::sync::Arc;

use super::{DoorKeys, DoorOrigins};
use crate::config::Origin;
use crate::grant::GrantKeys;
use crate::playback::PlayerKey;
use futures_util::future::BoxFuture;

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

impl DoorKeys for FixedSource {
    fn keys(&self) -> BoxFuture<'_, Option<Arc<GrantKeys>>> {
        Box::pin(async move { Some(Arc::clone(&self.keys)) })
    }
}

impl DoorOrigins for FixedSource {
    fn origin(&self, _: PlayerKey) -> BoxFuture<'_, Option<Origin>> {
        Box::pin(async move { Some(self.origin.clone()) })
    }
}
