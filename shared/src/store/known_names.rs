//! Names of the home, as it reported them last, and what of them the skill's models have.

use serde::{Deserialize, Serialize};

use super::{Document, SetupStore, StoreError};
use crate::clock::Timestamp;
use crate::control::HomeNames;

/// Number of attempts of a change after another process wrote.
const ATTEMPTS: usize = 5;

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
        Ok(Self::read_with_revision(store).await?.0)
    }

    /// Changes what is known. Nothing is written where nothing changes; `change` may run several times.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn change<S: SetupStore + ?Sized>(
        store: &S,
        change: impl Fn(&mut Self) + Send + Sync,
    ) -> Result<Self, StoreError> {
        for _ in 0..ATTEMPTS {
            let (before, revision) = Self::read_with_revision(store).await?;
            let mut known = before.clone();
            change(&mut known);
            // Names and times under string keys always serialize.
            let content = serde_json::to_value(&known).unwrap_or_default();
            if known == before || store.put_document(Document::HomeNames, &content, revision).await? {
                return Ok(known);
            }
        }
        Err(StoreError::Unavailable("the names of the home are written by others all the time".to_owned()))
    }

    async fn read_with_revision<S: SetupStore + ?Sized>(
        store: &S,
    ) -> Result<(Self, Option<u64>), StoreError> {
        let document = store.document(Document::HomeNames).await?;
        let revision = document.as_ref().map(|document| document.revision);
        // One of an unknown form is replaced by the next report.
        let known = document.and_then(|document| serde_json::from_value(document.content).ok());
        Ok((known.unwrap_or_default(), revision))
    }
}
