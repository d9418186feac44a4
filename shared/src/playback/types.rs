//! The parts of a player's item: plain data, and no rule of playback.

use std::num::NonZeroU64;

use serde::{Deserialize, Serialize};

use super::id::RequestId;
use super::short_hash::ShortHash;
use super::stream::StreamUrl;
use crate::alexa::DeviceId;
use crate::alexa::request::MediaErrorType;
use crate::clock::Timestamp;

/// The title that Music Assistant's provider sends before it knows the real one.
const PLACEHOLDER: &str = "Music Assistant";

/// Longest title, artist or album that is kept, in characters. Longer ones were seen; no Echo shows them.
const NAME_KEPT: usize = 500;

/// Number of replaced streams that are remembered.
pub(super) const REPLACED_KEPT: usize = 8;

/// The state of a version, as its Echo last reported it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StreamState {
    /// The Echo fetches and plays the stream.
    Playing,
    /// A person stopped it, or spoke to the Echo.
    Stopped,
    /// It played to the end.
    Finished,
    /// It could not be played.
    Failed,
}

/// The outcome of a conditional change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Transition {
    /// The change was made.
    Applied,
    /// This very request made it before; its answer was lost.
    AlreadyApplied,
    /// The item is not, or no longer, as the change supposes.
    Rejected,
}

impl Transition {
    /// Whether the change stands.
    #[must_use]
    pub fn succeeded(self) -> bool {
        self != Self::Rejected
    }
}

/// A stream that a player played before its present one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PastStream {
    /// Short hash of its address.
    pub stream: ShortHash,
    /// The version that it was.
    pub version: u64,
    /// Time of the start of that version.
    pub started_at: Timestamp,
    /// Time at which another stream took its place.
    pub replaced_at: Timestamp,
}

/// The item that follows a version.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NextItem {
    /// The version that it becomes, which no other start gets.
    pub version: NonZeroU64,
    /// The stream.
    pub stream: StreamUrl,
    /// Grant of the stream for the door; none where no door was in use.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub grant: Option<String>,
    /// Names of the music.
    #[serde(default)]
    pub metadata: Metadata,
    /// Time at which it was set.
    pub at: Timestamp,
    /// The request that set it.
    pub request: RequestId,
}

/// The start of a version, by a push.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StreamStart {
    /// The stream, as Music Assistant pushed it.
    pub stream: StreamUrl,
    /// Grant of the stream for the door, made with the last push; none where no door was in use.
    #[serde(default, rename = "stream_grant", skip_serializing_if = "Option::is_none")]
    pub grant: Option<String>,
    /// Short hash of `stream`: what a push is compared with.
    pub stream_digest: ShortHash,
    /// Time of its start.
    pub started_at: Timestamp,
    /// Time of its last push.
    pub pushed_at: Timestamp,
    /// The request that made it.
    pub start_request: RequestId,
}

impl StreamStart {
    /// Whether its grant still opens: it is as old as the last push. Of the lifetime of a grant, half is left to the Echo,
    /// which fetches a stream again hours later.
    #[must_use]
    pub fn is_granted(&self, now: Timestamp) -> bool {
        self.grant.is_some() && now.is_within(super::STREAM_LIFETIME, self.pushed_at)
    }
}

/// The names and the picture of what is played.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Metadata {
    /// Absent where Music Assistant sent none, or its placeholder.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// The performer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub artist: Option<String>,
    /// The record that the title is from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub album: Option<String>,
    /// The picture, as Music Assistant sent it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub image_url: Option<String>,
    /// Grant of the picture for the door; none where no door was in use, or the picture is public.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub image_grant: Option<String>,
}

impl Metadata {
    /// The same names without the placeholder, control characters and empty texts.
    #[must_use]
    pub fn clean(self) -> Self {
        let clean = |text: Option<String>| {
            // Spaces may stand behind what is left out, and where the text is cut.
            let plain: String = text?.chars().filter(|c| !c.is_control()).collect();
            let short: String = plain.trim().chars().take(NAME_KEPT).collect();
            Some(short.trim_end().to_owned()).filter(|text| !text.is_empty())
        };
        let artist = clean(self.artist);
        let title = clean(self.title).filter(|title| title != PLACEHOLDER || artist.is_some());
        Self {
            title,
            artist,
            album: clean(self.album),
            image_url: self.image_url.filter(|url| !url.is_empty()),
            image_grant: self.image_grant,
        }
    }

