//! The session of the Amazon account, with the version as which it was read.

use super::SecretsError;
use crate::account::{AmazonSession, SessionError};

/// Version of a secret's content. It shows nothing of the content, and is no secret.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct SecretVersion(String);

impl SecretVersion {
    /// The version with this name; an empty one is [`Self::unwritten`].
    pub fn new(name: impl Into<String>) -> Self {
        Self(name.into())
    }

    /// The version of a secret that was never written.
    #[must_use]
    pub fn unwritten() -> Self {
        Self::default()
    }

    /// Whether it is the version of a secret that was never written.
    #[must_use]
    pub fn is_unwritten(&self) -> bool {
        self.0.is_empty()
    }

    /// Its name, empty where the secret was never written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A session as it was read.
#[derive(Clone, Debug, Default)]
pub struct VersionedSession {
    /// The session; the default, an empty one, where none was ever written.
    pub session: AmazonSession,
    /// Version that a write has to name.
    pub version: SecretVersion,
}

impl VersionedSession {
    /// Reads the text of the secret at `place`.
    pub(super) fn from_json(json: &str, version: SecretVersion, place: &str) -> Result<Self, SecretsError> {
        let session = AmazonSession::from_json(json).map_err(|error| {
            let (place, reason) = (place.to_owned(), error.to_string());
            match error {
                SessionError::Malformed(_) => SecretsError::Malformed { place, reason },
                SessionError::Newer(_) => SecretsError::Newer { place, reason },
            }
        })?;
        Ok(Self { session, version })
    }
}

/// The outcome of a write of the session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PutResult {
    /// It is what the secret holds, as this version.
    Stored(SecretVersion),
    /// Another was written since the named version was read, and stays: read that one and think again. Where answers
    /// are lost, and two others write before the next one comes, this may be said of a session that was written.
    Conflict,
}
