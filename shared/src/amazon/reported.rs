//! Values of devices, as Amazon reports them (docs/amazon-api.md, 5.4 and 7.1).

use crate::clock::Timestamp;

/// A value with the time of its report.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reading<T> {
    /// The value.
    pub value: T,
    /// Time of Amazon's report.
    pub at: Timestamp,
}

/// Playback of a device, as Amazon reports it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NowPlaying {
    /// Amazon's word: `PLAYING`, `PAUSED`, `IDLE`, or another.
    pub state: Option<String>,
    /// Title.
    pub title: Option<String>,
    /// Artist, or the provider's text in its place.
    pub artist: Option<String>,
    /// Album, or the provider's text in its place.
    pub album: Option<String>,
    /// An address of a picture.
    pub art_url: Option<String>,
    /// Provider, such as `Spotify`.
    pub provider: Option<String>,
    /// Position in milliseconds.
    pub position_ms: Option<u64>,
    /// Length in milliseconds.
    pub length_ms: Option<u64>,
}

/// Volume of a device, as Amazon reports it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SpeakerVolume {
    /// 0 to 100.
    pub volume: u8,
    /// Whether it is muted, by voice or by a button.
    pub muted: bool,
}
