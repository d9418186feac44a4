//! The state of a player by the store, in the words of a renderer.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::item::MediaItem;
use crate::clock::Timestamp;
use crate::playback::{Metadata, Player, Report, STREAM_LIFETIME, StreamState};

/// A player as it is stored.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Observed {
    /// Its version; 0 before the first start.
    pub version: u64,
    /// Number of writes of its item.
    pub revision: u64,
    /// The item of that version; none where it cannot be played any more.
    pub item: Option<MediaItem>,
    /// The item after it.
    pub next: Option<MediaItem>,
    /// Whether the Echo was just given the next item.
    pub is_next_given: bool,
    /// Last report of this version.
    pub report: Option<ObservedReport>,
    /// Whether a person's answer was given this version, and no Echo has begun it. Renderers see to theirs by themselves.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub lost: bool,
    /// Whether an Echo may still begin this version, which a person's answer was given: not once the person said stop. None
    /// of functions of an earlier release.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub may_begin: Option<bool>,
}

/// The last report of a version.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ObservedReport {
    /// Distinguishes this report from any other.
    pub id: String,
    /// State of the Echo since then.
    pub state: ObservedState,
    /// Position in the item at the time of the observation.
    pub position: Duration,
}

/// The state that an Echo reported.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ObservedState {
    /// It plays.
    Playing,
    /// It stopped before the end.
    Stopped,
    /// It played to the end.
    Finished,
    /// It could not play, and was given the same once more.
    Retrying,
    /// It could not play.
    Failed,
}

impl Observed {
    /// A player at a moment.
    #[must_use]
    pub fn of(player: &Player, is_next_given: bool, now: Timestamp) -> Self {
        let stored = player.start().filter(|_| player.is_playable(now) || player.report().is_some());
        Self {
            version: player.version(),
            revision: player.revision,
            item: stored.map(|start| media_item(&start.stream.to_string(), player.metadata())),
            next: player.next().map(|next| media_item(&next.stream.to_string(), &next.metadata)),
            is_next_given,
            report: player.effective_report().map(|heard| observed_report(player, heard.report, now)),
            lost: !player.reports_home && player.lost_hand_over(player.version()).is_some(),
            may_begin: Some(player.lost_hand_over(player.version()).is_some()),
        }
    }
}

fn observed_report(player: &Player, report: &Report, now: Timestamp) -> ObservedReport {
    let is_recent = now.is_within(STREAM_LIFETIME, report.at);
    let state = match report.state.kind() {
        StreamState::Playing if is_recent => ObservedState::Playing,
        StreamState::Stopped if player.is_playable(now) => ObservedState::Stopped,
        StreamState::Playing | StreamState::Stopped | StreamState::Finished => ObservedState::Finished,
        StreamState::Failed if player.replay_is_pending(now) => ObservedState::Retrying,
        StreamState::Failed => ObservedState::Failed,
    };
    let since = report.received_at.unwrap_or(report.at);
    let passed = if state == ObservedState::Playing { now.since(since) } else { Duration::ZERO };
    let order = report.order.clone().unwrap_or_else(|| report.at.millis().to_string());
    ObservedReport {
        id: format!("{order}.{state:?}"),
        state,
        position: Duration::from_millis(report.offset_ms) + passed,
    }
}

fn media_item(uri: &str, names: &Metadata) -> MediaItem {
    MediaItem {
        uri: uri.to_owned(),
        didl: String::new(),
        title: names.title.clone(),
        artist: names.artist.clone(),
        album: names.album.clone(),
        picture: names.image_url.clone(),
        duration: None,
    }
}
