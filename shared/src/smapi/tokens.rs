//! Access tokens of the developer account; each opens the Skill Management API for an hour.

use std::sync::Arc;
use std::time::Duration;

use secrecy::{ExposeSecret as _, SecretString};
use serde_json::Value;
use tokio::sync::Mutex;
use tokio::time::sleep;

use super::error::SmapiError;
use super::random::random_id;
use super::secret;
use super::services::Services;
use crate::account::{AccessToken, DeveloperSession, LeaseRequest, LeaseResult, Revoked};
use crate::amazon::{AmazonError, AmazonResponse, TokenError, developer_answer, developer_refresh};
use crate::clock::{Moment, SKEW, Timestamp};
use crate::task;

/// A token is refreshed that would expire within this.
const REFRESH_AHEAD: Duration = Duration::from_mins(5);

/// Time for which a process uses its cached token, before it reads the secret again.
const CACHE_TTL: Duration = Duration::from_mins(1);

/// Time for which one process holds the refresh lease.
const LEASE: Duration = Duration::from_secs(30);

/// Number of attempts, and their distance, to acquire the lease. Then the token is refreshed without it, since the
/// holder may refresh another session.
const LEASE_ATTEMPTS: usize = 10;
const LEASE_INTERVAL: Duration = Duration::from_millis(300);

/// Time without requests where Amazon throttles and names no time.
const THROTTLE_BACKOFF: Duration = Duration::from_mins(1);

/// A source of access tokens over the secret; cheap to clone.
#[derive(Clone, Debug)]
pub(super) struct AccessTokens {
    services: Arc<Services>,
    cached: Arc<Mutex<Option<CachedToken>>>,
}

/// A token as this process read it, and when.
#[derive(Clone, Debug)]
struct CachedToken {
    at: Moment,
    access: AccessToken,
}

impl AccessTokens {
    pub(super) fn new(services: Arc<Services>) -> Self {
        Self { services, cached: Arc::default() }
    }

    /// A token that is valid for some minutes.
    pub(super) async fn token(&self) -> Result<SecretString, SmapiError> {
        let now = self.services.deps.clock.now();
        if let Some(cached) = self.cached.lock().await.as_ref()
            && self.services.deps.clock.moment().since(cached.at) < CACHE_TTL
            && is_fresh(&cached.access, now)
        {
            return Ok(cached.access.token.clone());
        }
        let developer = self.session().await?;
        match developer.access.filter(|access| is_fresh(access, now)) {
            Some(access) => Ok(self.cache(access).await),
            None => self.refresh(None).await,
        }
    }

    /// A token in the place of `stale`, which was not accepted. It runs to completion: with a new token, Amazon may
    /// give a new refresh token, and the one before is void.
    pub(super) async fn refresh(&self, stale: Option<&SecretString>) -> Result<SecretString, SmapiError> {
        let (tokens, stale) = (self.clone(), stale.cloned());
        let refreshed = async move { tokens.refresh_with_lease(stale.as_ref()).await };
        task::run_to_completion(refreshed).await.unwrap_or(Err(SmapiError::Unavailable(503)))
    }

    async fn refresh_with_lease(&self, stale: Option<&SecretString>) -> Result<SecretString, SmapiError> {
        let holder = random_id(self.services.deps.random.as_ref())?;
        let mut leased = false;
        for _ in 0..LEASE_ATTEMPTS {
            let request =
                LeaseRequest { holder: holder.clone(), at: self.services.deps.clock.now(), span: LEASE };
            leased = matches!(
                self.services.deps.store.acquire_refresh_lease(&request).await?,
                LeaseResult::Granted
            );
            if leased {
                break;
            }
            sleep(LEASE_INTERVAL).await;
        }
        let refreshed = self.refresh_once(stale).await;
        if leased && let Err(error) = self.services.deps.store.release_refresh_lease(&holder).await {
            tracing::warn!(%error, "the refresh lease is kept until it expires");
        }
        Ok(self.cache(refreshed?).await)
    }

