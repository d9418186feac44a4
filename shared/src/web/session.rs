//! Sessions of the owner, in signed cookies.
//!
//! A session is a cookie that only we can sign. The key depends on the owner's password, so that a new password ends
//! every session. The store keeps those that were logged out.

use std::time::Duration;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::hmac;

use super::ended::{EndedSessions, SessionsToEnd};
use super::error::PageError;
use crate::api::{ApiState, AuthError};
use crate::clock::{NoRandomness, Random, Timestamp};
use crate::store::StoreError;

/// The cookie of a session, before its prefix.
pub(super) const COOKIE: &str = "session";

/// Time for which a session lasts.
pub(super) const LASTS: Duration = Duration::from_hours(12);

const VERSION: &str = "2";

/// A session of the owner's.
#[derive(Clone, Debug)]
pub(crate) struct OwnerSession {
    csrf: String,
    kind: Kind,
}

#[derive(Clone, Debug)]
enum Kind {
    /// Of a login of ours, in a cookie.
    Login { generation: u64, id: String },
    /// Of Home Assistant, whose Supervisor answers for each request.
    HomeAssistant,
}

impl OwnerSession {
    /// The value of the field `csrf` in every form of this session.
    pub(crate) fn csrf_token(&self) -> &str {
        &self.csrf
    }

    /// The value of a new session's cookie.
    ///
    /// # Errors
    /// When there are no credentials, no randomness, or the store does not answer.
    pub(super) async fn issue(state: &ApiState) -> Result<String, PageError> {
        let key = state.authenticator.session_key().await.map_err(|_| PageError::credentials())?;
        let generation = EndedSessions::read(state.deps.store.as_ref()).await?.generation();
        let cookie = Self::signed(&key, state.clock().now(), generation, state.random());
        cookie.map_err(|_| PageError::internal())
    }

    /// The value of a cookie for a new session of this generation.
    ///
    /// # Errors
    /// When there is no randomness.
    pub(super) fn signed(
        key: &hmac::Key,
        issued: Timestamp,
        generation: u64,
        random: &dyn Random,
    ) -> Result<String, NoRandomness> {
        let mut id = [0; 16];
        random.fill(&mut id)?;
        let id = URL_SAFE_NO_PAD.encode(id);
        let signed = format!("{VERSION}.{}.{generation}.{id}", issued.millis());
        let signature = hmac::sign(key, signed.as_bytes());
        Ok(format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature)))
    }

    /// The session of a cookie; none where it is too old, not ours or logged out.
    ///
    /// # Errors
    /// When that cannot be known, because the credentials cannot be read or the store does not answer.
    pub(super) async fn read(state: &ApiState, cookie: &str) -> Result<Option<Self>, PageError> {
        let Some(sent) = SessionCookie::parse(cookie, state.clock().now()) else {
            return Ok(None);
        };
        let key = match state.authenticator.accepted_session_key(|key| sent.is_signed_by(key)).await {
            Ok(key) => key,
            Err(AuthError::Unavailable) => return Err(PageError::credentials()),
            Err(AuthError::Missing | AuthError::Wrong | AuthError::TooMany(_)) => return Ok(None),
        };
        // Only a cookie that we signed causes a read.
        if EndedSessions::read(state.deps.store.as_ref()).await?.has_ended(sent.generation, sent.id) {
            return Ok(None);
        }
        let csrf = hmac::sign(&key, format!("forms of {}", sent.id).as_bytes());
        let (generation, id) = (sent.generation, sent.id.to_owned());
        Ok(Some(Self { csrf: URL_SAFE_NO_PAD.encode(csrf), kind: Kind::Login { generation, id } }))
    }

    /// The session of a user of Home Assistant, for one request through ingress.
    ///
    /// # Errors
    /// When the credentials cannot be read.
    pub(super) async fn of_home_assistant(state: &ApiState, user: &str) -> Result<Self, PageError> {
        let key = state.authenticator.session_key().await.map_err(|_| PageError::credentials())?;
        let csrf = hmac::sign(&key, format!("forms of the Home Assistant user {user}").as_bytes());
        Ok(Self { csrf: URL_SAFE_NO_PAD.encode(csrf), kind: Kind::HomeAssistant })
    }

    /// Whether it began with a login of ours.
    pub(super) fn is_of_login(&self) -> bool {
        matches!(self.kind, Kind::Login { .. })
    }

    /// Ends this session on all instances. One of Home Assistant ends there.
    ///
    /// # Errors
    /// When the store does not answer; it may have ended or not.
    pub(super) async fn end(&self, state: &ApiState) -> Result<(), StoreError> {
        match &self.kind {
            Kind::Login { generation, id } => {
                EndedSessions::end(state.deps.store.as_ref(), *generation, SessionsToEnd::One(id)).await
            }
            Kind::HomeAssistant => Ok(()),
        }
    }

    /// Ends every session of the pages on all instances.
    ///
    /// # Errors
    /// When the store does not answer; they may have ended or not.
    pub(super) async fn end_all(&self, state: &ApiState) -> Result<(), StoreError> {
        let store = state.deps.store.as_ref();
        let generation = match &self.kind {
            Kind::Login { generation, .. } => *generation,
            Kind::HomeAssistant => EndedSessions::read(store).await?.generation(),
        };
        EndedSessions::end(store, generation, SessionsToEnd::All).await
    }
}

impl<S: Send + Sync> FromRequestParts<S> for OwnerSession {
    type Rejection = PageError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        parts.extensions.get::<Self>().cloned().ok_or_else(PageError::internal)
    }
}

/// A cookie whose time is right and whose signature is not looked at yet.
pub(super) struct SessionCookie<'a> {
    signed: &'a str,
    generation: u64,
    id: &'a str,
    signature: Vec<u8>,
}

impl<'a> SessionCookie<'a> {
    pub(super) fn parse(cookie: &'a str, now: Timestamp) -> Option<Self> {
        let (signed, signature) = cookie.rsplit_once('.')?;
        let signature = URL_SAFE_NO_PAD.decode(signature).ok()?;
        let mut parts = signed.split('.');
        let (version, issued) = (parts.next()?, parts.next()?);
        let (generation, id) = (parts.next()?.parse().ok()?, parts.next()?);
        let issued = Timestamp::from_millis(issued.parse().ok()?);
        let is_current = now.is_within(LASTS, issued);
        (version == VERSION && is_current && parts.next().is_none()).then_some(Self {
            signed,
            generation,
            id,
            signature,
        })
    }
}

impl SessionCookie<'_> {
    pub(super) fn is_signed_by(&self, key: &hmac::Key) -> bool {
        hmac::verify(key, self.signed.as_bytes(), &self.signature).is_ok()
    }
}
