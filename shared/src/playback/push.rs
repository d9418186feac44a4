//! What Music Assistant pushes: the stream of a player, and the names of what it plays.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::digest::Digest;
use super::player::{Player, PlayerId, Replaced, RequestId, Start, StreamState};
use super::stream::StreamUrl;
use super::under::Under;
use crate::clock::{SKEW, Timestamp};

/// How many replaced streams are remembered.
pub(super) const REPLACED_KEPT: usize = 8;

/// How long they are: Music Assistant's provider repeats a stream that it replaced only for as long as it
/// has not heard of the next one.
const REPLACED_FOR: Duration = Duration::from_hours(24);

/// A push of an address that Music Assistant uses again and again is a new start after this long: within it,
/// it is the second push of the same play.
const REUSED_AFTER: Duration = Duration::from_secs(10);

/// The title that Music Assistant's provider sends before it knows the real one.
const PLACEHOLDER: &str = "Music Assistant";

/// Longest title, artist or album that is kept, in characters. Longer ones were seen; no Echo shows them.
const NAME_KEPT: usize = 500;

/// The names and the picture of what is played.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Metadata {
    /// Absent where Music Assistant sent none, or its placeholder.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// Who plays it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub artist: Option<String>,
    /// What it is from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub album: Option<String>,
    /// The picture, as Music Assistant sent it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub image_url: Option<String>,
}

impl Metadata {
    /// What a push says, without the placeholder and without what is empty.
    #[must_use]
    pub fn clean(self) -> Self {
        let clean = |text: Option<String>| {
            text.map(|text| {
                text.trim().chars().filter(|c| !c.is_control()).take(NAME_KEPT).collect::<String>()
            })
            .filter(|text| !text.is_empty())
        };
        let artist = clean(self.artist);
        let title = clean(self.title).filter(|title| title != PLACEHOLDER || artist.is_some());
        Self {
            title,
            artist,
            album: clean(self.album),
            image_url: self.image_url.filter(|url| !url.is_empty()),
        }
    }

    /// Whether it names something, and so takes the place of every name before it. Without a title it only
    /// fills what is still missing.
    #[must_use]
    pub fn names_something(&self) -> bool {
        self.title.is_some()
    }

    fn update(&mut self, new: Self) {
        if new.names_something() {
            *self = new;
            return;
        }
        self.artist = self.artist.take().or(new.artist);
        self.album = self.album.take().or(new.album);
        self.image_url = self.image_url.take().or(new.image_url);
    }
}

/// A push.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Push {
    /// Whose stream it is.
    pub player: PlayerId,
    /// The stream.
    pub stream: StreamUrl,
    /// What is played, [cleaned](Metadata::clean).
    pub metadata: Metadata,
    /// When it came.
    pub at: Timestamp,
    /// The request that brought it.
    pub request: RequestId,
    /// Whether somebody asks for this very play. Then it is a start, whatever played before: only Music Assistant's
    /// pushes come twice for one play.
    pub is_play: bool,
}

/// What a push means for what is known of its player.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PushPlan {
    /// It describes the present version anew.
    Describe,
    /// It repeats a stream that was replaced: that version's number, and nothing changes.
    Late(u64),
    /// It starts a new version.
    Start,
}

impl Push {
    /// What this push means, given what is known of its player.
    #[must_use]
    pub fn plan(&self, player: Option<&Player>) -> PushPlan {
        let live = player.filter(|player| !player.is_expired(self.at));
        let Some((player, start)) = live.and_then(|player| Some((player, player.start.as_ref()?))) else {
            return PushPlan::Start;
        };
        if start.start_request == self.request {
            return PushPlan::Describe;
        }
        if self.is_play {
            return PushPlan::Start;
        }
        let stream = self.stream.digest();
        if start.stream_digest == stream {
            let is_restart = self.is_restart(player.state, start);
            return if is_restart { PushPlan::Start } else { PushPlan::Describe };
        }
        match player.replaced(&stream, self.at) {
            Some(before) if self.is_replay(before) => PushPlan::Start,
            Some(before) => PushPlan::Late(before.version),
            None => PushPlan::Start,
        }
    }

