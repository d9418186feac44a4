//! The place where a person acts on an error of the API.

use super::PagePart;
use crate::api::ErrorCode;

impl PagePart {
    /// The place for an error; none for what no page mends.
    pub(in crate::web) fn of_error(code: ErrorCode) -> Option<Self> {
        match code {
            ErrorCode::NotSignedIn
            | ErrorCode::SignInAgain
            | ErrorCode::SessionRefused
            | ErrorCode::LoginNotBegun
            | ErrorCode::LoginWrongAddress
            | ErrorCode::LoginAddressUsed
            | ErrorCode::LoginAddressExpired => Some(Self::Household),
            ErrorCode::NeverAsked => Some(Self::SkillForm),
            ErrorCode::PlaybackFailed => Some(Self::AddressCheck),
            ErrorCode::FunnelRefused => Some(Self::DoorWays),
            ErrorCode::MusicAssistantNotConnected
            | ErrorCode::MusicAssistantUnreachable
            | ErrorCode::MusicAssistantSignedOut
            | ErrorCode::MusicAssistantLoginRefused
            | ErrorCode::MusicAssistantNotAllowed
            | ErrorCode::MusicAssistantUnexpected => Some(Self::connection()),
            ErrorCode::PlayerUnknown
            | ErrorCode::EchoUnknown
            | ErrorCode::DeviceUnknown
            | ErrorCode::DeviceOffline => Some(Self::Devices),
            ErrorCode::InvalidRequest
            | ErrorCode::Unauthorized
            | ErrorCode::Forbidden
            | ErrorCode::NotFound
            | ErrorCode::HearsNothing
            | ErrorCode::ServesNoRenderers
            | ErrorCode::NoBridge
            | ErrorCode::NoBackup
            | ErrorCode::NotWaiting
            | ErrorCode::TicketUnavailable
            | ErrorCode::NothingPushed
            | ErrorCode::TokenUnknown
            | ErrorCode::TooManyTokens
            | ErrorCode::NotControllable
            | ErrorCode::Throttled
            | ErrorCode::AmazonChanged
            | ErrorCode::AmazonUnavailable
            | ErrorCode::MusicAssistantSlow
            | ErrorCode::MusicAssistantFailed
            | ErrorCode::MusicUnknown
            | ErrorCode::MethodNotAllowed
            | ErrorCode::BodyTooLarge
            | ErrorCode::RequestTimeout
            | ErrorCode::Misdirected
            | ErrorCode::UnsupportedMediaType
            | ErrorCode::Internal
            | ErrorCode::CredentialsUnavailable
            | ErrorCode::StoreUnavailable
            | ErrorCode::StoreFull
            | ErrorCode::TookTooLong => None,
        }
    }
}
