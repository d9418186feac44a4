//! Errors of the requests to Amazon, and their codes.

use std::sync::Arc;

use serde::Deserialize;
use serde::de::IntoDeserializer as _;
use serde::de::value::Error as CodeError;

use crate::account::Revoked;
use crate::clock::{NoRandomness, Timestamp};
use crate::secrets::SecretsError;
use crate::store::StoreError;

use super::response::ApiFailure;
use super::transport::TransportError;

/// An error of the Amazon account. Its text is a sentence for people, without a token.
#[derive(Debug, thiserror::Error)]
pub enum AmazonError {
    /// No account is signed in.
    #[error("no account is signed in at Amazon: begin with POST /v1/amazon/login")]
    NotSignedIn,
    /// Amazon took the session back: the device was removed, or the password changed.
    #[error("Amazon ended the session ({}): sign in again with POST /v1/amazon/login", .0.reason)]
    SignInAgain(Revoked),
    /// Amazon does not accept a session that it made a moment ago.
    #[error(
        "Amazon does not accept this session although it refreshed it: try again later, then sign in again"
    )]
    SessionRefused,
    /// No device has this serial number.
    #[error("the account has no device {serial}; GET /v1/devices?refresh=true lists them again")]
    DeviceUnknown {
        /// The serial number, as it was asked for.
        serial: String,
    },
    /// Amazon does not reach the device.
    #[error("{name} is offline: is it plugged in and in the WLAN?")]
    Offline {
        /// The device's name.
        name: String,
    },
    /// The device does not do that, or not at present.
    #[error("{name} {reason}")]
    NotControllable {
        /// The device's name.
        name: String,
        /// Goes on after the name.
        reason: &'static str,
    },
    /// Amazon takes no more for now.
    #[error("Amazon is asked too often: nothing is sent before {}", .until.rfc3339())]
    Throttled {
        /// End of the cool-down.
        until: Timestamp,
    },
    /// The household's own requests fill the lane, or another refreshes the session.
    #[error("another request of this household is on its way to Amazon: try again at {}", .until.rfc3339())]
    Busy {
        /// Latest end of the other request.
        until: Timestamp,
    },
    /// A throttle of this request, with the pause that Amazon asked for. The release of the lane turns it into
    /// [`Self::Throttled`], so that no caller outside of this module sees it.
    #[error("Amazon takes no more for now")]
    #[doc(hidden)]
    Throttling(Option<std::time::Duration>),
    /// Amazon answers something that this release does not know.
    #[error(
        "Amazon answered something unknown to {what}: it has changed something; is there a newer release?"
    )]
    UnexpectedResponse {
        /// The request, such as `the devices`.
        what: &'static str,
    },
    /// Amazon has a problem.
    #[error("Amazon has a problem (status {0}): try again later")]
    Unavailable(u16),
    /// Amazon failed after it had a command.
    #[error(
        "Amazon answered {what} with a failure of its own (status {status}): it may have been done all the same"
    )]
    Unclear {
        /// Amazon's status.
        status: u16,
        /// The request, such as `a sentence`.
        what: &'static str,
    },
    /// There was no answer.
    #[error(transparent)]
    Transport(#[from] TransportError),
    /// An error of a request that served several devices or callers.
    #[error(transparent)]
    Shared(Arc<Self>),
    /// An error that another process recorded in the store.
    #[error("{message}")]
    Recorded {
        /// Its code.
        code: AmazonErrorCode,
        /// A sentence for people.
        message: String,
    },
    /// Others changed the session each time that it was to be changed.
    #[error("the session of the Amazon account was changed by others at the same time: try again")]
    Conflict,
    /// The sign-in cannot be completed.
    #[error(transparent)]
    Login(#[from] LoginError),
    /// The store does not serve.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The secret cannot be had.
    #[error(transparent)]
    Secrets(#[from] SecretsError),
    /// There is no randomness.
    #[error(transparent)]
    NoRandomness(#[from] NoRandomness),
}

/// Error of a sign-in that cannot be completed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LoginError {
    /// It never began, or has been completed.
    #[error("no sign-in is under way: begin with POST /v1/amazon/login")]
    NotBegun,
    /// It began too long ago.
    #[error("the sign-in began more than 30 minutes ago: begin again with POST /v1/amazon/login")]
    TooLate,
    /// That is not the address of the page after signing in.
    #[error(
        "this is not the address to paste: {0}. After signing in, Amazon shows a page that is not found; copy the whole \
         address of that page, which begins with https://www.amazon.com/ap/maplanding"
    )]
    WrongAddress(&'static str),
    /// This very address completed a sign-in before.
    #[error("this address was used already, and works once: you are signed in, or begin again")]
    Used,
    /// Amazon does not take it any more.
    #[error(
        "Amazon does not take this address any more: it works once and for about five minutes, and only until a newer \
         sign-in begins, which may have happened since. Begin again"
    )]
    Expired,
}

impl AmazonError {
    /// The error of a request, which `what` names, whose response reports a failure.
    pub(super) fn of_failure(failure: &ApiFailure, what: &'static str) -> Self {
        match failure {
            ApiFailure::Throttled(asked) => Self::Throttling(*asked),
            ApiFailure::Unauthorized => Self::SessionRefused,
            ApiFailure::Unavailable(status) => Self::Unavailable(*status),
            ApiFailure::NotPlaying | ApiFailure::Unexpected(_) => Self::UnexpectedResponse { what },
        }
    }

    /// The error behind a shared one; else itself.
    #[must_use]
    pub fn root(&self) -> &Self {
        match self {
            Self::Shared(error) => error.root(),
            error => error,
        }
    }