    async fn refresh_once(&self, stale: Option<&SecretString>) -> Result<AccessToken, SmapiError> {
        let developer = self.session().await?;
        let now = self.services.deps.clock.now();
        let is_stale = |access: &AccessToken| {
            stale.is_some_and(|stale| stale.expose_secret() == access.token.expose_secret())
        };
        if let Some(access) = &developer.access
            && is_fresh(access, now)
            && !is_stale(access)
        {
            return Ok(access.clone());
        }
        let reply = self.services.transport.send(&developer_refresh(&developer)).await?;
        if is_invalid_client(&reply) {
            return Err(SmapiError::InvalidClient);
        }
        let (access, refresh_token) = match developer_answer(reply, now) {
            Ok(tokens) => tokens,
            Err(TokenError::Failed(error)) => return Err(token_error(&error, now)),
            Err(TokenError::Revoked(reason)) => return Err(self.record_end(&developer, reason).await),
        };
        let kept = self.update_session(&developer, |developer| {
            developer.access = Some(access.clone());
            if let Some(refresh_token) = &refresh_token {
                developer.refresh_token = refresh_token.clone();
            }
        });
        if let Err(error) = kept.await {
            // The token serves all the same, for as long as this process lives.
            tracing::error!(%error, "a new token of the developer account was not kept");
        }
        Ok(access)
    }

    /// Records in the secret that Amazon ended the session, for every process.
    async fn record_end(&self, of: &DeveloperSession, reason: String) -> SmapiError {
        let ended = Revoked { reason, at: self.services.deps.clock.now() };
        tracing::error!(reason = ended.reason, "Amazon ended the session of the developer account");
        let recorded = self.update_session(of, |developer| developer.ended = Some(ended.clone())).await;
        self.invalidate().await;
        match recorded {
            Ok(()) => SmapiError::SignInAgain(ended),
            // Another session is in the secret: a person signed in again.
            Err(SmapiError::NotSignedIn) => SmapiError::TokenRefused,
            Err(error) => error,
        }
    }

    /// Changes the session, if the secret still holds the one that was read.
    async fn update_session(
        &self,
        of: &DeveloperSession,
        change: impl Fn(&mut DeveloperSession) + Send + Sync,
    ) -> Result<(), SmapiError> {
        secret::update(self.services.secrets.as_ref(), |session| {
            let same = session.developer.as_mut().filter(|developer| {
                developer.refresh_token.expose_secret() == of.refresh_token.expose_secret()
            });
            change(same.ok_or(SmapiError::NotSignedIn)?);
            Ok(())
        })
        .await
    }

    /// The session of the person who is signed in.
    ///
    /// # Errors
    /// When there is none, Amazon ended it, or the secret cannot be read.
    pub(super) async fn session(&self) -> Result<DeveloperSession, SmapiError> {
        let developer = self.services.secrets.amazon().await?.session.developer;
        let developer = developer.ok_or(SmapiError::NotSignedIn)?;
        match developer.ended {
            Some(ended) => Err(SmapiError::SignInAgain(ended)),
            None => Ok(developer),
        }
    }

    async fn cache(&self, access: AccessToken) -> SecretString {
        let token = access.token.clone();
        *self.cached.lock().await = Some(CachedToken { at: self.services.deps.clock.moment(), access });
        token
    }

    /// Drops the cached token.
    pub(super) async fn invalidate(&self) {
        *self.cached.lock().await = None;
    }
}

fn is_fresh(access: &AccessToken, now: Timestamp) -> bool {
    // The clock was set back after one that was issued in the future: its end is unknown.
    access.expires_at > now.plus(REFRESH_AHEAD) && access.issued_at.since(now) <= SKEW
}

/// Whether Amazon does not know the security profile, or not with this secret (RFC 6749, 5.2: `invalid_client`).
pub(super) fn is_invalid_client(reply: &AmazonResponse) -> bool {
    let error = reply.json::<Value>().and_then(|body| Some(body.get("error")?.as_str()?.to_owned()));
    matches!(reply.status, 400 | 401) && error.as_deref() == Some("invalid_client")
}

/// The error of a token request, as one of skill management.
pub(super) fn token_error(error: &AmazonError, now: Timestamp) -> SmapiError {
    match error {
        AmazonError::Throttling(asked) => {
            SmapiError::Throttled { until: now.plus(asked.unwrap_or(THROTTLE_BACKOFF)) }
        }
        AmazonError::Unavailable(status) => SmapiError::Unavailable(*status),
        _ => SmapiError::UnexpectedResponse("a token of the developer account"),
    }
}
