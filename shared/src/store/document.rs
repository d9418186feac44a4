//! Documents, kept as a whole: the store knows the key of each, and its writer alone the content.

#[cfg(any(feature = "dynamodb", feature = "sqlite"))]
use serde::{Deserialize, Serialize};
use serde_json::Value;

#[cfg(any(feature = "dynamodb", feature = "sqlite"))]
use super::{StoreError, item};

/// Documents of the owner. A play reads none of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Document {
    /// Progress of the set-up of the skill.
    Provisioning,
    /// Start phrases that Music Assistant last received.
    StartPhrases,
    /// Last report of the doctor.
    DoctorReport,
    /// Ended sessions of the pages.
    EndedSessions,
    /// Last failure of the door.
    DoorFailure,
    /// Last order of the door's certificate.
    DoorCertificate,
    /// Sign-in links that were not used yet.
    SignInLinks,
    /// API tokens of the owner.
    ApiTokens,
    /// The last look at Music Assistant's API.
    MusicAssistant,
    /// Last check of the public addresses by the set-up.
    AddressCheck,
    /// Players that are to stop, and when.
    SleepTimers,
    /// Names of rooms and playlists at home, and those of the skill's models.
    HomeNames,
    /// Last question for the newest release, and its answer.
    NewestRelease,
    /// Address that the server at home listens on.
    ServerAddress,
}

impl Document {
    #[cfg(any(feature = "dynamodb", feature = "sqlite"))]
    pub(super) fn key(self) -> &'static str {
        match self {
            Self::Provisioning => "setup#skill-job",
            Self::StartPhrases => "setup#provider-seen",
            Self::DoctorReport => "setup#examination",
            Self::EndedSessions => "setup#ended-sessions",
            Self::DoorFailure => "setup#door-failure",
            Self::DoorCertificate => "setup#door-certificate",
            Self::SignInLinks => "setup#sign-in-links",
            Self::ApiTokens => "setup#api-tokens",
            Self::MusicAssistant => "setup#music-assistant",
            Self::AddressCheck => "setup#address-check",
            Self::SleepTimers => "home#sleep-timers",
            Self::HomeNames => "home#names",
            Self::NewestRelease => "home#newest-release",
            Self::ServerAddress => "home#server-address",
        }
    }
}

/// A document as it was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VersionedDocument {
    /// Content of the document.
    pub content: Value,
    /// Revision that a write has to name.
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
