//! Credentials of the API, and the key to Music Assistant's.

use secrecy::{ExposeSecret as _, SecretString};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::SecretsError;
use crate::clock::{NoRandomness, Random};
use crate::config::UserPassword;
use crate::grant::GrantKeys;

/// Random bytes of a generated password: 160 bits.
const PASSWORD_BYTES: usize = 20;

/// Fewest characters of the key of the sessions.
const MIN_SESSION_KEY: usize = 32;

/// 32 characters that look unlike one another: no `i`, `l`, `o` and `u`.
const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

/// Content of the secret `credentials`. `Debug` prints no password and no token.
#[derive(Clone, Debug)]
pub struct Credentials {
    /// Credentials of the owner, which open everything.
    pub owner: UserPassword,
    /// Opens what Music Assistant calls.
    pub music_assistant: UserPassword,
    /// The token for Music Assistant's own API, where the owner entered one.
    pub ma_token: Option<SecretString>,
    /// Signs the sessions of the pages; secrets of older releases have none.
    pub session_key: Option<SecretString>,
    /// Seal and open the grants of the door; secrets of older releases have none.
    pub grant_keys: Option<GrantKeys>,
}

/// One of the two pairs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CredentialPair {
    /// The owner's, which opens everything.
    Owner,
    /// That of Music Assistant.
    MusicAssistant,
}

impl CredentialPair {
    /// The member of the secret.
    fn member(self) -> &'static str {
        match self {
            Self::Owner => "owner",
            Self::MusicAssistant => "music_assistant",
        }
    }
}

#[derive(Serialize, Deserialize)]
struct Body {
    owner: PairBody,
    music_assistant: PairBody,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    ma_token: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    session_key: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    grant_keys: Option<String>,
}

#[derive(Serialize, Deserialize)]
struct PairBody {
    username: String,
    password: String,
}

impl Credentials {
    /// Makes both pairs and the key of the sessions, of 160 random bits each, and a key of the grants.
    ///
    /// # Errors
    /// When there is no randomness.
    pub fn generate(random: &dyn Random) -> Result<Self, SecretsError> {
        Ok(Self {
            owner: generate_pair("owner", random)?,
            music_assistant: generate_pair("music-assistant", random)?,
            ma_token: None,
            session_key: Some(generate_password(random)?.into()),
            grant_keys: Some(GrantKeys::generate(random)?),
        })
    }

    /// Whether it has every key that this release makes.
    pub(super) fn has_all_keys(&self) -> bool {
        self.session_key.is_some() && self.grant_keys.is_some()
    }

    /// Reads the JSON text of the secret at `place`.
    ///
    /// # Errors
    /// When it is no such JSON, a password or the key is short, or both pairs have one password. The error names the member
    /// and never a value.
    pub fn from_json(json: &str, place: &str) -> Result<Self, SecretsError> {
        let malformed = |reason: String| SecretsError::Malformed { place: place.to_owned(), reason };
        let body: Body = serde_path_to_error::deserialize(&mut serde_json::Deserializer::from_str(json))
            // What serde says of a value would show it.
            .map_err(|err| malformed(format!("wrong or missing at `{}` in its JSON", err.path())))?;
        let pair = |name: &str, pair: &PairBody| {
            UserPassword::new(&pair.username, &pair.password)
                .map_err(|err| malformed(format!("`{name}`: {err}")))
        };
        let owner = pair("owner", &body.owner)?;
        let music_assistant = pair("music_assistant", &body.music_assistant)?;
        if owner.password() == music_assistant.password() {
            return Err(malformed(
                "`owner` and `music_assistant` have to have different passwords".to_owned(),
            ));
        }
        let given = |text: Option<String>| text.filter(|text| !text.is_empty()).map(SecretString::from);
        let session_key = given(body.session_key);
        if session_key.as_ref().is_some_and(|key| key.expose_secret().len() < MIN_SESSION_KEY) {
            return Err(malformed(format!(
                "`session_key` needs at least {MIN_SESSION_KEY} random characters"
            )));
        }
        let grant_keys = body.grant_keys.filter(|text| !text.is_empty());
        let grant_keys = grant_keys.map(|text| GrantKeys::parse(&text)).transpose();
        let grant_keys = grant_keys.map_err(|err| malformed(format!("`grant_keys`: {err}")))?;
        Ok(Self { owner, music_assistant, ma_token: given(body.ma_token), session_key, grant_keys })
    }

