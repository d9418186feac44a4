//! The links that were made and not used yet, which the store keeps for every process.

use std::fmt;
use std::time::Duration;

use ring::digest::{SHA256, digest};
use secrecy::{ExposeSecret as _, SecretString};
use serde::{Deserialize, Serialize};
use subtle::ConstantTimeEq as _;

use crate::clock::{NoRandomness, Random, Timestamp};
use crate::secrets;
use crate::store::{Document, SetupStore, StoreError};

/// Time for which a link can be used.
pub const LINK_LASTS: Duration = Duration::from_mins(15);

/// Most links that can be used at one time; one more takes the place of the oldest.
const MOST: usize = 8;

/// Most attempts of a write that conflicts with another.
const TRIES: usize = 8;

/// Characters between two hyphens of a token.
const GROUP: usize = 4;

/// A link that signs the owner in once. `Debug` prints no token.
pub struct SignInLink(SecretString);

impl SignInLink {
    /// 80 random bits, as four groups of four characters.
    #[must_use]
    pub fn token(&self) -> &str {
        self.0.expose_secret()
    }
}

impl fmt::Debug for SignInLink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SignInLink").finish_non_exhaustive()
    }
}

/// Reason why there is no link.
#[derive(Debug, thiserror::Error)]
pub enum LinkError {
    /// The store does not answer.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The machine gave no random bytes.
    #[error(transparent)]
    NoRandomness(#[from] NoRandomness),
}

/// The links, oldest first.
#[derive(Debug, Default, Serialize, Deserialize)]
struct StoredLinks {
    links: Vec<StoredLink>,
}

/// A link as it is kept: what reads the store cannot use it.
#[derive(Debug, Serialize, Deserialize)]
struct StoredLink {
    /// The SHA-256 of its token.
    digest: [u8; 32],
    made_at: Timestamp,
}

/// Makes a link, which any process over this store takes once within [`LINK_LASTS`].
///
/// # Errors
/// When the store does not answer, or there is no randomness.
pub async fn make(
    store: &(impl SetupStore + ?Sized),
    random: &dyn Random,
    now: Timestamp,
) -> Result<SignInLink, LinkError> {
    let text = secrets::readable::<10>(random)?;
    let groups: Vec<&str> = (0..text.len()).step_by(GROUP).map(|at| &text[at..at + GROUP]).collect();
    let link = SignInLink(groups.join("-").into());
    let digest = digest_of(link.token());
    change(store, now, |links| {
        links.push(StoredLink { digest, made_at: now });
        let surplus = links.len().saturating_sub(MOST);
        links.drain(..surplus);
        true
    })
    .await?;
    Ok(link)
}

/// Uses a link up. Whether there was such a link, which is not too old.
///
/// # Errors
/// When the store does not answer. The link may be used up all the same.
pub(super) async fn take(
    store: &(impl SetupStore + ?Sized),
    token: &str,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let digest = digest_of(token);
    change(store, now, |links| {
        let before = links.len();
        // Each is compared as a whole, whatever the others were.
        links.retain(|link| !bool::from(link.digest.ct_eq(&digest)));
        links.len() < before
    })
    .await
}

/// Changes the links that can still be used, and stores them where `rule` says that it changed them, which is answered.
async fn change(
    store: &(impl SetupStore + ?Sized),
    now: Timestamp,
    rule: impl Fn(&mut Vec<StoredLink>) -> bool,
) -> Result<bool, StoreError> {
    for _ in 0..TRIES {
        let held = store.document(Document::SignInLinks).await?;
        let revision = held.as_ref().map(|held| held.revision);
        let mut stored: StoredLinks =
            held.and_then(|held| serde_json::from_value(held.content).ok()).unwrap_or_default();
        stored.links.retain(|link| now.is_within(LINK_LASTS, link.made_at));
        if !rule(&mut stored.links) {
            return Ok(false);
        }
        let content = serde_json::to_value(&stored);
        let content =
            content.map_err(|error| StoreError::Malformed(format!("the sign-in links: {error}")))?;
        if store.put_document(Document::SignInLinks, &content, revision).await? {
            return Ok(true);
        }
    }
    Err(StoreError::Unavailable("others write all the time".to_owned()))
}

/// The digest of a token, however a person writes it.
fn digest_of(token: &str) -> [u8; 32] {
    // What is longer is no token, and is not read to its end.
    let plain: String =
        token.chars().take(64).filter(|c| !matches!(c, '-' | ' ')).map(|c| c.to_ascii_lowercase()).collect();
    let mut short = [0; 32];
    short.copy_from_slice(digest(&SHA256, plain.as_bytes()).as_ref());
    short
}
