//! Reports of an Echo's audio player and its buttons.

use std::fmt;

use serde::Deserialize;

use super::super::id::short_hash;
use super::super::open_enum::open_enum;
use super::context::AudioPlayerState;
use super::kind::AlexaError;
use super::lenient;

/// `AudioPlayer.*`: a report about a stream.
#[derive(Clone, PartialEq, Eq)]
pub struct AudioPlayerRequest {
    /// Kind of the event.
    pub kind: PlaybackEvent,
    /// The token of the stream that it happened to; empty where Alexa named none.
    pub token: String,
    /// Position in the stream, in milliseconds; 0 for a failure.
    pub offset_ms: u64,
    /// Reason of the failure; on a failure only.
    pub error: Option<PlaybackFailure>,
    /// State of the player now, which may concern another stream; on a failure only.
    pub current_playback_state: Option<AudioPlayerState>,
}

/// Reason why a stream failed.
pub type PlaybackFailure = AlexaError<MediaErrorType>;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct WireAudioPlayer {
    #[serde(default, deserialize_with = "lenient::or_default")]
    token: String,
    #[serde(rename = "offsetInMilliseconds", default, deserialize_with = "lenient::millis")]
    offset_ms: u64,
    #[serde(default, deserialize_with = "lenient::or_default")]
    error: Option<PlaybackFailure>,
    #[serde(default, deserialize_with = "lenient::or_default")]
    current_playback_state: Option<AudioPlayerState>,
}

impl AudioPlayerRequest {
    pub(super) fn new(kind: PlaybackEvent, wire: WireAudioPlayer) -> Self {
        let WireAudioPlayer { token, offset_ms, error, current_playback_state } = wire;
        Self { kind, token, offset_ms, error, current_playback_state }
    }
}

/// The token in short: another program's token may be a whole stream URL.
impl fmt::Debug for AudioPlayerRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AudioPlayerRequest")
            .field("kind", &self.kind)
            .field("token", &short_hash(&self.token))
            .field("offset_ms", &self.offset_ms)
            .field("error", &self.error)
            .field("current_playback_state", &self.current_playback_state)
            .finish()
    }
}

/// Events of a stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PlaybackEvent {
    /// It plays; also after a resume, and after each interruption by voice.
    Started,
    /// It ended by itself.
    Finished,
    /// It was stopped or replaced, or is interrupted because the user talks to Alexa.
    Stopped,
    /// The Echo can take the next stream, at the start of this one or at its end.
    NearlyFinished,
    /// It could not be played.
    Failed,
}

impl PlaybackEvent {
    pub(super) fn from_name(name: &str) -> Option<Self> {
        Some(match name {
            "PlaybackStarted" => Self::Started,
            "PlaybackFinished" => Self::Finished,
            "PlaybackStopped" => Self::Stopped,
            "PlaybackNearlyFinished" => Self::NearlyFinished,
            "PlaybackFailed" => Self::Failed,
            _ => return None,
        })
    }
}

open_enum! {
    /// Reasons why a stream failed (Alexa Skills Kit, `AudioPlayer` error types).
    pub enum MediaErrorType {
        /// Alexa does not say.
        Unspecified = "MEDIA_ERROR_UNKNOWN",
        /// The server refused: not found, not authorized and the like.
        InvalidRequest = "MEDIA_ERROR_INVALID_REQUEST",
        /// The server could not be reached.
        ServiceUnavailable = "MEDIA_ERROR_SERVICE_UNAVAILABLE",
        /// The server took the request and then failed.
        InternalServerError = "MEDIA_ERROR_INTERNAL_SERVER_ERROR",
        /// The Echo failed.
        InternalDeviceError = "MEDIA_ERROR_INTERNAL_DEVICE_ERROR",
    }
}

/// `PlaybackController.*CommandIssued`: which button was pressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PlaybackButton {
    /// Play.
    Play,
    /// Pause.
    Pause,
    /// Next.
    Next,
    /// Previous.
    Previous,
}

impl PlaybackButton {
    pub(super) fn from_name(name: &str) -> Option<Self> {
        Some(match name {
            "PlayCommandIssued" => Self::Play,
            "PauseCommandIssued" => Self::Pause,
            "NextCommandIssued" => Self::Next,
            "PreviousCommandIssued" => Self::Previous,
            _ => return None,
        })
    }
}