    /// The JSON text of the secret.
    #[must_use]
    pub fn to_json(&self) -> SecretString {
        let pair = |pair: &UserPassword| PairBody {
            username: pair.username().to_owned(),
            password: pair.password().to_owned(),
        };
        let body = Body {
            owner: pair(&self.owner),
            music_assistant: pair(&self.music_assistant),
            ma_token: self.ma_token.as_ref().map(|token| token.expose_secret().to_owned()),
            session_key: self.session_key.as_ref().map(|key| key.expose_secret().to_owned()),
            grant_keys: self.grant_keys.as_ref().map(|keys| keys.text().expose_secret().to_owned()),
        };
        // Strings under string keys always serialize.
        SecretString::from(serde_json::to_string_pretty(&body).unwrap_or_default())
    }
}

/// The JSON text of a secret with the keys that it has not; every other member stays as it was. None where the text is
/// no object.
pub(super) fn with_missing_keys(
    json: &str,
    random: &dyn Random,
) -> Result<Option<SecretString>, NoRandomness> {
    let Ok(mut members) = serde_json::from_str::<Map<String, Value>>(json) else {
        return Ok(None);
    };
    let lacks = |name: &str| members.get(name).is_none_or(|value| value.as_str().is_none_or(str::is_empty));
    let (lacks_session_key, lacks_grant_keys) = (lacks("session_key"), lacks("grant_keys"));
    if lacks_session_key {
        members.insert("session_key".to_owned(), generate_password(random)?.into());
    }
    if lacks_grant_keys {
        members.insert("grant_keys".to_owned(), text_of(&GrantKeys::generate(random)?));
    }
    Ok(serde_json::to_string_pretty(&members).ok().map(SecretString::from))
}

/// The JSON text of a secret with a new key of the grants before the last one; every other member stays as it was. None
/// where the text is no object.
pub(super) fn with_rotated_grant_keys(
    json: &str,
    keys: &GrantKeys,
    random: &dyn Random,
) -> Result<Option<(SecretString, GrantKeys)>, NoRandomness> {
    let Ok(mut members) = serde_json::from_str::<Map<String, Value>>(json) else {
        return Ok(None);
    };
    let rotated = keys.rotated(random)?;
    members.insert("grant_keys".to_owned(), text_of(&rotated));
    Ok(serde_json::to_string_pretty(&members).ok().map(|json| (json.into(), rotated)))
}

/// The JSON text of a secret with this token of Music Assistant, or without one; every other member stays as it was. None
/// where the text is no object.
pub(super) fn with_ma_token(json: &str, token: Option<&SecretString>) -> Option<SecretString> {
    let mut members = serde_json::from_str::<Map<String, Value>>(json).ok()?;
    match token {
        Some(token) => members.insert("ma_token".to_owned(), token.expose_secret().into()),
        None => members.remove("ma_token"),
    };
    serde_json::to_string_pretty(&members).ok().map(SecretString::from)
}

/// The JSON text of a secret with a new password of this pair; every other member stays as it was. None where the text has
/// no such pair.
pub(super) fn with_new_password(
    json: &str,
    pair: CredentialPair,
    random: &dyn Random,
) -> Result<Option<SecretString>, NoRandomness> {
    let Ok(mut members) = serde_json::from_str::<Map<String, Value>>(json) else {
        return Ok(None);
    };
    let Some(pair) = members.get_mut(pair.member()).and_then(Value::as_object_mut) else {
        return Ok(None);
    };
    pair.insert("password".to_owned(), generate_password(random)?.into());
    Ok(serde_json::to_string_pretty(&members).ok().map(SecretString::from))
}

fn text_of(keys: &GrantKeys) -> Value {
    keys.text().expose_secret().into()
}

fn generate_pair(username: &str, random: &dyn Random) -> Result<UserPassword, SecretsError> {
    let password = generate_password(random)?;
    UserPassword::new(username, &password).map_err(|err| SecretsError::Malformed {
        place: "a generated password".to_owned(),
        reason: err.to_string(),
    })
}

/// 32 characters of base32, in lower case.
fn generate_password(random: &dyn Random) -> Result<String, NoRandomness> {
    readable::<PASSWORD_BYTES>(random)
}

/// Random bytes in base32, in lower case: eight characters for each five bytes, of which there have to be whole groups.
pub(crate) fn readable<const BYTES: usize>(random: &dyn Random) -> Result<String, NoRandomness> {
    const { assert!(BYTES.is_multiple_of(5), "five bytes are eight characters") };
    let mut bytes = [0; BYTES];
    random.fill(&mut bytes)?;
    Ok(bytes.chunks(5).flat_map(base32).collect())
}

/// Eight characters for five bytes.
fn base32(bytes: &[u8]) -> impl Iterator<Item = char> + use<> {
    let bits = bytes.iter().fold(0_u64, |bits, byte| (bits << 8) | u64::from(*byte));
    (0..8).rev().map(move |place| char::from(ALPHABET[((bits >> (place * 5)) & 31) as usize]))
}
