//! How a player is read. Its item is flat, and is read as it is: a play reads all players, and to sort the members of
//! each into the parts of a [`Player`] on the way would copy every one of them.

use serde::Deserialize;

use super::announcement::InterruptedMusic;
use super::event::Failure;
use super::moved::MovedPlayback;
use super::pairing::Pairing;
use super::player::{PastStream, Player, PlayerId, RequestId, StreamStart, StreamState};
use super::push::Metadata;
use super::resume::StartReason;
use super::short_hash::ShortHash;
use super::stray::StrayRequest;
use super::stream::StreamUrl;
use crate::clock::Timestamp;

/// The members of a player's item.
#[derive(Deserialize)]
pub(super) struct FlatPlayer {
    player: PlayerId,
    version: u64,
    stream: Option<StreamUrl>,
    stream_digest: Option<ShortHash>,
    started_at: Option<Timestamp>,
    pushed_at: Option<Timestamp>,
    start_request: Option<RequestId>,
    #[serde(default)]
    replaced: Vec<PastStream>,
    title: Option<String>,
    artist: Option<String>,
    album: Option<String>,
    image_url: Option<String>,
    named_at: Option<Timestamp>,
    previous_started_at: Option<Timestamp>,
    #[serde(default)]
    contested: bool,
    last_event: Option<String>,
    event_request: Option<RequestId>,
    state: Option<StreamState>,
    #[serde(default)]
    offset_ms: u64,
    state_at: Option<Timestamp>,
    origin: Option<StartReason>,
    error: Option<Failure>,
    replayed_by: Option<RequestId>,
    played_by: Option<ShortHash>,
    reported_at: Option<Timestamp>,
    moved: Option<MovedPlayback>,
    under: Option<Box<InterruptedMusic>>,
    #[serde(default)]
    silent_plays: u32,
    played_at: Option<Timestamp>,
    pairing: Option<Pairing>,
    #[serde(default)]
    had_echo: bool,
    wanted: Option<StrayRequest>,
    expires_at: Option<i64>,
}

impl TryFrom<FlatPlayer> for Player {
    type Error = &'static str;

    /// A start has all of its attributes or none: one with a part of them is malformed.
    fn try_from(flat: FlatPlayer) -> Result<Self, Self::Error> {
        let start = (flat.stream, flat.stream_digest, flat.started_at, flat.pushed_at, flat.start_request);
        let start = match start {
            (Some(stream), Some(stream_digest), Some(started_at), Some(pushed_at), Some(start_request)) => {
                Some(StreamStart { stream, stream_digest, started_at, pushed_at, start_request })
            }
            (None, None, None, None, None) => None,
            _ => return Err("a part of its start is missing"),
        };
        Ok(Self {
            player: flat.player,
            version: flat.version,
            start,
            replaced: flat.replaced,
            metadata: Metadata {
                title: flat.title,
                artist: flat.artist,
                album: flat.album,
                image_url: flat.image_url,
            },
            named_at: flat.named_at,
            previous_started_at: flat.previous_started_at,
            contested: flat.contested,
            last_event: flat.last_event,
            event_request: flat.event_request,
            state: flat.state,
            offset_ms: flat.offset_ms,
            state_at: flat.state_at,
            origin: flat.origin,
            error: flat.error,
            replayed_by: flat.replayed_by,
            played_by: flat.played_by,
            reported_at: flat.reported_at,
            moved: flat.moved,
            under: flat.under,
            silent_plays: flat.silent_plays,
            played_at: flat.played_at,
            pairing: flat.pairing,
            had_echo: flat.had_echo,
            wanted: flat.wanted,
            expires_at: flat.expires_at,
        })
    }
}
