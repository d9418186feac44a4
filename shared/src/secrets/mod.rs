//! Credentials and tokens: in AWS Secrets Manager, or in a file that only its owner reads.

#[cfg(feature = "sqlite")]
mod copy;
mod credentials;
mod file;
mod open;
#[cfg(feature = "secrets-manager")]
mod secrets_manager;
mod version;

use std::fmt;

use async_trait::async_trait;
use secrecy::SecretString;

use crate::account::AmazonSession;
pub use crate::config::{UserPassword, UserPasswordError};
#[cfg(feature = "sqlite")]
pub(crate) use copy::{MAX_FILES, SecretFile};
#[cfg(feature = "http")]
pub(crate) use credentials::readable;
pub use credentials::{CredentialPair, Credentials};
pub use file::{Created, FileSecrets};
pub use open::{SecretsOpenError, open};
#[cfg(feature = "secrets-manager")]
pub use secrets_manager::SecretsManagerStore;
pub use version::{PutResult, SecretVersion, VersionedSession};

/// Reason why a secret cannot be had. No part of the secret is ever in it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SecretsError {
    /// It cannot be read or written; trying again may help.
    #[error("{place} cannot be reached: {reason}")]
    Unavailable {
        /// The file, or the secret's name.
        place: String,
        /// Error of the system.
        reason: String,
    },
    /// It is not what it has to be, and a person has to write it again.
    #[error("{place} is malformed: {reason}")]
    Malformed {
        /// The file, or the secret's name.
        place: String,
        /// Defect of the content.
        reason: String,
    },
    /// A newer release wrote it.
    #[error("{place} is of a newer release: {reason}")]
    Newer {
        /// The file, or the secret's name.
        place: String,
        /// Schema of the secret.
        reason: String,
    },
    /// The operating system gave no random bytes for a new password or version.
    #[error("no secret can be made: {0}")]
    NoRandomness(#[from] crate::clock::NoRandomness),
}

/// Secret store: reads credentials, reads and writes sessions.
#[async_trait]
pub trait SecretStore: fmt::Debug + Send + Sync {
    /// The credentials; `None` where none were ever written.
    async fn credentials(&self) -> Result<Option<Credentials>, SecretsError>;

    /// The session of the Amazon account; an empty one where none was ever written.
    async fn amazon(&self) -> Result<VersionedSession, SecretsError>;

    /// Writes the session if the secret is still the version that was `read`. After an error it may have been
    /// written or not.
    async fn put_amazon(
        &self,
        session: &AmazonSession,
        read: &SecretVersion,
    ) -> Result<PutResult, SecretsError>;

    /// Keeps the token for Music Assistant's own API, or removes it. Places that their owner alone writes take none.
    async fn put_ma_token(&self, _token: Option<&SecretString>) -> Result<(), SecretsError> {
        let reason = "the token of Music Assistant has to be written there by hand, as `ma_token`".to_owned();
        Err(SecretsError::Unavailable { place: self.location(), reason })
    }

    /// Location of the credentials, for a sentence that names what to mend.
    fn location(&self) -> String;
}
