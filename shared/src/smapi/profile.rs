//! The security profile that a person makes in the Amazon developer console.

use secrecy::{ExposeSecret as _, SecretString};

use super::error::SmapiError;

/// How every client id begins (Login with Amazon, security profile).
const CLIENT: &str = "amzn1.application-oa2-client.";

/// Longest client secret that is taken, in bytes; Amazon's have about 80.
const LONGEST: usize = 512;

/// Why something cannot be a security profile.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ProfileProblem {
    /// The client id was entered as the client secret.
    #[error("the client id is where the client secret belongs")]
    IdAsSecret,
    /// The client id is none.
    #[error("the client id begins with amzn1.application-oa2-client. and has letters and digits after it")]
    Id,
    /// There is no client secret.
    #[error("the client secret is missing")]
    NoSecret,
    /// The client secret is none.
    #[error("the client secret has characters that no client secret has")]
    Secret,
}

impl ProfileProblem {
    pub(super) fn code(self) -> &'static str {
        match self {
            Self::IdAsSecret => "profile-id-as-secret",
            Self::Id => "profile-id",
            Self::NoSecret => "profile-no-secret",
            Self::Secret => "profile-secret",
        }
    }
}

/// A security profile of Login with Amazon.
#[derive(Clone, Debug)]
pub struct SecurityProfile {
    /// `amzn1.application-oa2-client.` and 32 characters.
    pub client_id: String,
    /// The secret that belongs to it.
    pub client_secret: SecretString,
}

impl SecurityProfile {
    /// Reads what a person copied from the console.
    ///
    /// # Errors
    /// [`SmapiError::Profile`] when it cannot be a security profile.
    pub fn parse(client_id: &str, client_secret: &str) -> Result<Self, SmapiError> {
        let (client_id, client_secret) = (client_id.trim(), client_secret.trim());
        let profile = Self {
            client_id: client_id.to_owned(),
            client_secret: SecretString::from(client_secret.to_owned()),
        };
        profile.check()?;
        Ok(profile)
    }

    pub(super) fn check(&self) -> Result<(), SmapiError> {
        let secret = self.client_secret.expose_secret();
        let end = self.client_id.strip_prefix(CLIENT);
        let is_id = end.is_some_and(|end| {
            (16..=64).contains(&end.len()) && end.bytes().all(|byte| byte.is_ascii_alphanumeric())
        });
        let problem = if secret.starts_with(CLIENT) {
            ProfileProblem::IdAsSecret
        } else if !is_id {
            ProfileProblem::Id
        } else if secret.is_empty() {
            ProfileProblem::NoSecret
        } else if secret.len() > LONGEST || !secret.bytes().all(|byte| byte.is_ascii_graphic()) {
            ProfileProblem::Secret
        } else {
            return Ok(());
        };
        Err(SmapiError::Profile(problem))
    }
}
