//! Reading form of a player. Its item is flat, and is read without a conversion. A play reads all players, and a
//! conversion into the parts of a [`Player`] would copy each member.

use serde::de::Error as _;
use serde::{Deserialize, Deserializer};

use super::id::{PlayerId, RequestId};
use super::player::Player;
use super::report::{InterruptedMusic, MovedPlayback, Report, ReportedState};
use super::short_hash::ShortHash;
use super::stream::StreamUrl;
use super::types::{
    Failure, HandOver, Metadata, NextItem, Pairing, PastStream, StartReason, StrayRequest, StreamStart,
    StreamState,
};
use crate::clock::Timestamp;

/// The members of a player's item.
#[derive(Deserialize)]
#[expect(clippy::struct_excessive_bools, reason = "each is a member of the item")]
struct PlayerItem {
    player: PlayerId,
    version: u64,
    stream: Option<StreamUrl>,
    stream_grant: Option<String>,
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
    image_grant: Option<String>,
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
    next: Option<Box<NextItem>>,
    #[serde(default)]
    reserved: u64,
    #[serde(default)]
    silent_plays: u32,
    played_at: Option<Timestamp>,
    pairing: Option<Pairing>,
    #[serde(default)]
    had_echo: bool,
    wanted: Option<StrayRequest>,
    hand_over: Option<Box<HandOver>>,
    #[serde(default)]
    hands_over: bool,
    #[serde(default)]
    reports_home: bool,
    expires_at: Option<i64>,
    #[serde(default)]
    revision: u64,
}

impl<'de> Deserialize<'de> for Player {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        PlayerItem::deserialize(deserializer)?.try_into().map_err(D::Error::custom)
    }
}

impl TryFrom<PlayerItem> for Player {
    type Error = &'static str;

    /// A start has all of its attributes or none: one with a part of them is malformed.
    fn try_from(item: PlayerItem) -> Result<Self, Self::Error> {
        let start = (item.stream, item.stream_digest, item.started_at, item.pushed_at, item.start_request);
        let start = match start {
            (Some(stream), Some(stream_digest), Some(started_at), Some(pushed_at), Some(start_request)) => {
                let grant = item.stream_grant;
                Some(StreamStart { stream, grant, stream_digest, started_at, pushed_at, start_request })
            }
            (None, None, None, None, None) => None,
            _ => return Err("a part of its start is missing"),
        };
        let report = match (item.state, item.state_at) {
            (Some(state), Some(at)) => Some(Report {
                state: ReportedState::new(state, item.error),
                offset_ms: item.offset_ms,
                at,
                received_at: item.reported_at,
                origin: item.origin,
                reporter: item.played_by,
                order: item.last_event,
                request: item.event_request,
            }),
            (None, _) => None,
            (Some(_), None) => return Err("its report has no time"),
        };
        Ok(Self {
            player: item.player,
            version: item.version,
            start,
            replaced: item.replaced,
            metadata: Metadata {
                title: item.title,
                artist: item.artist,
                album: item.album,
                image_url: item.image_url,
                image_grant: item.image_grant,
            },
            named_at: item.named_at,
            previous_started_at: item.previous_started_at,
            contested: item.contested,
            report,
            replayed_by: item.replayed_by,
            moved: item.moved,
            under: item.under,
            next: item.next,
            reserved: item.reserved,
            silent_plays: item.silent_plays,
            played_at: item.played_at,
            pairing: item.pairing,
            had_echo: item.had_echo,
            wanted: item.wanted,
            hand_over: item.hand_over,
            hands_over: item.hands_over,
            reports_home: item.reports_home,
            expires_at: item.expires_at,
            revision: item.revision,
        })
    }
}
