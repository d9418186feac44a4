//! The sessions at Amazon: the content of the secret `amazon`.
//!
//! Each value that opens the account is a [`SecretString`]. Only [`AmazonSession::to_json`] writes it down.

use std::time::Duration;

use secrecy::SecretString;
use serde::{Deserialize, Serialize};

use super::host::{AmazonHost, Marketplace};
use crate::clock::{SKEW, Timestamp};

/// The newest layout of the secret that this release reads, and the one that it writes.
const SCHEMA: u32 = 1;

/// The whole secret.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct AmazonSession {
    /// The account of the Echos.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub alexa: Option<AlexaSession>,
    /// The developer account, for managing the skill.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub developer: Option<DeveloperSession>,
    /// A sign-in that began and has not come back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub login: Option<PendingLogin>,
    /// A sign-in to the developer account that began and has not come back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub developer_login: Option<PendingDeveloperLogin>,
    /// Devices that we registered and have no more use for: they are to be deregistered.
    #[serde(rename = "leaving", default, skip_serializing_if = "Vec::is_empty")]
    pub pending_deregistrations: Vec<PendingDeregistration>,
}

/// Error of a secret that cannot be read. It holds nothing of the content.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SessionError {
    /// It is no such JSON.
    #[error("wrong or missing at `{0}` in its JSON")]
    Malformed(String),
    /// A newer release wrote it.
    #[error("it has schema {0}, and this release reads up to {SCHEMA}: install the newer release")]
    Newer(u32),
}

#[derive(Deserialize)]
struct Numbered {
    schema: Option<u32>,
}

#[derive(Serialize)]
struct Written<'a> {
    schema: u32,
    #[serde(flatten)]
    session: &'a AmazonSession,
}

impl AmazonSession {
    /// Reads the text of the secret.
    ///
    /// # Errors
    /// When it is no JSON object of ours, or a newer release's.
    pub fn from_json(json: &str) -> Result<Self, SessionError> {
        // A list is a map to serde when a struct is expected.
        if !json.trim_start().starts_with('{') {
            return Err(SessionError::Malformed(".".to_owned()));
        }
        let malformed = |path: String| SessionError::Malformed(path);
        let numbered: Numbered = serde_json::from_str(json).map_err(|_| malformed("schema".to_owned()))?;
        if let Some(newer) = numbered.schema.filter(|schema| *schema > SCHEMA) {
            return Err(SessionError::Newer(newer));
        }
        serde_path_to_error::deserialize(&mut serde_json::Deserializer::from_str(json))
            // What serde says of a value would show it.
            .map_err(|error| malformed(error.path().to_string()))
    }

    /// The text of the secret.
    #[must_use]
    pub fn to_json(&self) -> SecretString {
        // Strings, numbers and lists under string keys always serialize.
        SecretString::from(
            serde_json::to_string(&Written { schema: SCHEMA, session: self }).unwrap_or_default(),
        )
    }

    /// Whether an account is signed in.
    #[must_use]
    pub fn is_signed_in(&self) -> bool {
        self.alexa.is_some() || self.developer.is_some()
    }
}

/// The session of the account of the Echos.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct AlexaSession {
    /// Serial number of the device that we are to Amazon: 32 hexadecimal digits in upper case.
    pub serial: String,
    /// Amazon's id of the account, `amzn1.account.…`.
    pub account: String,
    /// First name of the person, to tell accounts apart.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The one durable secret.
    #[serde(with = "exposed")]
    pub refresh_token: SecretString,
    /// A token for an hour.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub access: Option<AccessToken>,
    /// Hosts of the account; absent until they are known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<AccountHosts>,
    /// Cookies, which open the app's API.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cookies: Option<SessionCookies>,
    /// Time of the sign-in.
    pub signed_in_at: Timestamp,
    /// Short hash of the code that completed the sign-in, which works once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub login: Option<String>,
    /// Latest refusal of the cookies, after which they were refreshed early.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refused: Option<RefusalBackoff>,
    /// Amazon took the session back, and only a person can make a new one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended: Option<Revoked>,
}

/// Cookies that Amazon did not accept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefusalBackoff {
    /// Time of the refresh.
    pub at: Timestamp,
    /// Number of such refreshes before it, see [`Self::next`].
    pub before: u32,
}

impl RefusalBackoff {
    /// Shortest time between the first such refresh and the next.
    const SHORTEST: Duration = Duration::from_mins(2);
    /// The longest time between two of them.
    const LONGEST: Duration = Duration::from_hours(1);

