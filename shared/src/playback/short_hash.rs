//! Short digests, for keys and for telling one thing from another without keeping it.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};

/// The first 16 bytes of the SHA-256 of a text, in base64url: 22 characters.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ShortHash(String);

impl ShortHash {
    /// The digest as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Digests a text.
#[must_use]
pub fn short_hash(text: &str) -> ShortHash {
    ShortHash(URL_SAFE_NO_PAD.encode(bytes16(text)))
}

pub(super) fn bytes16(text: &str) -> [u8; 16] {
    let full = ring::digest::digest(&ring::digest::SHA256, text.as_bytes());
    let mut short = [0; 16];
    short.copy_from_slice(&full.as_ref()[..16]);
    short
}
