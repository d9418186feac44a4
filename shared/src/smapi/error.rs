//! Errors of skill management.

use std::collections::BTreeMap;

use super::permission::PermissionError;
use super::problem_code::ProblemCode;
use crate::account::Revoked;
use crate::amazon::TransportError;
use crate::clock::{NoRandomness, Timestamp};
use crate::secrets::SecretsError;
use crate::store::StoreError;

/// Reason why a text cannot be a security profile.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ProfileProblem {
    /// The client id was entered as the client secret.
    #[error("the client id is where the client secret belongs")]
    IdAsSecret,
    /// The client id is malformed.
    #[error("the client id begins with amzn1.application-oa2-client. and has letters and digits after it")]
    Id,
    /// The client secret is missing.
    #[error("the client secret is missing")]
    NoSecret,
    /// The client secret is malformed.
    #[error("the client secret has characters that no client secret has")]
    Secret,
}

impl ProfileProblem {
    fn code(self) -> ProblemCode {
        match self {
            Self::IdAsSecret => ProblemCode::ProfileIdAsSecret,
            Self::Id => ProblemCode::ProfileId,
            Self::NoSecret => ProblemCode::ProfileNoSecret,
            Self::Secret => ProblemCode::ProfileSecret,
        }
    }
}

/// Reason why an address is not that of the return page, or cannot be one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AddressProblem {
    /// A sign-in cannot return there.
    #[error("a sign-in returns to an address that may have a path, and nothing after it")]
    Unusable,
    /// The address is of another page.
    #[error("it begins otherwise than the return address of the sign-in")]
    Elsewhere,
    /// The address has no state, or more than one.
    #[error("there is no state in it")]
    NoState,
    /// The address has no code, or more than one.
    #[error("there is no code in it")]
    NoCode,
}

impl AddressProblem {
    fn code(self) -> ProblemCode {
        match self {
            Self::Unusable => ProblemCode::LoginReturnUnusable,
            Self::Elsewhere => ProblemCode::LoginAddressElsewhere,
            Self::NoState => ProblemCode::LoginAddressNoState,
            Self::NoCode => ProblemCode::LoginAddressNoCode,
        }
    }
}

