//! Names of the home, as it reported them last, and what of them the skill's models have.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Document, SetupStore, StoreError, change_document};
use crate::clock::Timestamp;
use crate::control::HomeNames;

/// Names of the home, and those that Alexa learned.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct KnownNames {
    /// The names as the home reported them last.
    pub names: HomeNames,
    /// The names of the last models that were built; none before the first.
    pub in_models: Option<NamesInModels>,
    /// Time at which the models were last brought up to date by themselves, or that was tried.
    pub refreshed_at: Option<Timestamp>,
}

/// Names that the interaction models have.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NamesInModels {
    /// Digest of the names: [`HomeNames::digest`].
    pub digest: String,
    /// Whether the models have a type of playlists. A value for a type that is missing makes a whole answer invalid.
    pub playlists: bool,
}

impl KnownNames {
    /// The names that are known; none before the first report.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn read<S: SetupStore + ?Sized>(store: &S) -> Result<Self, StoreError> {
        Ok(Self::of(store.document(Document::HomeNames).await?.map(|document| document.content)))
    }

    /// Changes what is known. Nothing is written where nothing changes; `change` may run several times.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn change<S: SetupStore + ?Sized>(
        store: &S,
        change: impl Fn(&mut Self) + Send + Sync,
    ) -> Result<Self, StoreError> {
        let changed = change_document(
            store,
            Document::HomeNames,
            |content| Ok(Self::of(content)),
            |known| {
                let before = known.clone();
                change(known);
                if *known == before { Err(before) } else { Ok(known.clone()) }
            },
        );
        Ok(changed.await?.unwrap_or_else(|unchanged| unchanged))
    }

    /// The names of a document. One of an unknown form is replaced by the next report.
    fn of(content: Option<Value>) -> Self {
        content.and_then(|content| serde_json::from_value(content).ok()).unwrap_or_default()
    }
}
