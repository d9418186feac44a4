//! API tokens: secrets with a name, by which scripts call the HTTP API without the owner's password.

use std::fmt;

use secrecy::{ExposeSecret as _, SecretString};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use subtle::ConstantTimeEq as _;
use utoipa::ToSchema;

use crate::clock::{NoRandomness, Random, Timestamp};
use crate::secrets;
use crate::store::{Document, SetupStore, StoreError, change_document};

/// Most tokens that there are at one time.
const MOST: usize = 16;

/// Longest name of a token, in characters.
pub const LONGEST_NAME: usize = 64;

/// The beginning of each token, by which a person and a search for lost secrets know it.
const PREFIX: &str = "maa_";

/// Random bytes of a token.
const BYTES: usize = 20;

/// Milliseconds of a day.
const DAY: i64 = 24 * 60 * 60 * 1000;

/// The operations that a token opens.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// Looking, searching, and commands to players and Echos.
    Control,
    /// All operations but those of passwords, tokens, sign-in links and backups.
    Everything,
}

impl Scope {
    /// Whether a token of this scope opens what needs `needed`.
    #[must_use]
    pub fn permits(self, needed: Self) -> bool {
        self == Self::Everything || self == needed
    }
}

/// A new token. `Debug` does not print it.
pub struct ApiToken(SecretString);

impl ApiToken {
    /// 160 random bits behind a prefix.
    #[must_use]
    pub fn text(&self) -> &str {
        self.0.expose_secret()
    }

    fn generate(random: &dyn Random) -> Result<Self, NoRandomness> {
        Ok(Self(format!("{PREFIX}{}", secrets::readable::<BYTES>(random)?).into()))
    }

    /// Whether something looks like a token, so that it is worth a look into the store.
    pub(crate) fn is_shaped(sent: &[u8]) -> bool {
        let random = sent.strip_prefix(PREFIX.as_bytes());
        random.is_some_and(|random| {
            random.len() == BYTES * 8 / 5
                && random.iter().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
        })
    }
}

impl fmt::Debug for ApiToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ApiToken").finish_non_exhaustive()
    }
}

/// A token as it is kept: what reads the store cannot use it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredToken {
    /// Its id, which is no secret.
    pub id: String,
    /// Its name, for people.
    pub name: String,
    /// The operations that it opens.
    pub scope: Scope,
    /// The SHA-256 of the token.
    digest: [u8; 32],
    /// The time at which it was made.
    pub made_at: Timestamp,
    /// The day of its last use, in days since the epoch in UTC; none where it was never used.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub used_on: Option<i64>,
}

impl StoredToken {
    /// Days since its last use; zero where the clock was set back since. None where it was never used.
    #[must_use]
    pub fn unused_days(&self, now: Timestamp) -> Option<usize> {
        self.used_on.map(|day| usize::try_from(day_of(now).saturating_sub(day)).unwrap_or(0))
    }

    /// The day of its last use, as `2026-11-30`.
    #[must_use]
    pub fn used_on(&self) -> Option<String> {
        let date = Timestamp::from_millis(self.used_on?.saturating_mul(DAY)).rfc3339();
        date.split_once('T').map(|(day, _)| day.to_owned())
    }
}

/// The tokens, oldest first.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct StoredTokens {
    tokens: Vec<StoredToken>,
}

impl StoredTokens {
    /// Reads what the store holds. What another release wrote is an error, so that no write loses a token.
    pub(super) fn read(content: Option<Value>) -> Result<Self, StoreError> {
        let read = content.map(serde_json::from_value).transpose();
        let read = read.map_err(|error| StoreError::Malformed(format!("the API tokens: {error}")))?;
        Ok(read.unwrap_or_default())
    }

    /// The token that was sent. Each is compared as a whole, whatever the others were.
    pub(super) fn find(&self, sent: &[u8]) -> Option<&StoredToken> {
        let digest = super::hash(sent);
        let mut found = None;
        for token in &self.tokens {
            if token.digest.ct_eq(&digest).into() {
                found = Some(token);
            }
        }
        found
    }

    /// Notes that a token is used today, and returns the day where that is news.
    pub(super) fn note_use(&mut self, id: &str, now: Timestamp) -> Option<i64> {
        let today = day_of(now);
        let token = self.tokens.iter_mut().find(|token| token.id == id && token.used_on != Some(today))?;
        token.used_on = Some(today);
        Some(today)
    }
}

fn day_of(now: Timestamp) -> i64 {
    now.millis().div_euclid(DAY)
}

/// A token that is to be made.
#[derive(Clone, Debug)]
pub struct TokenSpec {
    /// Its name.
    pub name: String,
    /// The operations that it is to open.
    pub scope: Scope,
}

