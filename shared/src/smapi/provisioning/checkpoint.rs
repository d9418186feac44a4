//! The stored copy of a provisioning, written with optimistic locking.

use std::sync::Arc;

use super::state::Provisioning;
use crate::smapi::error::SmapiError;
use crate::store::{Document, Store};

/// The stored copy of a provisioning, at the revision that was read or written last.
#[derive(Debug)]
pub(super) struct Checkpoint {
    store: Arc<dyn Store>,
    revision: Option<u64>,
    is_lost: bool,
}

impl Checkpoint {
    /// Reads the provisioning; none where none is stored, or it is of an unknown form.
    pub(super) async fn load(store: Arc<dyn Store>) -> Result<(Option<Provisioning>, Self), SmapiError> {
        let document = store.document(Document::Provisioning).await?;
        let revision = document.as_ref().map(|document| document.revision);
        let state = document.and_then(|document| {
            let warn = |error: &serde_json::Error| {
                tracing::warn!(%error, "the stored set-up of the skill has an unknown form: it starts again");
            };
            serde_json::from_value(document.content).inspect_err(warn).ok()
        });
        Ok((state, Self { store, revision, is_lost: false }))
    }

    /// Writes the provisioning, unless another process wrote it since.
    ///
    /// # Errors
    /// [`SmapiError::Conflict`] when another process wrote it; then [`Self::is_lost`].
    pub(super) async fn save(&mut self, state: &Provisioning) -> Result<(), SmapiError> {
        // A provisioning is strings, numbers and lists under string keys.
        let content = serde_json::to_value(state).unwrap_or_default();
        if !self.store.put_document(Document::Provisioning, &content, self.revision).await? {
            self.is_lost = true;
            return Err(SmapiError::Conflict);
        }
        self.revision = Some(self.revision.unwrap_or(0) + 1);
        Ok(())
    }

    /// Whether another process wrote the provisioning.
    pub(super) fn is_lost(&self) -> bool {
        self.is_lost
    }
}
