//! Speakers: devices that are offered as renderers, and their volumes.

use serde::{Deserialize, Serialize};

/// The kind of device of a renderer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RendererModel {
    /// An Echo without a screen.
    #[default]
    Echo,
    /// An Echo with a screen.
    EchoShow,
    /// Two Echos as one.
    StereoPair,
    /// Several Echos and pairs.
    Group,
}

/// A device that is offered as a renderer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Speaker {
    /// Its serial number, which never changes.
    pub serial: String,
    /// The name of its renderer.
    pub name: String,
    /// Its model.
    pub model: RendererModel,
    /// Whether it is a group.
    pub is_group: bool,
    /// The Echos and pairs that play for it: itself, or the members of a group.
    pub members: Vec<Member>,
}

/// An Echo or stereo pair that plays for a renderer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Member {
    /// Its serial number.
    pub serial: String,
    /// Its name at Amazon, which is that of its player.
    pub name: String,
}

/// The volume of a device, as far as it is known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SpeakerLevel {
    /// 0 to 100; of a muted one, the volume that it has without that.
    pub volume: Option<u8>,
    /// Whether it is muted.
    pub muted: Option<bool>,
}

/// A change of a volume.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LevelChange {
    /// To this, 0 to 100.
    To(u8),
    /// Muted, or not any more.
    Muted(bool),
}