/// A token that was just made: it is shown now or never.
#[derive(Debug)]
pub struct MadeToken {
    /// The token.
    pub token: ApiToken,
    /// The rest of it.
    pub stored: StoredToken,
}

/// Reason why no token was made.
#[derive(Debug, thiserror::Error)]
pub enum NoToken {
    /// It is empty, too long, or has control characters.
    #[error("name: it has to have 1 to 64 characters and no control character")]
    Name,
    /// Another token has this name.
    #[error("name: another token has it")]
    NameTaken,
    /// One more would be too many.
    #[error("there are 16 tokens, and no more are kept: revoke one first")]
    TooMany,
    /// The store does not answer.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The machine gave no random bytes.
    #[error(transparent)]
    NoRandomness(#[from] NoRandomness),
}

/// All tokens, oldest first.
///
/// # Errors
/// When the store does not answer, or holds what this release cannot read.
pub async fn list(store: &(impl SetupStore + ?Sized)) -> Result<Vec<StoredToken>, StoreError> {
    let held = store.document(Document::ApiTokens).await?;
    Ok(StoredTokens::read(held.map(|held| held.content))?.tokens)
}

/// Makes a token.
///
/// # Errors
/// When it cannot be made; see [`NoToken`].
pub async fn make(
    store: &(impl SetupStore + ?Sized),
    random: &dyn Random,
    new: &TokenSpec,
    now: Timestamp,
) -> Result<MadeToken, NoToken> {
    let name = new.name.trim();
    if name.is_empty() || name.chars().count() > LONGEST_NAME || name.chars().any(char::is_control) {
        return Err(NoToken::Name);
    }
    let token = ApiToken::generate(random)?;
    let made = StoredToken {
        id: secrets::readable::<5>(random)?,
        name: name.to_owned(),
        scope: new.scope,
        digest: super::hash(token.text().as_bytes()),
        made_at: now,
        used_on: None,
    };
    let stored = change_document(store, Document::ApiTokens, StoredTokens::read, |stored| {
        if stored.tokens.iter().any(|token| token.name == made.name) {
            return Err(NoToken::NameTaken);
        }
        if stored.tokens.len() >= MOST {
            return Err(NoToken::TooMany);
        }
        stored.tokens.push(made.clone());
        Ok(made.clone())
    });
    Ok(MadeToken { token, stored: stored.await?? })
}

/// Revokes the token of this id, and returns it as it was; none where there is no such token.
///
/// # Errors
/// When the store does not answer. It may be revoked all the same.
pub async fn revoke(store: &(impl SetupStore + ?Sized), id: &str) -> Result<Option<StoredToken>, StoreError> {
    let revoked = change_document(store, Document::ApiTokens, StoredTokens::read, |stored| {
        let place = stored.tokens.iter().position(|token| token.id == id).ok_or(())?;
        Ok::<_, ()>(stored.tokens.remove(place))
    });
    Ok(revoked.await?.ok())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::testing::SeededRandom;

    #[test]
    fn only_what_has_the_shape_of_a_token_is_looked_up() {
        let token = ApiToken::generate(&SeededRandom::new(1)).map(|token| token.text().to_owned());
        let token = token.unwrap_or_default();
        assert_eq!((token.len(), ApiToken::is_shaped(token.as_bytes())), (36, true), "{token}");
        let long = format!("{token}a");
        for other in ["", "maa_", &token[1..], &long, &token.to_uppercase(), &token.replace("maa_", "mab_")] {
            assert!(!ApiToken::is_shaped(other.as_bytes()), "{other}");
        }
        assert!(!ApiToken::is_shaped(&[b'm'; 36]));
    }

    #[test]
    fn a_use_is_noted_once_a_day() {
        let token = StoredToken {
            id: "one".to_owned(),
            name: "Home Assistant".to_owned(),
            scope: Scope::Control,
            digest: [0; 32],
            made_at: Timestamp::default(),
            used_on: None,
        };
        let mut stored = StoredTokens { tokens: vec![token] };
        let first = Timestamp::from_millis(1_795_334_400_000);
        let seen = |stored: &StoredTokens, now| stored.tokens.first().map(|token| token.unused_days(now));
        assert_eq!(seen(&stored, first), Some(None));
        assert_eq!(stored.note_use("one", first), Some(20_779));
        assert_eq!((stored.note_use("one", first), stored.note_use("two", first)), (None, None));
        let day = std::time::Duration::from_hours(24);
        assert_eq!(seen(&stored, first.plus(day * 3)), Some(Some(3)));
        assert_eq!(seen(&stored, first.minus(day * 3)), Some(Some(0)), "the clock was set back");
        assert_eq!(stored.note_use("one", first.plus(day)), Some(20_780));
        let date = stored.tokens.first().and_then(StoredToken::used_on);
        assert_eq!(date.as_deref(), Some("2026-11-23"));
    }
}
