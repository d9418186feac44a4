//! Sign-in links that were made and not used yet, which the store keeps for every process.

use std::fmt;
use std::time::Duration;

use secrecy::{ExposeSecret as _, SecretString};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use subtle::ConstantTimeEq as _;

use crate::clock::{NoRandomness, Random, Timestamp};
use crate::secrets;
use crate::store::{Document, SetupStore, StoreError, change_document};

/// Time for which a link can be used.
pub const LINK_LASTS: Duration = Duration::from_mins(15);

/// Most links that can be used at one time; one more takes the place of the oldest.
const MOST: usize = 8;

/// Characters between two hyphens of a token.
const GROUP: usize = 4;

/// The path of a link, before its token.
const PATH: &str = "/link";

/// A link that signs the owner in once. `Debug` prints no token.
pub struct SignInLink(SecretString);

impl SignInLink {
    /// 80 random bits, as four groups of four characters.
    #[must_use]
    pub fn token(&self) -> &str {
        self.0.expose_secret()
    }

    /// The path of the link, to be put behind an address of the pages.
    #[must_use]
    pub fn path(&self) -> String {
        format!("{PATH}/{}", self.token())
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
    let made = change_document(store, Document::SignInLinks, usable(now), |stored| {
        stored.links.push(StoredLink { digest, made_at: now });
        let surplus = stored.links.len().saturating_sub(MOST);
        stored.links.drain(..surplus);
        Ok::<(), std::convert::Infallible>(())
    });
    let Ok(()) = made.await?;
    Ok(link)
}

/// Uses a link up. Whether there was such a link, which is not too old.
///
/// # Errors
/// When the store does not answer. The link may be used up all the same.
pub(crate) async fn take(
    store: &(impl SetupStore + ?Sized),
    token: &str,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let digest = digest_of(token);
    let found = change_document(store, Document::SignInLinks, usable(now), |stored| {
        let before = stored.links.len();
        // Each is compared as a whole, whatever the others were.
        stored.links.retain(|link| !bool::from(link.digest.ct_eq(&digest)));
        if stored.links.len() < before { Ok(()) } else { Err(()) }
    });
    Ok(found.await?.is_ok())
}

/// Reads the links that can still be used. What another release wrote is none.
fn usable(now: Timestamp) -> impl Fn(Option<Value>) -> Result<StoredLinks, StoreError> {
    move |content| {
        let read = content.and_then(|content| serde_json::from_value(content).ok());
        let mut stored: StoredLinks = read.unwrap_or_default();
        stored.links.retain(|link| now.is_within(LINK_LASTS, link.made_at));
        Ok(stored)
    }
}

/// The digest of a token, however a person writes it.
fn digest_of(token: &str) -> [u8; 32] {
    // What is longer is no token, and is not read to its end.
    let plain: String =
        token.chars().take(64).filter(|c| !matches!(c, '-' | ' ')).map(|c| c.to_ascii_lowercase()).collect();
    super::hash(plain.as_bytes())
}
