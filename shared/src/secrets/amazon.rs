//! The session of the Amazon account.

use std::collections::HashMap;

use serde::de::IgnoredAny;

use super::SecretsError;

/// What the secret `amazon` holds: who is signed in. The functions write it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct AmazonSession {
    /// The account of the Echos.
    pub alexa: bool,
    /// The developer account, for managing the skill.
    pub developer: bool,
}

impl AmazonSession {
    /// Reads the JSON text of the secret at `place`.
    ///
    /// # Errors
    /// When it is no JSON object. The error shows nothing of it.
    pub fn from_json(json: &str, place: &str) -> Result<Self, SecretsError> {
        let sections: HashMap<String, Option<IgnoredAny>> = serde_json::from_str(json).map_err(|_| {
            SecretsError::Malformed { place: place.to_owned(), reason: "it is no JSON object".to_owned() }
        })?;
        let has = |name: &str| sections.get(name).is_some_and(Option::is_some);
        Ok(Self { alexa: has("alexa"), developer: has("developer") })
    }

    /// Whether anybody is signed in.
    #[must_use]
    pub fn is_signed_in(self) -> bool {
        self.alexa || self.developer
    }
}