    fn is_restart(&self, state: Option<StreamState>, start: &Start) -> bool {
        let ended = matches!(state, Some(StreamState::Finished | StreamState::Failed | StreamState::Stopped));
        self.stream.kind().is_reused() && (ended || self.is_after_reuse(start.started_at))
    }

    fn is_replay(&self, before: &Replaced) -> bool {
        self.stream.kind().is_reused() && self.is_after_reuse(before.started_at)
    }

    fn is_after_reuse(&self, started_at: Timestamp) -> bool {
        self.at.since(started_at) > REUSED_AFTER || started_at > self.ahead_from()
    }

    /// The latest start of the present version for which a repeated address that Music Assistant reuses is a
    /// new start, so that a store can say it in a condition.
    #[must_use]
    pub fn reused_before(&self) -> Timestamp {
        self.at.minus(REUSED_AFTER)
    }

    /// The latest moment that another machine can have noted before this push. What is later was noted before the clock
    /// was set back.
    #[must_use]
    pub fn ahead_from(&self) -> Timestamp {
        self.at.plus(SKEW)
    }
}

impl Player {
    /// The player as a push starts it: the next version, with nothing of the one before but the pairing.
    #[must_use]
    pub fn started(player: Option<&Self>, push: &Push) -> Self {
        let before = player.filter(|player| !player.is_expired(push.at));
        let pairing = before.and_then(|before| before.pairing.clone());
        let kept =
            pairing.as_ref().is_some_and(|pairing| pairing.kind.is_manual() && pairing.device.is_some());
        Self {
            player: push.player.clone(),
            version: before.map_or(0, |before| before.version) + 1,
            start: Some(Start {
                stream: push.stream.clone(),
                stream_digest: push.stream.digest(),
                started_at: push.at,
                pushed_at: push.at,
                start_request: push.request.clone(),
            }),
            replaced: before.map_or_else(Vec::new, |before| before.replaced_by(push)),
            metadata: push.metadata.clone(),
            previous_started_at: before.and_then(Self::started_at),
            contested: false,
            last_event: None,
            event_request: None,
            state: None,
            offset_ms: 0,
            state_at: None,
            origin: None,
            error: None,
            replayed_by: None,
            played_by: None,
            reported_at: None,
            moved: None,
            under: Under::beneath(push, before),
            silent_plays: before.map_or(0, |before| before.silent_plays),
            played_at: before.and_then(|before| before.played_at),
            pairing,
            had_echo: before.is_some_and(|before| before.had_echo),
            expires_at: (!kept).then(|| push.at.plus(super::KEPT).seconds()),
        }
    }

    /// Takes the names that a push brings for the present version.
    pub fn describe(&mut self, push: &Push) {
        self.metadata.update(push.metadata.clone());
        if let Some(start) = &mut self.start {
            // One that is still to come was noted before the clock was set back.
            let is_overtaken = start.pushed_at > push.at && start.pushed_at <= push.ahead_from();
            start.pushed_at = if is_overtaken { start.pushed_at } else { push.at };
        }
    }

    fn replaced(&self, stream: &Digest, now: Timestamp) -> Option<&Replaced> {
        self.replaced
            .iter()
            .rev()
            .find(|replaced| &replaced.stream == stream && now.is_within(REPLACED_FOR, replaced.replaced_at))
    }

    /// The streams that are behind the version that `push` starts.
    fn replaced_by(&self, push: &Push) -> Vec<Replaced> {
        let new = push.stream.digest();
        let mut replaced: Vec<Replaced> = self
            .replaced
            .iter()
            .filter(|old| push.at.is_within(REPLACED_FOR, old.replaced_at))
            .cloned()
            .chain(self.start.as_ref().map(|start| Replaced {
                stream: start.stream_digest.clone(),
                version: self.version,
                started_at: start.started_at,
                replaced_at: push.at,
            }))
            .filter(|old| old.stream != new)
            .collect();
        let surplus = replaced.len().saturating_sub(REPLACED_KEPT);
        replaced.drain(..surplus);
        replaced
    }
}
