//! Documents, kept as a whole: the store knows the key of each, and its writer alone the content.

#[cfg(any(feature = "dynamodb", feature = "sqlite"))]
use serde::{Deserialize, Serialize};
use serde_json::Value;

#[cfg(any(feature = "dynamodb", feature = "sqlite"))]
use super::{StoreError, item};

/// Which document it is. None of them is read for a play.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Document {
    /// How far the skill is set up.
    SkillJob,
    /// What Music Assistant was last told to say.
    ProviderSeen,
    /// What the doctor last found.
    Examination,
    /// Which sessions of the pages have ended.
    EndedSessions,
}

impl Document {
    #[cfg(any(feature = "dynamodb", feature = "sqlite"))]
    pub(super) fn key(self) -> &'static str {
        match self {
            Self::SkillJob => "setup#skill-job",
            Self::ProviderSeen => "setup#provider-seen",
            Self::Examination => "setup#examination",
            Self::EndedSessions => "setup#ended-sessions",
        }
    }
}

/// A document as it was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VersionedDocument {
    /// What it holds.
    pub content: Value,
    /// What a write has to name.
    pub revision: u64,
}

/// A document as it is written down: its content as a text, since a store may have its own numbers.
#[cfg(any(feature = "dynamodb", feature = "sqlite"))]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct DocumentItem {
    /// The count of its writes, which the store keeps.
    #[serde(default, skip_serializing)]
    revision: u64,
    content: String,
}

#[cfg(any(feature = "dynamodb", feature = "sqlite"))]
impl DocumentItem {
    pub(super) fn new(content: &Value) -> Self {
        Self { revision: 0, content: content.to_string() }
    }

    pub(super) fn decode(self, which: Document) -> Result<VersionedDocument, StoreError> {
        let content =
            serde_json::from_str(&self.content).map_err(|error| item::corrupt(which.key(), &error))?;
        Ok(VersionedDocument { content, revision: self.revision })
    }
}
