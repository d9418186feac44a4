//! The session of the Amazon account.

use serde::Deserialize;
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

#[derive(Deserialize)]
struct Body {
    #[serde(default)]
    alexa: Option<IgnoredAny>,
    #[serde(default)]
    developer: Option<IgnoredAny>,
}

impl AmazonSession {
    /// Reads the JSON text of the secret at `place`.
    ///
    /// # Errors
    /// When it is no JSON object. The error shows nothing of it.
    pub fn from_json(json: &str, place: &str) -> Result<Self, SecretsError> {
        let body: Body = serde_json::from_str(json).map_err(|_| SecretsError::Malformed {
            place: place.to_owned(),
            reason: "it is no JSON object".to_owned(),
        })?;
        Ok(Self { alexa: body.alexa.is_some(), developer: body.developer.is_some() })
    }

    /// Whether anybody is signed in.
    #[must_use]
    pub fn is_signed_in(self) -> bool {
        self.alexa || self.developer
    }
}
