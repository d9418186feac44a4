//! Codes of the failures of renderers.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Kind of a renderer's failure. It is sent and shown as its code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RendererFailure {
    /// Amazon does not reach the device.
    DeviceOffline,
    /// The Echo was made to ask, and never did.
    NeverAsked,
    /// The Echo took the music and did not play it, or ended it with an error.
    DidNotPlay,
    /// No Echo can play the address, or reach it.
    MediaRefused,
    /// The door could not fetch the media.
    MediaNotFetched,
    /// Another error, by its code: of the HTTP API, or of the way to it.
    Other(String),
}

impl RendererFailure {
    /// The code for programs.
    #[must_use]
    pub fn code(&self) -> &str {
        match self {
            Self::DeviceOffline => "device_offline",
            Self::NeverAsked => "never_asked",
            Self::DidNotPlay => "did_not_play",
            Self::MediaRefused => "media_refused",
            Self::MediaNotFetched => "media_not_fetched",
            Self::Other(code) => code,
        }
    }
}

impl From<&str> for RendererFailure {
    fn from(code: &str) -> Self {
        match code {
            "device_offline" => Self::DeviceOffline,
            "never_asked" => Self::NeverAsked,
            "did_not_play" => Self::DidNotPlay,
            "media_refused" => Self::MediaRefused,
            "media_not_fetched" => Self::MediaNotFetched,
            _ => Self::Other(code.to_owned()),
        }
    }
}

impl fmt::Display for RendererFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl Serialize for RendererFailure {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.code())
    }
}

impl<'de> Deserialize<'de> for RendererFailure {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(|code| Self::from(code.as_str()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_is_read_back_from_its_code() {
        for failure in [
            RendererFailure::DeviceOffline,
            RendererFailure::NeverAsked,
            RendererFailure::DidNotPlay,
            RendererFailure::MediaRefused,
            RendererFailure::MediaNotFetched,
            RendererFailure::Other("throttled".to_owned()),
        ] {
            assert_eq!(RendererFailure::from(failure.code()), failure);
            let text = serde_json::to_string(&failure).unwrap();
            assert_eq!(serde_json::from_str::<RendererFailure>(&text).unwrap(), failure);
        }
    }
}
