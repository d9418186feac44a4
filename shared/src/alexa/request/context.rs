//! The surroundings of a request: which skill, whose account, which Echo, what it plays.
//!
//! Access tokens, people, screens and addresses are left unread: what is not held cannot leak.

use std::collections::BTreeSet;
use std::fmt;

use serde::Deserialize;
use serde_json::Value;

use super::super::id::{DeviceId, EndpointId, SessionId, UserId, short_hash};
use super::super::open_enum::open_enum;
use super::lenient;

/// A conversation. Absent for player, button and skill events.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
pub struct Session {
    /// Whether this request opened it.
    #[serde(default, deserialize_with = "lenient::or_default")]
    pub new: bool,
    /// Its id, which is the same in all its requests.
    #[serde(default, rename = "sessionId", deserialize_with = "lenient::or_default")]
    pub session_id: Option<SessionId>,
    /// The requested skill; a stub session may lack it.
    #[serde(default, deserialize_with = "lenient::or_default")]
    pub application: Application,
    /// The account of the user.
    #[serde(default, deserialize_with = "lenient::or_default")]
    pub user: User,
    /// The attributes that our last answer in this conversation kept.
    #[serde(default, deserialize_with = "lenient::or_default")]
    pub attributes: Attributes,
}

/// The session's attributes, as far as they are ours.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
pub struct Attributes {
    /// The value of an answer that asked, in any form.
    #[serde(default)]
    pub kept: Option<Value>,
}

/// The state of the world as the request was made.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
pub struct Context {
    /// Skill, account and Echo.
    #[serde(rename = "System", default, deserialize_with = "lenient::or_default")]
    pub system: System,
    /// The stream that this skill last played on the Echo; absent where the Echo has no audio player.
    #[serde(rename = "AudioPlayer", default, deserialize_with = "lenient::or_default")]
    pub audio_player: Option<AudioPlayerState>,
    /// Whether the Echo describes a screen. What it is like is left unread.
    #[serde(rename = "Viewport", default, deserialize_with = "lenient::is_object")]
    pub viewport: bool,
}

/// `context.System`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
pub struct System {
    /// The requested skill.
    #[serde(default, deserialize_with = "lenient::or_default")]
    pub application: Application,
    /// The account of the user.
    #[serde(default, deserialize_with = "lenient::or_default")]
    pub user: User,
    /// The requesting Echo; empty on skill events and messages.
    #[serde(default, deserialize_with = "lenient::or_default")]
    pub device: Device,
}

/// A skill.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Application {
    /// `amzn1.ask.skill.` and a UUID.
    #[serde(default, deserialize_with = "lenient::non_blank")]
    pub application_id: Option<String>,
}

/// An account.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct User {
    /// Id of the user.
    #[serde(default, deserialize_with = "lenient::non_blank")]
    pub user_id: Option<UserId>,
}

/// An Echo.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Device {
    /// Id of the Echo, as this skill sees it.
    #[serde(default, deserialize_with = "lenient::non_blank")]
    pub device_id: Option<DeviceId>,
    /// Id of the Echo, as every skill of this vendor sees it.
    #[serde(default, deserialize_with = "lenient::non_blank")]
    pub persistent_endpoint_id: Option<EndpointId>,
    #[serde(default, deserialize_with = "lenient::keys")]
    supported_interfaces: BTreeSet<String>,
}

impl Device {
    /// Whether the Echo has the interface, such as `AudioPlayer`, and the skill's manifest declares it.
    #[must_use]
    pub fn supports(&self, interface: &str) -> bool {
        self.supported_interfaces.contains(interface)
    }
}

open_enum! {
    /// States of an Echo's audio player (Alexa Skills Kit, `playerActivity`).
    pub enum PlayerActivity {
        /// It plays.
        Playing = "PLAYING",
        /// It was paused.
        Paused = "PAUSED",
        /// The stream ended by itself.
        Finished = "FINISHED",
        /// It waits for data.
        BufferUnderrun = "BUFFER_UNDERRUN",
        /// Nothing was played.
        Idle = "IDLE",
        /// It was stopped.
        Stopped = "STOPPED",
    }
}

/// An Echo's audio player and the last stream that this skill played on it.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AudioPlayerState {
    /// The token of that stream; absent where there was none.
    #[serde(default, deserialize_with = "lenient::non_blank")]
    pub token: Option<String>,
    /// Position in that stream, in milliseconds.
    #[serde(rename = "offsetInMilliseconds", default, deserialize_with = "lenient::millis")]
    pub offset_ms: u64,
    /// State of the player.
    #[serde(default = "lenient::unnamed", deserialize_with = "lenient::open")]
    pub player_activity: PlayerActivity,
}

/// The token in short: another program's token may be a whole stream URL.
impl fmt::Debug for AudioPlayerState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AudioPlayerState")
            .field("token", &self.token.as_deref().map(short_hash))
            .field("offset_ms", &self.offset_ms)
            .field("player_activity", &self.player_activity)
            .finish()
    }
}
