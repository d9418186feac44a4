//! Security profiles, which a person makes in the Amazon developer console.

use secrecy::{ExposeSecret as _, SecretString};

use super::error::{ProfileProblem, SmapiError};

/// Prefix of every client id (Login with Amazon, security profile).
const CLIENT: &str = "amzn1.application-oa2-client.";

/// Longest client secret that is taken, in bytes; Amazon's have about 80.
const MAX_SECRET: usize = 512;

/// A security profile of Login with Amazon.
#[derive(Clone, Debug)]
pub struct SecurityProfile {
    /// `amzn1.application-oa2-client.` and 32 characters.
    pub client_id: String,
    /// The secret of that client id.
    pub client_secret: SecretString,
}

impl SecurityProfile {
    /// Reads a profile as a person copied it from the console.
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
        } else if secret.len() > MAX_SECRET || !secret.bytes().all(|byte| byte.is_ascii_graphic()) {
            ProfileProblem::Secret
        } else {
            return Ok(());
        };
        Err(SmapiError::Profile(problem))
    }
}
