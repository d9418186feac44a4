//! The media that a controller plays.

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// An address with what a controller said of it. What only the controller needs again is not sent to functions.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct MediaItem {
    /// The address as it came; it goes back to the controller unchanged.
    pub uri: String,
    /// The DIDL-Lite as it came, well-formed or not.
    #[serde(skip)]
    pub didl: String,
    /// The title.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// The artist.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub artist: Option<String>,
    /// The album.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub album: Option<String>,
    /// The address of a picture.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub picture: Option<String>,
    /// The length. A stream without an end has none.
    #[serde(skip)]
    pub duration: Option<Duration>,
}
