//! What skill management answers when it cannot do what it is asked for.

use std::collections::BTreeMap;

use crate::account::Revoked;
use crate::amazon::TransportError;
use crate::clock::{NoRandomness, Timestamp};
use crate::secrets::SecretsError;
use crate::store::StoreError;

use super::permission::PermissionError;
use super::profile::ProfileProblem;
use super::sign_in::AddressProblem;

/// Why something was not done. Each is a sentence for people; none has a token in it.
#[derive(Debug, thiserror::Error)]
pub enum SmapiError {
    /// Nobody is signed in to the developer account.
    #[error("nobody is signed in to the developer account")]
    NotSignedIn,
    /// Amazon took the session back.
    #[error("Amazon ended the sign-in to the developer account ({})", .0.reason)]
    SignInAgain(Revoked),
    /// A security profile that cannot be one.
    #[error("this is no security profile: {0}")]
    Profile(ProfileProblem),
    /// No sign-in waits for its return.
    #[error("no sign-in to the developer account is under way")]
    LoginNotBegun,
    /// The sign-in began too long ago.
    #[error("the sign-in to the developer account began more than 30 minutes ago")]
    LoginExpired,
    /// What was pasted is not the address of the return page.
    #[error("this is not the address of the return page: {0}")]
    LoginWrongAddress(AddressProblem),
    /// The address belongs to another sign-in.
    #[error(
        "this address belongs to another sign-in to the developer account than the one that is under way"
    )]
    LoginWrongState,
    /// This very address completed the sign-in before.
    #[error("this address was used already, and works once")]
    LoginUsed,
    /// The person did not agree.
    #[error("Amazon was told not to give access to the developer account")]
    LoginDenied,
    /// Amazon does not let anybody sign in so; its word for it.
    #[error("Amazon refused the sign-in to the developer account: {0}")]
    LoginRefused(String),
    /// Amazon does not take the code of the return address.
    #[error("Amazon does not take the code of this address any more: it works once and for five minutes")]
    LoginCodeRefused,
    /// The client secret is not that of the client id.
    #[error("Amazon does not accept the client id and client secret of the security profile")]
    InvalidClient,
    /// The account has no vendor.
    #[error("the account has never accepted the terms of the Alexa developer console")]
    NoVendor,
    /// No locale is wished for that a skill can have.
    #[error("no language is chosen for the skill")]
    NoLocale,
    /// The endpoint's certificate cannot be told.
    #[error("the certificate of the skill's address cannot be used: {0}")]
    Certificate(String),
    /// Another change of the skill is under way.
    #[error("Amazon is still working on another change of the skill")]
    Busy,
    /// There is no such skill, or no such part of it.
    #[error("the skill does not exist any more")]
    Gone,
    /// The account or its sign-in may not do that; what Amazon says.
    #[error("Amazon does not allow this with the present sign-in: {0}")]
    Forbidden(String),
    /// Amazon does not take what was sent, for these reasons.
    #[error("Amazon does not accept what was sent: {}", .0.join("; "))]
    Invalid(Vec<String>),
    /// Somebody else changed the skill meanwhile.
    #[error("the skill was changed by somebody else at the same time")]
    Stale,
    /// Amazon does not accept a token that it made a moment ago.
    #[error("Amazon does not accept the sign-in to the developer account although it was renewed")]
    TokenRefused,
    /// Amazon has a problem.
    #[error("Amazon has a problem (status {0})")]
    Unavailable(u16),
    /// Amazon answers something that this release does not know.
    #[error("Amazon answered something unknown to {0}")]
    Changed(&'static str),
    /// Others changed the secret or the progress each time that it was to be changed.
    #[error("this was changed by another at the same time")]
    Overtaken,
    /// The store does not serve.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The secret cannot be had.
    #[error(transparent)]
    Secrets(#[from] SecretsError),
    /// There was no answer.
    #[error(transparent)]
    Transport(#[from] TransportError),
    /// The function does not let Alexa in.
    #[error(transparent)]
    Permission(#[from] PermissionError),
    /// Amazon takes no more for now.
    #[error("Amazon is asked too often: nothing is sent before {}", .until.rfc3339())]
    Throttled {
        /// Until when.
        until: Timestamp,
    },
    /// There is no randomness.
    #[error(transparent)]
    NoRandomness(#[from] NoRandomness),
}

impl SmapiError {
    /// What it is, for programs and for the texts of the pages: `skill-problem-CODE` and `skill-cure-CODE`.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::NotSignedIn => "not-signed-in",
            Self::SignInAgain(_) => "sign-in-again",
            Self::Profile(problem) => problem.code(),
            Self::LoginNotBegun => "login-not-begun",
            Self::LoginExpired => "login-expired",
            Self::LoginWrongAddress(problem) => problem.code(),
            Self::LoginWrongState => "login-wrong-state",
            Self::LoginUsed => "login-used",
            Self::LoginDenied => "login-denied",
            Self::LoginRefused(_) => "login-refused",
            Self::LoginCodeRefused => "login-code-refused",
            Self::InvalidClient => "invalid-client",
            Self::NoVendor => "no-vendor",
            Self::NoLocale => "no-locale",
            Self::Certificate(_) => "certificate",
            Self::Busy => "busy",
            Self::Gone => "gone",
            Self::Forbidden(_) => "forbidden",
            Self::Invalid(_) => "not-accepted",
            Self::Stale => "changed-meanwhile",
            Self::TokenRefused => "token-refused",
            Self::Unavailable(_) => "amazon-unavailable",
            Self::Changed(_) => "amazon-changed",
            Self::Overtaken => "overtaken",
            Self::Store(_) => "store",
            Self::Secrets(_) => "secrets",
            Self::Transport(TransportError::Certificate(_)) => "amazon-certificate",
            Self::Transport(_) => "no-answer",
            Self::Permission(PermissionError::Denied(_)) => "permission-denied",
            Self::Permission(PermissionError::Unknown(_)) => "permission-unknown",
            Self::Permission(PermissionError::Unavailable(_)) => "permission-unavailable",
            Self::Throttled { .. } => "throttled",
            Self::NoRandomness(_) => "internal",
        }
    }

    /// What the texts of the pages fill in: `reason`, `status`, `until`, as far as there is one.
    #[must_use]
    pub fn details(&self) -> BTreeMap<String, String> {
        let (name, value) = match self {
            Self::SignInAgain(ended) => ("reason", ended.reason.clone()),
            Self::LoginRefused(reason)
            | Self::Forbidden(reason)
            | Self::Certificate(reason)
            | Self::Permission(
                PermissionError::Denied(reason)
                | PermissionError::Unknown(reason)
                | PermissionError::Unavailable(reason),
            ) => ("reason", reason.clone()),
            Self::Invalid(reasons) => ("reason", reasons.join("; ")),
            Self::Changed(what) => ("reason", (*what).to_owned()),
            Self::Unavailable(status) => ("status", status.to_string()),
            Self::Throttled { until } => ("until", until.rfc3339()),
            Self::Store(_) | Self::Secrets(_) | Self::Transport(_) => ("reason", self.to_string()),
            _ => return BTreeMap::new(),
        };
        BTreeMap::from([(name.to_owned(), value)])
    }

    /// Whether the same thing, tried again a little later, may be done without anybody doing something.
    #[must_use]
    pub fn is_transient(&self) -> bool {
        matches!(
            self,
            Self::Busy
                | Self::Stale
                | Self::Unavailable(_)
                | Self::Overtaken
                | Self::Store(StoreError::Unavailable(_))
                | Self::Secrets(SecretsError::Unavailable { .. })
                | Self::Transport(_)
                | Self::Permission(PermissionError::Unavailable(_))
                | Self::Throttled { .. }
        )
    }
}
