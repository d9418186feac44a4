//! The ids that everything names: of a player, of its key, of a request.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};

use super::short_hash::bytes16;

/// The id of the request that caused a write: Alexa's request id, or one made for an HTTP request.
/// A write that finds its own id in the item that refused it has already happened.
pub type RequestId = String;

/// A player's id in Music Assistant: for an Echo its display name, with spaces, umlauts and emoji.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PlayerId(String);

impl PlayerId {
    /// The id as Music Assistant writes it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The key that stands for this player in tokens and in the store.
    #[must_use]
    pub fn key(&self) -> PlayerKey {
        PlayerKey(bytes16(&self.0))
    }
}

impl From<String> for PlayerId {
    fn from(id: String) -> Self {
        Self(id)
    }
}

impl From<&str> for PlayerId {
    fn from(id: &str) -> Self {
        Self(id.to_owned())
    }
}

impl fmt::Display for PlayerId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A 16-byte hash of a player's id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PlayerKey(pub(super) [u8; 16]);

impl PlayerKey {
    /// The bytes of the key.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8; 16] {
        &self.0
    }

    /// The key with these bytes.
    #[must_use]
    pub fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }
}

impl fmt::Display for PlayerKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&URL_SAFE_NO_PAD.encode(self.0))
    }
}
