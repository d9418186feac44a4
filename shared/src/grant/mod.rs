//! Grants: what stands in an address for one path of Music Assistant, or for one address of media of the home.
//!
//! A grant is sealed with AES-256-GCM. So an address shows neither a path nor a name of the home, and only a holder of a
//! key makes one. But for media it names no host: what opens it decides where it fetches. It needs no store, so a door at home serves
//! what a function in AWS granted.

mod keys;

use std::time::Duration;

use crate::clock::{NoRandomness, Timestamp};
use crate::playback::PlayerKey;

pub use keys::{GrantKeys, GrantKeysError};

/// Time for which a grant opens after it was made. An Echo gets its address at most 12 hours after the push, and
/// fetches it again for 12 hours more: when music moves to another room, or goes on after a pause.
pub const GRANT_LIFETIME: Duration = Duration::from_hours(24);

/// Longest path that is granted, in bytes. Its address then has about 5,500 characters, and Alexa takes 8,000 (Alexa
/// Skills Kit, `AudioPlayer.Play`).
pub const MAX_GRANTED_PATH: usize = 4000;

/// Kind of what a grant opens.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum GrantKind {
    /// The sound of a player.
    Stream,
    /// A picture.
    Picture,
    /// The tone of a trial.
    Tone,
    /// Media of the home that is none of Music Assistant's.
    Media,
}

/// One path of Music Assistant or one address of media, for one player, until a moment. `Debug` shows neither.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Grant {
    /// The kind of its target.
    pub kind: GrantKind,
    /// The player that it was made for.
    pub player: PlayerKey,
    /// Path and query at Music Assistant, encoded, with a slash before it. Of media, the whole address.
    pub path: String,
    /// End of its validity, in whole minutes.
    pub expires_at: Timestamp,
}

/// Reason why a grant cannot be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SealError {
    /// Its path is longer than [`MAX_GRANTED_PATH`], or does not begin as one of its kind.
    #[error("the path is longer than 4000 bytes, or is none")]
    Path,
    /// The operating system gave no random bytes.
    #[error(transparent)]
    NoRandomness(#[from] NoRandomness),
}

/// Bytes before the path: kind, end in minutes, player.
const HEAD: usize = 1 + 4 + 16;

impl Grant {
    /// A grant that holds from now for [`GRANT_LIFETIME`].
    #[must_use]
    pub fn new(kind: GrantKind, player: PlayerKey, path: String, now: Timestamp) -> Self {
        Self { kind, player, path, expires_at: now.plus(GRANT_LIFETIME) }
    }

    fn encode(&self) -> Result<Vec<u8>, SealError> {
        if !self.kind.has(&self.path) || self.path.len() > MAX_GRANTED_PATH {
            return Err(SealError::Path);
        }
        let minutes = u32::try_from(self.expires_at.seconds().div_euclid(60)).unwrap_or(u32::MAX);
        let mut bytes = Vec::with_capacity(HEAD + self.path.len());
        bytes.push(self.kind.code());
        bytes.extend_from_slice(&minutes.to_be_bytes());
        bytes.extend_from_slice(self.player.as_bytes());
        bytes.extend_from_slice(self.path.as_bytes());
        Ok(bytes)
    }

    fn decode(bytes: &[u8]) -> Option<Self> {
        let (kind, rest) = bytes.split_first()?;
        let kind = GrantKind::from_code(*kind)?;
        let (minutes, rest) = rest.split_first_chunk::<4>()?;
        let (player, path) = rest.split_first_chunk::<16>()?;
        let path = str::from_utf8(path).ok().filter(|path| kind.has(path))?;
        Some(Self {
            kind,
            player: PlayerKey::from_bytes(*player),
            path: path.to_owned(),
            expires_at: Timestamp::from_millis(i64::from(u32::from_be_bytes(*minutes)) * 60_000),
        })
    }

    /// Whether it opens now. One that ends later than it could was made by a clock that was wrong.
    fn holds(&self, now: Timestamp) -> bool {
        now.is_before(self.expires_at, GRANT_LIFETIME)
    }
}

impl std::fmt::Debug for Grant {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Grant")
            .field("kind", &self.kind)
            .field("player", &self.player)
            .field("expires_at", &self.expires_at)
            .finish_non_exhaustive()
    }
}

impl GrantKind {
    fn code(self) -> u8 {
        match self {
            Self::Stream => 0,
            Self::Picture => 1,
            Self::Tone => 2,
            Self::Media => 3,
        }
    }

    fn from_code(code: u8) -> Option<Self> {
        [Self::Stream, Self::Picture, Self::Tone, Self::Media].into_iter().find(|kind| kind.code() == code)
    }

    /// Whether a path may be of this kind, by its beginning.
    fn has(self, path: &str) -> bool {
        match self {
            Self::Stream | Self::Picture | Self::Tone => path.starts_with('/'),
            Self::Media => path.starts_with("http://") || path.starts_with("https://"),
        }
    }
}