    /// The record of a refresh at `now` after a refusal; none where it is too early for one.
    ///
    /// Cookies last for days, so that one refresh mends what can be mended. What Amazon refuses all the same, such as
    /// one endpoint for good, it refuses after each refresh, and each of them writes the secret, of which AWS keeps
    /// about a hundred versions a day. So the first refusal brings a refresh at once, however young the cookies are.
    /// Each further one comes only after twice the time: 2, 4, 8 minutes and so on up to an hour. That is less than
    /// thirty a day. Two hours without any are a new beginning. It is kept with the session since a refusal meets many
    /// processes, and ends with the next sign-in.
    #[must_use]
    pub fn next(last: Option<Self>, now: Timestamp) -> Option<Self> {
        let Some(last) = last else {
            return Some(Self { at: now, before: 0 });
        };
        // It was written before the clock was set back, so that nothing is known of its age.
        if last.at.since(now) > SKEW {
            return Some(Self { at: now, before: last.before.saturating_add(1) });
        }
        let pause = Self::LONGEST.min(Self::SHORTEST * 2_u32.saturating_pow(last.before.min(8)));
        match now.since(last.at) {
            since if since < pause => None,
            since if since > 2 * Self::LONGEST => Some(Self { at: now, before: 0 }),
            _ => Some(Self { at: now, before: last.before.saturating_add(1) }),
        }
    }
}

/// A token that lasts for a while.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct AccessToken {
    /// The token.
    #[serde(with = "exposed")]
    pub token: SecretString,
    /// Time of issue.
    pub issued_at: Timestamp,
    /// Time of expiry.
    pub expires_at: Timestamp,
}

/// Hosts of an account, as Amazon names them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccountHosts {
    /// The account's shop.
    pub marketplace: Marketplace,
    /// The host of the app's API.
    pub api: AmazonHost,
    /// The customer's id in commands, which is not the account's id.
    pub customer: String,
}

/// The cookies of one shop.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct SessionCookies {
    /// The shop.
    pub marketplace: Marketplace,
    /// The cookies.
    pub jar: Vec<StoredCookie>,
    /// Time of issue.
    pub issued_at: Timestamp,
}

/// A cookie. Its end is not kept: Amazon's are not to be relied on (docs/amazon-api.md, 2.2).
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct StoredCookie {
    /// The name.
    pub name: String,
    /// The value, without quotes around it.
    #[serde(with = "exposed")]
    pub value: SecretString,
    /// The domain, with or without a dot before it.
    pub domain: String,
    /// The path.
    pub path: String,
}

/// The end of a session.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Revoked {
    /// Amazon's word for it: `invalid_grant`, `invalid_token` or `unauthorized_client`.
    pub reason: String,
    /// Time of its discovery.
    pub at: Timestamp,
}

/// The session of the developer account (Login with Amazon).
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct DeveloperSession {
    /// The security profile's client id.
    pub client_id: String,
    /// The security profile's client secret.
    #[serde(with = "exposed")]
    pub client_secret: SecretString,
    /// Refresh token, which is exchanged for new tokens.
    #[serde(with = "exposed")]
    pub refresh_token: SecretString,
    /// A token for an hour.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub access: Option<AccessToken>,
    /// Short hash of the proof of the sign-in that made it, which works once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub login: Option<String>,
    /// Amazon took the session back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended: Option<Revoked>,
}

/// A sign-in to the developer account that a person has begun (Login with Amazon, authorization code grant).
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct PendingDeveloperLogin {
    /// The security profile's client id.
    pub client_id: String,
    /// The security profile's client secret.
    #[serde(with = "exposed")]
    pub client_secret: SecretString,
    /// Proof that the same person begins and ends it.
    #[serde(with = "exposed")]
    pub state: SecretString,
    /// The return address in the request to Amazon, which the exchange has to repeat.
    pub return_url: String,
    /// Time of its begin.
    pub began_at: Timestamp,
}

/// Longest time from the begin of a sign-in to its end.
const LOGIN_LASTS: Duration = Duration::from_mins(30);

/// A sign-in that a person has begun.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct PendingLogin {
    /// The serial number that the device will have.
    pub serial: String,
    /// Code verifier: the proof that the same client begins and ends it (RFC 7636).
    #[serde(with = "exposed")]
    pub verifier: SecretString,
    /// Time of its begin.
    pub began_at: Timestamp,
}

impl PendingLogin {
    /// Whether it may still be completed.
    #[must_use]
    pub fn is_open(&self, now: Timestamp) -> bool {
        now.since(self.began_at) <= LOGIN_LASTS && self.began_at.since(now) <= SKEW
    }
}

impl PendingDeveloperLogin {
    /// Whether it may still be completed.
    #[must_use]
    pub fn is_open(&self, now: Timestamp) -> bool {
        now.since(self.began_at) <= LOGIN_LASTS && self.began_at.since(now) <= SKEW
    }
}

/// A registered device that has to go.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct PendingDeregistration {
    /// Its serial number.
    pub serial: String,
    /// Refresh token of the device.
    #[serde(with = "exposed")]
    pub refresh_token: SecretString,
    /// Time at which it was left.
    pub since: Timestamp,
}

/// Writes a secret out, for the one place that keeps secrets.
mod exposed {
    use secrecy::{ExposeSecret as _, SecretString};
    use serde::{Deserialize as _, Deserializer, Serialize as _, Serializer};

    pub(super) fn serialize<S: Serializer>(secret: &SecretString, serializer: S) -> Result<S::Ok, S::Error> {
        secret.expose_secret().serialize(serializer)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<SecretString, D::Error> {
        String::deserialize(deserializer).map(SecretString::from)
    }
}
