//! The domain: players, starts, streams, tokens, events, and which Echo serves which player.
//!
//! Pure functions over plain data. A store keeps the data: it either runs these functions inside a
//! transaction or says the same in conditional writes, and one contract suite holds both to it.
//!
//! A *start* is a push whose stream is new for its player; a player's `version` counts them. A start is
//! *fresh* for [`FRESH`], *taken* once the player's Echo asked after it, and *open* while it is fresh, not
//! contested, and its player has no live Echo.

mod address;
mod decide;
mod digest;
mod echo;
mod event;
mod flat;
mod household;
mod link;
mod moved;
mod names;
mod pairing;
mod player;
mod push;
mod resume;
mod stray;
mod stream;
mod token;
mod under;

use std::time::Duration;

#[cfg(feature = "http")]
pub(crate) use address::is_public;
pub use address::{StreamAddresses, Unreachable};
pub use decide::{Ask, Decision, Elsewhere, Nothing, ReportedPlay};
pub use digest::{Digest, digest};
pub use echo::{Asked, Echo};
pub use event::{EventKind, Failure, PlaybackEvent, Recorded};
pub use household::{Household, PlayerState, PlayerView};
pub use link::{Link, Linked};
pub use moved::{Heard, Moved};
pub use names::{Spoken, find_spoken};
pub use pairing::{Claim, ManualPairing, Pairing, PairingKind, Revival, Withdrawal, paired_by_hand};
pub use player::{Player, PlayerId, PlayerKey, Replaced, RequestId, Start, StreamState, Transition};
pub use push::{MOST_PLAYERS, Metadata, Push, PushPlan, Repeats, surplus};
pub use resume::{Origin, PlayPlan, ReportedPosition};
pub use stray::{STRAYS_SHOWN, Stray, Wanted, Wanting};
pub use stream::{StreamKind, StreamUrl, StreamUrlError};
pub use token::PlayToken;
pub use under::Under;

/// How long after its push a start can be claimed by an Echo that nobody paired.
pub const FRESH: Duration = Duration::from_secs(30);

/// How long after a start a stop or a pause of Music Assistant may still come for what played before: it speaks both
/// 50 to 70 ms apart, and they may change places at Amazon.
pub const JUST_STARTED: Duration = Duration::from_secs(3);

/// An Echo that was given a start this long ago is still about to play it: Music Assistant's sentences for several
/// quick choices come within it.
pub const GIVEN: Duration = Duration::from_secs(10);

/// An Echo that has not asked for this long no longer keeps others from its players.
pub const LIVE: Duration = Duration::from_hours(30 * 24);

/// How long the report of a second try may take after a failure. Without one it failed as well.
pub const REPLAY_REPORTED: Duration = Duration::from_secs(30);

/// A version that was last heard of this long ago is not played any more: its session is gone in Music
/// Assistant, and the Echo would fetch a 404 and stay silent.
pub const PLAYABLE: Duration = Duration::from_hours(12);

/// How long players without push or pairing, dormant pairings and Echos that ask for nothing are kept.
pub const KEPT: Duration = Duration::from_hours(90 * 24);
