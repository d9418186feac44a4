//! Values of devices, and their changes.

use crate::amazon::reported::{NowPlaying, Reading, SpeakerVolume};
use crate::clock::Timestamp;

/// The knowledge of one value of a device without a query.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Knowledge<T> {
    /// The value, fresh enough to serve.
    Value(Reading<T>),
    /// Amazon reports none, as of a moment ago.
    Nothing,
    /// A query has to tell.
    Unknown,
}

/// A change of a device.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LiveChange {
    /// The serial number of the device.
    pub serial: String,
    /// Time of the change, by our clock.
    pub at: Timestamp,
    /// The new value.
    pub value: LiveValue,
}

/// A new value of a device.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LiveValue {
    /// Its volume.
    Volume(SpeakerVolume),
    /// Whether Amazon reaches it.
    Online(bool),
    /// Whether it is not to disturb.
    DoNotDisturb(bool),
    /// The present item.
    Playing(NowPlaying),
}
