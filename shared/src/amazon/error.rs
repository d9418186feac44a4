//! What the Amazon side answers when it cannot do what it is asked for.

use crate::account::Revoked;
use crate::clock::{NoRandomness, Timestamp};
use crate::secrets::SecretsError;
use crate::store::StoreError;

use super::answer::Refusal;
use super::transport::TransportError;

/// Why something on the Amazon side was not done. Each is a sentence for people; none has a token in it.
#[derive(Debug, thiserror::Error)]
pub enum AmazonError {
    /// Nobody is signed in.
    #[error("nobody is signed in at Amazon: begin with POST /v1/amazon/login")]
    NotSignedIn,
    /// Amazon took the session back: the device was removed, or the password changed.
    #[error("Amazon ended the session ({}): sign in again with POST /v1/amazon/login", .0.reason)]
    SignInAgain(Revoked),
    /// Amazon does not accept a session that it made a moment ago.
    #[error(
        "Amazon does not accept this session although it renewed it: try again later, then sign in again"
    )]
    SessionRefused,
    /// No device has this serial number.
    #[error("the account has no device {serial}; GET /v1/devices?refresh=true lists them anew")]
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
        /// Until when.
        until: Timestamp,
    },
    /// The household's own requests fill the lane, or another renews the session.
    #[error("another request of this household is on its way to Amazon: try again at {}", .until.rfc3339())]
    Busy {
        /// When it is over at the latest.
        until: Timestamp,
    },
    /// Amazon throttled this request and asked for so much time, if it did; how long that is for everybody, the lane
    /// says when it is left, and [`Self::Throttled`] with it. Nobody else sees this one.
    #[error("Amazon takes no more for now")]
    #[doc(hidden)]
    Throttling(Option<std::time::Duration>),
    /// Amazon answers something that this release does not know.
    #[error(
        "Amazon answered something unknown to {what}: it has changed something; is there a newer release?"
    )]
    Changed {
        /// What was asked.
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
        /// What it was told, such as `a sentence`.
        what: &'static str,
    },
    /// There was no answer.
    #[error(transparent)]
    Transport(#[from] TransportError),
    /// What another learned who sent the same request for all.
    #[error("{message}")]
    Noted {
        /// See [`Self::code`].
        code: String,
        /// A sentence for people.
        message: String,
    },
    /// Others changed the session each time that it was to be changed.
    #[error("the session of the Amazon account was changed by others at the same time: try again")]
    Overtaken,
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

/// Why a sign-in cannot be completed.
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
    /// An answer that is none, to a question that `what` names.
    pub(super) fn of_refusal(refusal: &Refusal, what: &'static str) -> Self {
        match refusal {
            Refusal::Throttled(asked) => Self::Throttling(*asked),
            Refusal::Unauthorized => Self::SessionRefused,
            Refusal::Unavailable(status) => Self::Unavailable(*status),
            Refusal::NotPlaying | Refusal::Unexpected(_) => Self::Changed { what },
        }
    }

    /// What it is, for programs: a code of the API.
    #[must_use]
    pub fn code(&self) -> &str {
        match self {
            Self::NotSignedIn => "not_signed_in",
            Self::SignInAgain(_) => "sign_in_again",
            Self::SessionRefused => "session_refused",
            Self::DeviceUnknown { .. } => "device_unknown",
            Self::Offline { .. } => "device_offline",
            Self::NotControllable { .. } => "not_controllable",
            Self::Throttled { .. } | Self::Busy { .. } | Self::Throttling(_) => "throttled",
            Self::Changed { .. } => "amazon_changed",
            Self::Unavailable(_) | Self::Unclear { .. } | Self::Transport(_) => "amazon_unavailable",
            Self::Noted { code, .. } => code,
            Self::Login(LoginError::NotBegun | LoginError::TooLate) => "login_not_begun",
            Self::Login(LoginError::WrongAddress(_)) => "login_wrong_address",
            Self::Login(LoginError::Used) => "login_address_used",
            Self::Login(LoginError::Expired) => "login_address_expired",
            Self::Store(StoreError::Full(_)) => "store_full",
            Self::Store(_) => "store_unavailable",
            Self::Secrets(_) | Self::Overtaken => "credentials_unavailable",
            Self::NoRandomness(_) => "internal",
        }
    }

    /// Whether what was asked for may have been done although no answer says so.
    #[must_use]
    pub fn may_be_done(&self) -> bool {
        match self {
            Self::Unclear { .. } => true,
            Self::Transport(error) => error.may_be_done(),
            _ => false,
        }
    }

    /// Whether the same may be served a moment later.
    pub(super) fn is_momentary(&self) -> bool {
        match self {
            Self::Unavailable(_) | Self::Unclear { .. } => true,
            Self::Transport(error) => error.is_momentary(),
            _ => false,
        }
    }

    /// The same error for one more device.
    pub(super) fn noted(&self) -> Self {
        match self {
            Self::Throttled { until } | Self::Busy { until } => Self::Throttled { until: *until },
            Self::Unclear { status, what } => Self::Unclear { status: *status, what },
            Self::Transport(error) => Self::Transport(error.clone()),
            error => Self::Noted { code: error.code().to_owned(), message: error.to_string() },
        }
    }

    /// Whether trying again later may help without anybody doing something.
    #[must_use]
    pub fn is_transient(&self) -> bool {
        matches!(
            self,
            Self::Throttled { .. }
                | Self::Busy { .. }
                | Self::Throttling(_)
                | Self::Overtaken
                | Self::Unavailable(_)
                | Self::Unclear { .. }
                | Self::Transport(_)
                | Self::SessionRefused
                | Self::Store(StoreError::Unavailable(_))
                | Self::Secrets(SecretsError::Unavailable { .. })
        )
    }
}
