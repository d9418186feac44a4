//! The token that opens skill management, for an hour at a time.

use std::time::Duration;

use secrecy::{ExposeSecret as _, SecretString};
use serde_json::Value;
use tokio::time::sleep;

use super::error::SmapiError;
use super::manager::SkillManager;
use crate::account::{AccessToken, DeveloperSession, LeaseRequest, LeaseResult, Revoked};
use crate::amazon::{AmazonError, Reply, TokenError, developer_answer, developer_refresh};
use crate::clock::{Moment, SKEW, Timestamp};

/// A token is renewed that would run out within this.
const AHEAD: Duration = Duration::from_mins(5);

/// How long a process takes a token as it read it, before it looks at the secret again.
const KEPT: Duration = Duration::from_mins(1);

/// How long somebody renews before another may, too.
const RENEWAL: Duration = Duration::from_secs(30);

/// How long the renewal of another is waited for: so many looks, so far apart. Then it is renewed all the same, since
/// the other may renew something else.
const LOOKS: usize = 10;
const LOOKED_AGAIN: Duration = Duration::from_millis(300);

/// How long nothing is sent where Amazon throttles without saying for how long.
const THROTTLED: Duration = Duration::from_mins(1);

/// A token as this process read it, and when.
#[derive(Clone, Debug)]
pub(super) struct Seen {
    at: Moment,
    access: AccessToken,
}

impl SkillManager {
    /// A token that is accepted for some minutes still.
    pub(super) async fn token(&self) -> Result<SecretString, SmapiError> {
        let now = self.parts().clock.now();
        if let Some(seen) = self.seen().lock().await.as_ref()
            && self.parts().clock.moment().since(seen.at) < KEPT
            && is_fresh(&seen.access, now)
        {
            return Ok(seen.access.token.clone());
        }
        let developer = self.developer_session().await?;
        match developer.access.filter(|access| is_fresh(access, now)) {
            Some(access) => Ok(self.see(access).await),
            None => self.renew(None).await,
        }
    }

    /// A token in the place of `stale`, which was not accepted. It goes on to its end: with a new token, Amazon may
    /// give a new refresh token, after which the one before is worth nothing.
    pub(super) async fn renew(&self, stale: Option<&SecretString>) -> Result<SecretString, SmapiError> {
        let (manager, stale) = (self.clone(), stale.cloned());
        Self::to_the_end(async move { manager.renew_in_turn(stale.as_ref()).await }).await
    }

    async fn renew_in_turn(&self, stale: Option<&SecretString>) -> Result<SecretString, SmapiError> {
        let holder = self.random_id()?;
        let mut leased = false;
        for _ in 0..LOOKS {
            let now = self.parts().clock.now();
            let wish = LeaseRequest { holder: holder.clone(), at: now, span: RENEWAL };
            leased = matches!(self.parts().store.acquire_refresh_lease(&wish).await?, LeaseResult::Granted);
            if leased {
                break;
            }
            sleep(LOOKED_AGAIN).await;
        }
        let renewed = self.renew_once(stale).await;
        if leased && let Err(error) = self.parts().store.release_refresh_lease(&holder).await {
            tracing::warn!(%error, "the lease on renewing is kept until it runs out");
        }
        Ok(self.see(renewed?).await)
    }

    async fn renew_once(&self, stale: Option<&SecretString>) -> Result<AccessToken, SmapiError> {
        let developer = self.developer_session().await?;
        let now = self.parts().clock.now();
        let is_stale = |access: &AccessToken| {
            stale.is_some_and(|stale| stale.expose_secret() == access.token.expose_secret())
        };
        if let Some(access) = &developer.access
            && is_fresh(access, now)
            && !is_stale(access)
        {
            return Ok(access.clone());
        }
        let reply = self.parts().transport.send(&developer_refresh(&developer)).await?;
        if refused_client(&reply) {
            return Err(SmapiError::InvalidClient);
        }
        let (access, refresh_token) = match developer_answer(reply, now) {
            Ok(tokens) => tokens,
            Err(TokenError::Failed(error)) => return Err(token_error(&error, now)),
            Err(TokenError::Revoked(reason)) => return Err(self.note_end(&developer, reason).await),
        };
        let kept = self.change_developer(&developer, |developer| {
            developer.access = Some(access.clone());
            if let Some(refresh_token) = &refresh_token {
                developer.refresh_token = refresh_token.clone();
            }
        });
        if let Err(error) = kept.await {
            // The token works all the same, for as long as this process lives.
            tracing::error!(%error, "a new token of the developer account was not kept");
        }
        Ok(access)
    }

    /// Notes that Amazon took the session back, so that everybody learns of it.
    async fn note_end(&self, of: &DeveloperSession, reason: String) -> SmapiError {
        let ended = Revoked { reason, at: self.parts().clock.now() };
        tracing::error!(reason = ended.reason, "Amazon ended the session of the developer account");
        let noted = self.change_developer(of, |developer| developer.ended = Some(ended.clone())).await;
        self.forget_token().await;
        match noted {
            Ok(()) => SmapiError::SignInAgain(ended),
            // Whoever wrote may have signed in anew.
            Err(SmapiError::NotSignedIn) => SmapiError::TokenRefused,
            Err(error) => error,
        }
    }

    /// Changes the session if it is still the one that was read.
    async fn change_developer(
        &self,
        of: &DeveloperSession,
        change: impl Fn(&mut DeveloperSession) + Send + Sync,
    ) -> Result<(), SmapiError> {
        self.change_secret(|session| {
            let same = session.developer.as_mut().filter(|developer| {
                developer.refresh_token.expose_secret() == of.refresh_token.expose_secret()
            });
            change(same.ok_or(SmapiError::NotSignedIn)?);
            Ok(())
        })
        .await
    }

    /// The session of a person who is signed in.
    pub(super) async fn developer_session(&self) -> Result<DeveloperSession, SmapiError> {
        let developer = self.parts().secrets.amazon().await?.session.developer;
        let developer = developer.ok_or(SmapiError::NotSignedIn)?;
        match developer.ended {
            Some(ended) => Err(SmapiError::SignInAgain(ended)),
            None => Ok(developer),
        }
    }

    async fn see(&self, access: AccessToken) -> SecretString {
        let token = access.token.clone();
        *self.seen().lock().await = Some(Seen { at: self.parts().clock.moment(), access });
        token
    }

    pub(super) async fn forget_token(&self) {
        *self.seen().lock().await = None;
    }
}

fn is_fresh(access: &AccessToken, now: Timestamp) -> bool {
    // One that was given before the clock was set back says nothing of its end.
    access.expires_at > now.plus(AHEAD) && access.issued_at.since(now) <= SKEW
}

/// Whether Amazon does not know the security profile, or not with this secret.
pub(super) fn refused_client(reply: &Reply) -> bool {
    let error = reply.json::<Value>().and_then(|body| Some(body.get("error")?.as_str()?.to_owned()));
    matches!(reply.status, 400 | 401) && error.as_deref() == Some("invalid_client")
}

/// What the Amazon side says of a token, in the words of skill management.
pub(super) fn token_error(error: &AmazonError, now: Timestamp) -> SmapiError {
    match error {
        AmazonError::Throttling(asked) => {
            SmapiError::Throttled { until: now.plus(asked.unwrap_or(THROTTLED)) }
        }
        AmazonError::Unavailable(status) => SmapiError::Unavailable(*status),
        _ => SmapiError::Changed("a token of the developer account"),
    }
}
