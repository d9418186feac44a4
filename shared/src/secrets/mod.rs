//! Credentials and tokens: in AWS Secrets Manager, or in a file that only its owner reads.

mod amazon;
mod credentials;
mod file;
mod open;
#[cfg(feature = "secrets-manager")]
mod secrets_manager;

use std::fmt;

use async_trait::async_trait;

pub use crate::config::{Pair, PairError};
pub use amazon::AmazonSession;
pub use credentials::Credentials;
pub use file::{Created, FileSecrets};
pub use open::{OpenError, open};
#[cfg(feature = "secrets-manager")]
pub use secrets_manager::SecretsManagerStore;

/// Why a secret cannot be had. No part of the secret is ever in it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SecretsError {
    /// It cannot be read or written; trying again may help.
    #[error("{place} cannot be reached: {reason}")]
    Unavailable {
        /// The file, or the secret's name.
        place: String,
        /// What the system said.
        reason: String,
    },
    /// It is not what it has to be, and somebody has to write it anew.
    #[error("{place} is malformed: {reason}")]
    Malformed {
        /// The file, or the secret's name.
        place: String,
        /// What is wrong with it.
        reason: String,
    },
    /// The operating system gave no random bytes for a new password.
    #[error("no password can be made: {0}")]
    NoRandomness(#[from] crate::clock::NoRandomness),
}

/// Where credentials and sessions are read.
#[async_trait]
pub trait SecretStore: fmt::Debug + Send + Sync {
    /// The credentials; `None` where none were ever written.
    async fn credentials(&self) -> Result<Option<Credentials>, SecretsError>;

    /// The session of the Amazon account; `None` where nobody ever signed in.
    async fn amazon(&self) -> Result<Option<AmazonSession>, SecretsError>;

    /// Where the credentials are, for a sentence that tells people what to mend.
    fn place(&self) -> String;
}
