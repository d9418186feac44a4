//! Amazon's types of failed plays, and where a person acts on each.

use super::PagePart;

/// Reason why an Echo could not play (Alexa Skills Kit, `AudioPlayer.PlaybackFailed`, error types).
#[derive(Clone, Copy, Debug, PartialEq, Eq, strum::EnumString)]
#[strum(serialize_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum FailureReason {
    MediaErrorInvalidRequest,
    MediaErrorServiceUnavailable,
    MediaErrorInternalServerError,
    MediaErrorInternalDeviceError,
    MediaErrorUnknown,
    /// A type that this release does not know.
    #[strum(disabled)]
    Other,
}

impl FailureReason {
    /// The reason of one of Amazon's types.
    pub(crate) fn of(kind: &str) -> Self {
        kind.parse().unwrap_or(Self::Other)
    }

    /// The key of its sentence.
    pub(crate) fn text(self) -> &'static str {
        match self {
            Self::MediaErrorInvalidRequest => "failed-invalid-request",
            Self::MediaErrorServiceUnavailable => "failed-service-unavailable",
            Self::MediaErrorInternalServerError => "failed-internal-server-error",
            Self::MediaErrorInternalDeviceError => "failed-internal-device-error",
            Self::MediaErrorUnknown => "failed-unknown",
            Self::Other => "failed-other",
        }
    }

    /// The place where a person acts on it. What only the Echo or Music Assistant can mend has no place.
    pub(crate) fn place(self) -> Option<PagePart> {
        match self {
            Self::MediaErrorInvalidRequest | Self::MediaErrorServiceUnavailable => {
                Some(PagePart::AddressCheck)
            }
            Self::MediaErrorInternalServerError
            | Self::MediaErrorInternalDeviceError
            | Self::MediaErrorUnknown
            | Self::Other => None,
        }
    }
}