    /// Whether it names something, and so takes the place of every name before it. Without a title it only
    /// fills what is still missing.
    #[must_use]
    pub fn names_something(&self) -> bool {
        self.title.is_some()
    }

    /// Takes newer names, or fills the gaps from names without a title.
    pub(super) fn update(&mut self, new: Self) {
        if new.names_something() {
            *self = new;
            return;
        }
        self.artist = self.artist.take().or(new.artist);
        self.album = self.album.take().or(new.album);
        if self.image_url.is_none() || new.image_url.is_some() && self.image_url == new.image_url {
            self.image_url = new.image_url;
            self.image_grant = new.image_grant;
        }
    }
}

/// A person's request that waits for a start of its player, or was handed one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HandOver {
    /// The request.
    pub request: RequestId,
    /// The Echo that asked.
    pub device: DeviceId,
    /// Time of the request.
    pub at: Timestamp,
    /// Moment from which on nothing is handed to it.
    pub until: Timestamp,
    /// Whether a person resumes.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub resumes: bool,
    /// Items that presses of a button go, forward or back, and that no command was sent for yet.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub steps: i32,
    /// The version that it was handed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub handed: Option<HandedVersion>,
    /// The request before it, and the version that this one was handed and may not have seen yet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub earlier: Option<(RequestId, HandedVersion)>,
}

/// A version that was handed to a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HandedVersion {
    /// The version.
    pub version: u64,
    /// Time of the hand-over, by the clock of the process that handed it over.
    pub at: Timestamp,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "the signature that serde calls")]
fn is_zero(number: &i32) -> bool {
    *number == 0
}

/// Reason why an Echo could not play.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    /// Amazon's type.
    #[serde(rename = "type")]
    pub kind: MediaErrorType,
    /// The text of the Echo beside the type.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
}

/// Reason why a play began.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StartReason {
    /// The first play of a version.
    Start,
    /// It goes on where it was.
    ResumedAtOffset,
    /// It was played before, and begins again because the stream knows no other way.
    ResumedAtStart,
    /// One more play after a failure, from the beginning.
    Replayed,
    /// The tone of a trial, which is no music of the player.
    Tested,
}

impl StartReason {
    /// The number that stands for it in a token.
    pub(super) fn code(self) -> u8 {
        match self {
            Self::Start => 0,
            Self::ResumedAtOffset => 1,
            Self::ResumedAtStart => 2,
            Self::Replayed => 3,
            Self::Tested => 4,
        }
    }

    /// The reason behind a number of [`Self::code`].
    pub(super) fn from_code(code: u8) -> Option<Self> {
        [Self::Start, Self::ResumedAtOffset, Self::ResumedAtStart, Self::Replayed, Self::Tested]
            .into_iter()
            .nth(code.into())
    }
}

/// Way in which a pairing was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PairingKind {
    /// An Echo asked in Music Assistant's words while exactly one start was open.
    Learned,
    /// A person said which player it is.
    Voice,
    /// A person chose it on the page or through the API.
    Manual,
    /// The Echo brought back the one-time word that it was made to say.
    #[serde(rename = "code")]
    Word,
}

impl PairingKind {
    /// Whether a person decided it; then only a person can change it.
    #[must_use]
    pub fn is_manual(self) -> bool {
        self != Self::Learned
    }
}

/// The Echo that serves a player.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pairing {
    /// The Echo; absent while the pairing is suspended, because the skill was disabled.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub device: Option<DeviceId>,
    /// Short hash of the Echo's endpoint id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub endpoint: Option<ShortHash>,
    /// Short hash of the Alexa user; absent while the pairing is suspended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<ShortHash>,
    /// Way in which it was made.
    pub kind: PairingKind,
    /// Time at which it was made.
    pub at: Timestamp,
    /// The version that was claimed, for a learned one.
    pub version: u64,
    /// The request that made it.
    pub request: RequestId,
}

/// The Echo that asked for a start of a player that it does not serve, while no other did.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StrayRequest {
    /// The Echo.
    pub device: DeviceId,
    /// The version of the start.
    pub version: u64,
    /// The request by which it asked.
    pub request: RequestId,
    /// Number of starts in a row that this Echo alone requested; 0 where another Echo requested this start or the one
    /// before, too.
    pub starts: u32,
}
