//! What skill management answers when it cannot do what it is asked for.

use crate::account::Ended;
use crate::amazon::TransportError;
use crate::clock::{NoRandomness, Timestamp};
use crate::secrets::SecretsError;
use crate::store::StoreError;

use super::permission::PermissionError;

/// Why something was not done. Each is a sentence for people; none has a token in it.
#[derive(Debug, thiserror::Error)]
pub enum SmapiError {
    /// Nobody is signed in to the developer account.
    #[error("nobody is signed in to the developer account")]
    NotSignedIn,
    /// Amazon took the session back.
    #[error("Amazon ended the sign-in to the developer account ({})", .0.reason)]
    SignInAgain(Ended),
    /// The store does not serve.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The secret cannot be had.
    #[error(transparent)]
    Secrets(#[from] SecretsError),
    /// There was no answer.
    #[error(transparent)]
    Transport(#[from] TransportError),
    /// The function does not let Alexa in.
    #[error(transparent)]
    Permission(#[from] PermissionError),
    /// Amazon takes no more for now.
    #[error("Amazon is asked too often: nothing is sent before {}", .until.rfc3339())]
    Throttled {
        /// Until when.
        until: Timestamp,
    },
    /// There is no randomness.
    #[error(transparent)]
    NoRandomness(#[from] NoRandomness),
}

impl SmapiError {
    /// What it is, for programs and for the texts of the pages.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::NotSignedIn => "not-signed-in",
            Self::SignInAgain(_) => "sign-in-again",
            Self::Store(_) => "store",
            Self::Secrets(_) => "secrets",
            Self::Transport(_) => "no-answer",
            Self::Permission(_) => "permission",
            Self::Throttled { .. } => "throttled",
            Self::NoRandomness(_) => "internal",
        }
    }
}
