//! Who may call the API, and the key to Music Assistant's.

use secrecy::{ExposeSecret as _, SecretString};
use serde::{Deserialize, Serialize};

use super::SecretsError;
use crate::clock::{NoRandomness, Random};
use crate::config::Pair;

/// Random bytes of a generated password: 160 bits.
const PASSWORD_BYTES: usize = 20;

/// 32 characters that nobody mistakes for one another: no `i`, `l`, `o` and `u`.
const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

/// What the secret `credentials` holds. `Debug` prints no password and no token.
#[derive(Clone, Debug)]
pub struct Credentials {
    /// Opens everything.
    pub owner: Pair,
    /// Opens what Music Assistant calls.
    pub music_assistant: Pair,
    /// The token for Music Assistant's own API, where the owner entered one.
    pub ma_token: Option<SecretString>,
}

#[derive(Serialize, Deserialize)]
struct Body {
    owner: PairBody,
    music_assistant: PairBody,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    ma_token: Option<String>,
}

#[derive(Serialize, Deserialize)]
struct PairBody {
    username: String,
    password: String,
}

impl Credentials {
    /// Makes both pairs, with passwords of 160 bits.
    ///
    /// # Errors
    /// When there is no randomness.
    pub fn generate(random: &dyn Random) -> Result<Self, SecretsError> {
        Ok(Self {
            owner: generate_pair("owner", random)?,
            music_assistant: generate_pair("music-assistant", random)?,
            ma_token: None,
        })
    }

    /// Reads the JSON text of the secret at `place`.
    ///
    /// # Errors
    /// When it is no such JSON, a password is short, or both pairs have one password. The error names the member
    /// and never a value.
    pub fn from_json(json: &str, place: &str) -> Result<Self, SecretsError> {
        let malformed = |reason: String| SecretsError::Malformed { place: place.to_owned(), reason };
        let body: Body = serde_path_to_error::deserialize(&mut serde_json::Deserializer::from_str(json))
            // What serde says of a value would show it.
            .map_err(|err| malformed(format!("wrong or missing at `{}` in its JSON", err.path())))?;
        let pair = |name: &str, pair: &PairBody| {
            Pair::new(&pair.username, &pair.password).map_err(|err| malformed(format!("`{name}`: {err}")))
        };
        let owner = pair("owner", &body.owner)?;
        let music_assistant = pair("music_assistant", &body.music_assistant)?;
        if owner.password() == music_assistant.password() {
            return Err(malformed(
                "`owner` and `music_assistant` have to have different passwords".to_owned(),
            ));
        }
        Ok(Self {
            owner,
            music_assistant,
            ma_token: body.ma_token.filter(|token| !token.is_empty()).map(SecretString::from),
        })
    }

    /// The JSON text of the secret.
    #[must_use]
    pub fn to_json(&self) -> SecretString {
        let pair = |pair: &Pair| PairBody {
            username: pair.username().to_owned(),
            password: pair.password().to_owned(),
        };
        let body = Body {
            owner: pair(&self.owner),
            music_assistant: pair(&self.music_assistant),
            ma_token: self.ma_token.as_ref().map(|token| token.expose_secret().to_owned()),
        };
        // Strings under string keys always serialize.
        SecretString::from(serde_json::to_string_pretty(&body).unwrap_or_default())
    }
}

fn generate_pair(username: &str, random: &dyn Random) -> Result<Pair, SecretsError> {
    let password = generate_password(random)?;
    Pair::new(username, &password).map_err(|err| SecretsError::Malformed {
        place: "a generated password".to_owned(),
        reason: err.to_string(),
    })
}

/// 32 characters of base32, in lower case.
fn generate_password(random: &dyn Random) -> Result<String, NoRandomness> {
    let mut bytes = [0; PASSWORD_BYTES];
    random.fill(&mut bytes)?;
    Ok(bytes.chunks(5).flat_map(base32).collect())
}

/// Eight characters for five bytes.
fn base32(bytes: &[u8]) -> impl Iterator<Item = char> + use<> {
    let bits = bytes.iter().fold(0_u64, |bits, byte| (bits << 8) | u64::from(*byte));
    (0..8).rev().map(move |place| char::from(ALPHABET[((bits >> (place * 5)) & 31) as usize]))
}