    /// Its code for programs.
    #[must_use]
    pub fn code(&self) -> AmazonErrorCode {
        match self {
            Self::NotSignedIn => AmazonErrorCode::NotSignedIn,
            Self::SignInAgain(_) => AmazonErrorCode::SignInAgain,
            Self::SessionRefused => AmazonErrorCode::SessionRefused,
            Self::DeviceUnknown { .. } => AmazonErrorCode::DeviceUnknown,
            Self::Offline { .. } => AmazonErrorCode::DeviceOffline,
            Self::NotControllable { .. } => AmazonErrorCode::NotControllable,
            Self::Throttled { .. } | Self::Busy { .. } | Self::Throttling(_) => AmazonErrorCode::Throttled,
            Self::UnexpectedResponse { .. } => AmazonErrorCode::AmazonChanged,
            Self::Unavailable(_) | Self::Unclear { .. } | Self::Transport(_) => {
                AmazonErrorCode::AmazonUnavailable
            }
            Self::Shared(error) => error.code(),
            Self::Recorded { code, .. } => *code,
            Self::Login(LoginError::NotBegun | LoginError::TooLate) => AmazonErrorCode::LoginNotBegun,
            Self::Login(LoginError::WrongAddress(_)) => AmazonErrorCode::LoginWrongAddress,
            Self::Login(LoginError::Used) => AmazonErrorCode::LoginAddressUsed,
            Self::Login(LoginError::Expired) => AmazonErrorCode::LoginAddressExpired,
            Self::Store(StoreError::Full(_)) => AmazonErrorCode::StoreFull,
            Self::Store(_) => AmazonErrorCode::StoreUnavailable,
            Self::Secrets(_) | Self::Conflict => AmazonErrorCode::CredentialsUnavailable,
            Self::NoRandomness(_) => AmazonErrorCode::Internal,
        }
    }

    /// The time until which requests are refused, where the error gives one.
    #[must_use]
    pub fn until(&self) -> Option<Timestamp> {
        match self.root() {
            Self::Throttled { until } | Self::Busy { until } => Some(*until),
            _ => None,
        }
    }

    /// Whether the request may have been obeyed although no response says so.
    #[must_use]
    pub fn may_be_done(&self) -> bool {
        match self.root() {
            Self::Unclear { .. } => true,
            Self::Transport(error) => error.may_be_done(),
            _ => false,
        }
    }

    /// Whether the same request may be served a moment later.
    pub(super) fn is_momentary(&self) -> bool {
        match self {
            Self::Unavailable(_) | Self::Unclear { .. } => true,
            Self::Transport(error) => error.is_momentary(),
            _ => false,
        }
    }

    /// Shares an error among several devices or callers.
    pub(super) fn shared(error: &Arc<Self>) -> Self {
        match error.until() {
            // A wait is the same for all of them, however it came about.
            Some(until) => Self::Throttled { until },
            None => Self::Shared(Arc::clone(error)),
        }
    }

    /// Whether a later attempt may succeed without a person's help.
    #[must_use]
    pub fn is_transient(&self) -> bool {
        matches!(
            self.root(),
            Self::Throttled { .. }
                | Self::Busy { .. }
                | Self::Throttling(_)
                | Self::Conflict
                | Self::Unavailable(_)
                | Self::Unclear { .. }
                | Self::Transport(_)
                | Self::SessionRefused
                | Self::Store(StoreError::Unavailable(_))
                | Self::Secrets(SecretsError::Unavailable { .. })
        )
    }
}

/// The code of an error, for programs. The API and the store use the same words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AmazonErrorCode {
    /// No account is signed in.
    NotSignedIn,
    /// Amazon ended the session.
    SignInAgain,
    /// Amazon refuses a refreshed session.
    SessionRefused,
    /// The account has no such device.
    DeviceUnknown,
    /// Amazon does not reach the device.
    DeviceOffline,
    /// The device does not support the command at present.
    NotControllable,
    /// A lane is busy, or cools down.
    Throttled,
    /// Amazon's response is not of a known form.
    AmazonChanged,
    /// Amazon does not respond, or reports a failure of its own.
    AmazonUnavailable,
    /// No sign-in is under way.
    LoginNotBegun,
    /// The address is not that of the page after a sign-in.
    LoginWrongAddress,
    /// The address completed a sign-in before.
    LoginAddressUsed,
    /// Amazon does not accept the address any more.
    LoginAddressExpired,
    /// The disk of the store is full.
    StoreFull,
    /// The store does not respond.
    StoreUnavailable,
    /// The secret of the session cannot be read or written.
    CredentialsUnavailable,
    /// A fault of this program.
    Internal,
}

impl AmazonErrorCode {
    /// Its word in the API and in the store.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::NotSignedIn => "not_signed_in",
            Self::SignInAgain => "sign_in_again",
            Self::SessionRefused => "session_refused",
            Self::DeviceUnknown => "device_unknown",
            Self::DeviceOffline => "device_offline",
            Self::NotControllable => "not_controllable",
            Self::Throttled => "throttled",
            Self::AmazonChanged => "amazon_changed",
            Self::AmazonUnavailable => "amazon_unavailable",
            Self::LoginNotBegun => "login_not_begun",
            Self::LoginWrongAddress => "login_wrong_address",
            Self::LoginAddressUsed => "login_address_used",
            Self::LoginAddressExpired => "login_address_expired",
            Self::StoreFull => "store_full",
            Self::StoreUnavailable => "store_unavailable",
            Self::CredentialsUnavailable => "credentials_unavailable",
            Self::Internal => "internal",
        }
    }

    /// The code of a stored word. One of another release counts as [`Self::AmazonUnavailable`].
    pub(super) fn parse(word: &str) -> Self {
        let parsed: Result<Self, CodeError> = Self::deserialize(word.into_deserializer());
        parsed.unwrap_or(Self::AmazonUnavailable)
    }
}
