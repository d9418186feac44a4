//! Stored form of a player. Its item is flat, and is read and written without a conversion. A play reads all players,
//! and a conversion into the parts of a [`Player`] would copy each member.

use std::num::NonZeroU64;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::id::{PlayerId, RequestId};
use super::player::Player;
use super::report::{InterruptedMusic, MovedPlayback, Report, ReportedState};
use super::short_hash::ShortHash;
use super::stream::StreamUrl;
use super::types::{
    Failure, HandOver, Metadata, NextItem, Pairing, PastStream, StartReason, StrayRequest, StreamStart,
    StreamState,
};
use super::version::{Following, OwnReports, PresentVersion};
use crate::clock::Timestamp;

/// The members of a player's item, as it is read.
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

/// The members of a player's item, as it is written. The store adds the revision.
#[derive(Serialize)]
#[expect(clippy::struct_excessive_bools, reason = "each is a member of the item")]
struct WrittenPlayer<'a> {
    player: &'a PlayerId,
    /// 0 before the first start.
    version: u64,
    #[serde(flatten)]
    start: Option<&'a StreamStart>,
    #[serde(skip_serializing_if = "<[PastStream]>::is_empty")]
    replaced: &'a [PastStream],
    #[serde(flatten)]
    metadata: &'a Metadata,
    #[serde(skip_serializing_if = "Option::is_none")]
    named_at: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    previous_started_at: Option<Timestamp>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    contested: bool,
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    report: Option<&'a Report>,
    #[serde(skip_serializing_if = "Option::is_none")]
    replayed_by: Option<&'a RequestId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    moved: Option<&'a MovedPlayback>,
    #[serde(skip_serializing_if = "Option::is_none")]
    under: Option<&'a InterruptedMusic>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<&'a NextItem>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reserved: Option<NonZeroU64>,
    #[serde(skip_serializing_if = "is_zero")]
    silent_plays: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    played_at: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pairing: Option<&'a Pairing>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    had_echo: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    wanted: Option<&'a StrayRequest>,
    #[serde(skip_serializing_if = "Option::is_none")]
    hand_over: Option<&'a HandOver>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    hands_over: bool,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    reports_home: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    expires_at: Option<i64>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "the signature that serde calls")]
fn is_zero(count: &u32) -> bool {
    *count == 0
}

impl Serialize for Player {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let present = self.present.as_ref();
        WrittenPlayer {
            player: &self.player,
            version: self.version(),
            start: self.start(),
            replaced: present.map_or(&[], |present| &present.replaced),
            metadata: self.metadata(),
            named_at: present.and_then(|present| present.named_at),
            previous_started_at: present.and_then(|present| present.previous_started_at),
            contested: self.is_contested(),
            report: self.report(),
            replayed_by: self.replayed_by(),
            moved: present.and_then(|present| present.moved.as_ref()),
            under: present.and_then(|present| present.under.as_deref()),
            next: self.next(),
            reserved: present.and_then(|present| present.following.reserved()),
            silent_plays: self.silent_plays,
            played_at: self.played_at,
            pairing: self.pairing.as_ref(),
            had_echo: self.had_echo,
            wanted: present.and_then(|present| present.wanted.as_ref()),
            hand_over: self.hand_over.as_deref(),
            hands_over: self.hands_over,
            reports_home: self.reports_home,
            expires_at: self.expires_at,
        }
        .serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Player {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        PlayerItem::deserialize(deserializer)?.try_into().map_err(D::Error::custom)
    }
}

impl TryFrom<PlayerItem> for Player {
    type Error = &'static str;

    /// A start has all of its attributes or none: one with a part of them is malformed, as is a report without its time.
    /// What is of a version without a start, or of a start without a number, is left out: the player was never started
    /// then.
    fn try_from(mut item: PlayerItem) -> Result<Self, Self::Error> {
        let (start, report) = (item.take_start()?, item.take_report()?);
        let number = NonZeroU64::new(item.version);
        let present = number.zip(start).map(|(number, start)| PresentVersion {
            number,
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
            reports: report.map(|last| OwnReports { last, replayed_by: item.replayed_by }),
            moved: item.moved,
            under: item.under,
            following: Following::read(item.next, item.reserved),
            wanted: item.wanted,
        });
        Ok(Self {
            player: item.player,
            present,
            silent_plays: item.silent_plays,
            played_at: item.played_at,
            pairing: item.pairing,
            had_echo: item.had_echo,
            hand_over: item.hand_over,
            hands_over: item.hands_over,
            reports_home: item.reports_home,
            expires_at: item.expires_at,
            revision: item.revision,
        })
    }
}

impl PlayerItem {
    fn take_start(&mut self) -> Result<Option<StreamStart>, &'static str> {
        let (stream, stream_digest) = (self.stream.take(), self.stream_digest.take());
        match (stream, stream_digest, self.started_at, self.pushed_at, self.start_request.take()) {
            (Some(stream), Some(stream_digest), Some(started_at), Some(pushed_at), Some(start_request)) => {
                let grant = self.stream_grant.take();
                Ok(Some(StreamStart { stream, grant, stream_digest, started_at, pushed_at, start_request }))
            }
            (None, None, None, None, None) => Ok(None),
            _ => Err("a part of its start is missing"),
        }
    }

    fn take_report(&mut self) -> Result<Option<Report>, &'static str> {
        let Some(state) = self.state else { return Ok(None) };
        let at = self.state_at.ok_or("its report has no time")?;
        Ok(Some(Report {
            state: ReportedState::new(state, self.error.take()),
            offset_ms: self.offset_ms,
            at,
            received_at: self.reported_at,
            origin: self.origin,
            reporter: self.played_by.take(),
            order: self.last_event.take(),
            request: self.event_request.take(),
        }))
    }
}

impl Following {
    /// An item follows only by the highest number that was reserved.
    fn read(next: Option<Box<NextItem>>, reserved: u64) -> Self {
        match (next, NonZeroU64::new(reserved)) {
            (Some(next), reserved) if reserved.is_none_or(|reserved| reserved <= next.version) => {
                Self::Item(next)
            }
            (_, Some(reserved)) => Self::Reserved(reserved),
            (_, None) => Self::Nothing,
        }
    }
}