/// An error of skill management. Each is a sentence for people; none has a token in it.
#[derive(Debug, thiserror::Error)]
pub enum SmapiError {
    /// No person is signed in to the developer account.
    #[error("no person is signed in to the developer account")]
    NotSignedIn,
    /// Amazon ended the session.
    #[error("Amazon ended the sign-in to the developer account ({})", .0.reason)]
    SignInAgain(Revoked),
    /// The security profile is malformed.
    #[error("this is no security profile: {0}")]
    Profile(ProfileProblem),
    /// No sign-in is pending.
    #[error("no sign-in to the developer account is under way")]
    LoginNotBegun,
    /// The sign-in began too long ago.
    #[error("the sign-in to the developer account began more than 30 minutes ago")]
    LoginExpired,
    /// The address is not that of the return page.
    #[error("this is not the address of the return page: {0}")]
    LoginWrongAddress(AddressProblem),
    /// The address belongs to another sign-in.
    #[error(
        "this address belongs to another sign-in to the developer account than the one that is under way"
    )]
    LoginWrongState,
    /// The address completed the sign-in before.
    #[error("this address was used already, and works once")]
    LoginUsed,
    /// The person did not agree.
    #[error("Amazon was told not to give access to the developer account")]
    LoginDenied,
    /// Amazon refused the sign-in; its error code.
    #[error("Amazon refused the sign-in to the developer account: {0}")]
    LoginRefused(String),
    /// Amazon does not accept the code of the return address.
    #[error("Amazon does not take the code of this address any more: it works once and for five minutes")]
    LoginCodeRefused,
    /// The client secret is not that of the client id.
    #[error("Amazon does not accept the client id and client secret of the security profile")]
    InvalidClient,
    /// The account has no vendor.
    #[error("the account has never accepted the terms of the Alexa developer console")]
    NoVendor,
    /// The spec has no locale that a skill can have.
    #[error("no language is chosen for the skill")]
    NoLocale,
    /// The endpoint's certificate cannot be read or used.
    #[error("the certificate of the skill's address cannot be used: {0}")]
    Certificate(String),
    /// Another update of the skill is in progress.
    #[error("Amazon is still working on another change of the skill")]
    Busy,
    /// The skill, or this part of it, does not exist.
    #[error("the skill does not exist any more")]
    Gone,
    /// The account or its sign-in may not do that; Amazon's reason.
    #[error("Amazon does not allow this with the present sign-in: {0}")]
    Forbidden(String),
    /// Amazon does not accept the request, for these reasons.
    #[error("Amazon does not accept what was sent: {}", .0.join("; "))]
    Invalid(Vec<String>),
    /// The skill was changed since it was read.
    #[error("the skill was changed elsewhere at the same time")]
    Stale,
    /// Amazon does not accept a token that it gave a moment ago.
    #[error("Amazon does not accept the sign-in to the developer account although it was renewed")]
    TokenRefused,
    /// Amazon failed, with this status.
    #[error("Amazon has a problem (status {0})")]
    Unavailable(u16),
    /// The response has a form that this release does not know; the name of the request.
    #[error("Amazon answered something unknown to {0}")]
    UnexpectedResponse(&'static str),
    /// Another process changed the secret or the provisioning at the same time.
    #[error("this was changed by another at the same time")]
    Conflict,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The secret store failed.
    #[error(transparent)]
    Secrets(#[from] SecretsError),
    /// The request had no response.
    #[error(transparent)]
    Transport(#[from] TransportError),
    /// The permission of the function cannot be read or granted.
    #[error(transparent)]
    Permission(#[from] PermissionError),
    /// Amazon throttles.
    #[error("Amazon is asked too often: nothing is sent before {}", .until.rfc3339())]
    Throttled {
        /// Time from which the next request may be sent.
        until: Timestamp,
    },
    /// The system has no randomness.
    #[error(transparent)]
    NoRandomness(#[from] NoRandomness),
}

impl SmapiError {
    /// The code, for programs and for the texts of the pages: `skill-problem-CODE` and `skill-remedy-CODE`.
    #[must_use]
    pub fn code(&self) -> &'static str {
        self.problem_code().as_str()
    }

    /// The code as a type.
    pub(crate) fn problem_code(&self) -> ProblemCode {
        match self {
            Self::NotSignedIn => ProblemCode::NotSignedIn,
            Self::SignInAgain(_) => ProblemCode::SignInAgain,
            Self::Profile(problem) => problem.code(),
            Self::LoginNotBegun => ProblemCode::LoginNotBegun,
            Self::LoginExpired => ProblemCode::LoginExpired,
            Self::LoginWrongAddress(problem) => problem.code(),
            Self::LoginWrongState => ProblemCode::LoginWrongState,
            Self::LoginUsed => ProblemCode::LoginUsed,
            Self::LoginDenied => ProblemCode::LoginDenied,
            Self::LoginRefused(_) => ProblemCode::LoginRefused,
            Self::LoginCodeRefused => ProblemCode::LoginCodeRefused,
            Self::InvalidClient => ProblemCode::InvalidClient,
            Self::NoVendor => ProblemCode::NoVendor,
            Self::NoLocale => ProblemCode::NoLocale,
            Self::Certificate(_) => ProblemCode::Certificate,
            Self::Busy => ProblemCode::Busy,
            Self::Gone => ProblemCode::Gone,
            Self::Forbidden(_) => ProblemCode::Forbidden,
            Self::Invalid(_) => ProblemCode::NotAccepted,
            Self::Stale => ProblemCode::ChangedMeanwhile,
            Self::TokenRefused => ProblemCode::TokenRefused,
            Self::Unavailable(_) => ProblemCode::AmazonUnavailable,
            Self::UnexpectedResponse(_) => ProblemCode::AmazonChanged,
            Self::Conflict => ProblemCode::Conflict,
            Self::Store(_) => ProblemCode::Store,
            Self::Secrets(_) => ProblemCode::Secrets,
            Self::Transport(TransportError::Certificate(_)) => ProblemCode::AmazonCertificate,
            Self::Transport(_) => ProblemCode::NoAnswer,
            Self::Permission(PermissionError::Denied(_)) => ProblemCode::PermissionDenied,
            Self::Permission(PermissionError::Unknown(_)) => ProblemCode::PermissionUnknown,
            Self::Permission(PermissionError::Unavailable(_)) => ProblemCode::PermissionUnavailable,
            Self::Throttled { .. } => ProblemCode::Throttled,
            Self::NoRandomness(_) => ProblemCode::Internal,
        }
    }

    /// The values for the texts of the pages: `reason`, `status` or `until`, or none.
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
            Self::UnexpectedResponse(request) => ("reason", (*request).to_owned()),
            Self::Unavailable(status) => ("status", status.to_string()),
            Self::Throttled { until } => ("until", until.rfc3339()),
            Self::Store(_) | Self::Secrets(_) | Self::Transport(_) => ("reason", self.to_string()),
            _ => return BTreeMap::new(),
        };
        BTreeMap::from([(name.to_owned(), value)])
    }

    /// Whether the same request may succeed a little later by itself.
    #[must_use]
    pub fn is_transient(&self) -> bool {
        matches!(
            self,
            Self::Busy
                | Self::Stale
                | Self::Unavailable(_)
                | Self::Conflict
                | Self::Store(StoreError::Unavailable(_))
                | Self::Secrets(SecretsError::Unavailable { .. })
                | Self::Transport(_)
                | Self::Permission(PermissionError::Unavailable(_))
                | Self::Throttled { .. }
        )
    }
}
