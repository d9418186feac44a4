//! The session of the Amazon account: used by everybody, renewed by one at a time.
//!
//! The secret is the truth. A process keeps what it read for a while, and whoever meets an answer that the session
//! is stale renews it, unless another did so meanwhile. What is written was made from what was read, or not at all.

mod mint;
mod refresh;
mod sign_in;

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Mutex;
use tokio::time::sleep;

pub(super) use mint::{Endpoints, Me, read};
pub use refresh::{RefreshReport, Renewed};
pub use sign_in::{AccountStatus, LoginDone, LoginUrl, LogoutDone};

use super::error::AmazonError;
use super::jar::Jar;
use super::rate_limit::{Limiter, Permit};
use super::tokens::{Auth, TokenError};
use super::transport::Transport;
use crate::account::{
    AccountHosts, AlexaSession, AmazonSession, LeaseRequest, LeaseResult, RefusalBackoff, Revoked,
};
use crate::clock::{Clock, Moment, Random, Timestamp};
use crate::deadline;
use crate::deps::Deps;
use crate::secrets::{PutResult, SecretStore, VersionedSession};
use crate::store::{Activity, ActivityKind, Store};

/// How long a process takes the session as it read it.
const KEPT: Duration = Duration::from_mins(1);

/// How long somebody renews before another may, too: longer than a renewal takes as a rule. Where Amazon is so slow
/// that two renew at once, both get cookies that serve, and whoever writes second finds the secret changed.
const RENEWAL: Duration = Duration::from_mins(1);

/// How long a request waits while another renews.
const PATIENCE: Duration = Duration::from_secs(10);

/// How often the secret is read while another renews; a read is paid for, a look at the lease hardly.
const LOOKED_AGAIN: Duration = Duration::from_secs(1);

/// How often a change of the secret is made anew on what another wrote meanwhile.
const MAX_ATTEMPTS: usize = 5;

/// A session that can be used.
#[derive(Debug)]
pub(super) struct Live {
    /// Of which sign-in it is.
    serial: String,
    /// The version of the secret changes with all that is written into it; its cookies are what is refused.
    issued_at: Timestamp,
    pub(super) place: AccountHosts,
    pub(super) jar: Jar,
}

/// The session that is in use, and since when.
type Used = (Moment, Arc<Live>);

/// Keeps the session.
#[derive(Clone, Debug)]
pub struct SessionKeeper {
    pub(super) auth: Auth,
    pub(super) limiter: Limiter,
    secrets: Arc<dyn SecretStore>,
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    random: Arc<dyn Random>,
    seen: Arc<Mutex<Option<Used>>>,
}

impl SessionKeeper {
    /// The session in `secrets`; `transport` carries its requests.
    #[must_use]
    pub fn new(deps: &Deps, secrets: Arc<dyn SecretStore>, transport: Transport) -> Self {
        let Deps { store, clock, random, .. } = deps.clone();
        let limiter = Limiter::new(Arc::clone(&store), Arc::clone(&clock), Arc::clone(&random));
        Self {
            auth: Auth { transport, limiter: limiter.clone() },
            limiter,
            secrets,
            store,
            clock,
            random,
            seen: Arc::default(),
        }
    }

    /// The session as it was a moment ago; made ready first, where it was only registered so far.
    pub(super) async fn current(&self, permit: &Permit) -> Result<Arc<Live>, AmazonError> {
        if let Some((at, live)) = self.seen.lock().await.as_ref()
            && self.clock.moment().since(*at) < KEPT
        {
            return Ok(Arc::clone(live));
        }
        let held = self.secrets.amazon().await?;
        match live(&held)? {
            Some(live) => Ok(self.see(live).await),
            None => self.renew_from(None, permit).await,
        }
    }

    /// A session that is newer than `stale`, which Amazon did not accept: another's, or one that is made now, in the
    /// lane of the request that needs it. [`RefusalBackoff::next`] says when none is made.
    pub(super) async fn renew(&self, stale: &Live, permit: &Permit) -> Result<Arc<Live>, AmazonError> {
        self.renew_from(Some(stale), permit).await
    }

    /// The same; none is stale where there are no cookies yet.
    async fn renew_from(&self, stale: Option<&Live>, permit: &Permit) -> Result<Arc<Live>, AmazonError> {
        self.forget_stale(stale).await;
        let (began, patience) = (self.clock.moment(), deadline::at_most(PATIENCE));
        let holder = self.limiter.id()?;
        let mut looked: Option<Moment> = None;
        loop {
            let now = self.clock.moment();
            if looked.is_none_or(|looked| now.since(looked) >= LOOKED_AGAIN) {
                if let Some(live) = newer(&self.secrets.amazon().await?, stale, now.wall())? {
                    return Ok(self.see(live).await);
                }
                looked = Some(now);
            }
            let wish = LeaseRequest { holder: holder.clone(), at: now.wall(), span: RENEWAL };
            match self.store.acquire_refresh_lease(&wish).await? {
                LeaseResult::Granted => {
                    let renewed = self.renew_alone(stale, permit).await;
                    self.give_back(&holder).await;
                    return renewed;
                }
                LeaseResult::Held(until) if now.since(began) >= patience => {
                    return Err(AmazonError::Busy { until });
                }
                LeaseResult::Held(_) => sleep(self.limiter.again()?).await,
            }
        }
    }

    /// Renews while nobody else does.
    async fn renew_alone(&self, stale: Option<&Live>, permit: &Permit) -> Result<Arc<Live>, AmazonError> {
        // Who had the lease before may have renewed just now.
        let mut held = self.secrets.amazon().await?;
        for _ in 0..MAX_ATTEMPTS {
            if let Some(live) = newer(&held, stale, self.clock.now())? {
                return Ok(self.see(live).await);
            }
            let mut session = signed_in(&held.session)?.clone();
            if stale.is_some() {
                match RefusalBackoff::next(session.refused, self.clock.now()) {
                    Some(refused) => session.refused = Some(refused),
                    None => return Err(self.still_refused(&held, &session, permit).await),
                }
            }
            match self.mint(&mut session, permit).await {
                Ok(()) => {}
                Err(TokenError::Failed(error)) => return Err(error),
                Err(TokenError::Revoked(reason)) => return Err(self.note_end(&held, reason).await),
            }
            let mut renewed = held.session.clone();
            renewed.alexa = Some(session);
            match self.secrets.put_amazon(&renewed, &held.version).await {
                Ok(PutResult::Stored(version)) => held = VersionedSession { session: renewed, version },
                // Somebody signed in or out meanwhile, which counts for more.
                Ok(PutResult::Conflict) => held = self.secrets.amazon().await?,
                Err(error) => {
                    // What was made works all the same, for as long as this process lives.
                    tracing::error!(%error, "a renewed session was not kept");
                    held = VersionedSession { session: renewed, version: held.version };
                    let live = live(&held)?.ok_or(AmazonError::SessionRefused)?;
                    return Ok(self.see(live).await);
                }
            }
        }
        Err(AmazonError::SessionRefused)
    }

    /// What is the matter with a session that was renewed for a refusal just now. Whether Amazon ended it meanwhile,
    /// a token tells without a write.
    async fn still_refused(
        &self,
        held: &VersionedSession,
        session: &AlexaSession,
        permit: &Permit,
    ) -> AmazonError {
        match self.auth.access_token(permit, &session.refresh_token, self.clock.now()).await {
            Ok(_) => AmazonError::SessionRefused,
            Err(TokenError::Failed(error)) => error,
            Err(TokenError::Revoked(reason)) => self.note_end(held, reason).await,
        }
    }

    /// Notes that Amazon took the session back, so that everybody learns of it.
    async fn note_end(&self, held: &VersionedSession, reason: String) -> AmazonError {
        let ended = Revoked { reason, at: self.clock.now() };
        tracing::error!(reason = ended.reason, "Amazon ended the session: somebody has to sign in again");
        let mut session = held.session.clone();
        if let Some(alexa) = session.alexa.as_mut() {
            alexa.ended = Some(ended.clone());
        }
        match self.secrets.put_amazon(&session, &held.version).await {
            Ok(PutResult::Stored(_)) => {
                self.tell(ActivityKind::SessionEnded { reason: ended.reason.clone() }).await;
                AmazonError::SignInAgain(ended)
            }
            // Whoever wrote may have signed in anew.
            Ok(PutResult::Conflict) => AmazonError::SessionRefused,
            Err(error) => {
                tracing::error!(%error, "the end of the session was not kept");
                AmazonError::SignInAgain(ended)
            }
        }
    }

    /// Keeps what happened for people to read; nothing fails because of that.
    async fn tell(&self, kind: ActivityKind) {
        let activity = Activity { at: self.clock.now(), kind };
        if let Err(error) = self.store.note(&activity).await {
            tracing::warn!(%error, "what happened could not be noted");
        }
    }

    async fn give_back(&self, holder: &str) {
        if let Err(error) = self.store.release_refresh_lease(holder).await {
            tracing::warn!(%error, "the lease on renewing is kept until it runs out");
        }
    }

    async fn see(&self, live: Live) -> Arc<Live> {
        let live = Arc::new(live);
        *self.seen.lock().await = Some((self.clock.moment(), Arc::clone(&live)));
        live
    }

    /// Keeps what another request of this process has renewed meanwhile.
    async fn forget_stale(&self, stale: Option<&Live>) {
        let now = self.clock.now();
        self.seen.lock().await.take_if(|(_, seen)| !seen.is_newer(stale, now));
    }

    /// Forgets a session that is not of this sign-in.
    async fn keep_only(&self, serial: Option<&str>) {
        let mut seen = self.seen.lock().await;
        seen.take_if(|(_, live)| Some(live.serial.as_str()) != serial);
    }

    async fn forget(&self) {
        *self.seen.lock().await = None;
    }
}

impl Live {
    /// Whether it is worth a try where `stale` was refused. What was given before the clock was set back is older than
    /// all that was given since, although it says otherwise.
    fn is_newer(&self, stale: Option<&Self>, now: Timestamp) -> bool {
        stale.is_none_or(|stale| {
            self.serial != stale.serial || self.issued_at.order(now) > stale.issued_at.order(now)
        })
    }
}

/// What the secret holds, where that is worth a try.
fn newer(held: &VersionedSession, stale: Option<&Live>, now: Timestamp) -> Result<Option<Live>, AmazonError> {
    Ok(live(held)?.filter(|live| live.is_newer(stale, now)))
}

/// The session of a person who is signed in.
fn signed_in(session: &AmazonSession) -> Result<&AlexaSession, AmazonError> {
    let alexa = session.alexa.as_ref().ok_or(AmazonError::NotSignedIn)?;
    match &alexa.ended {
        Some(ended) => Err(AmazonError::SignInAgain(ended.clone())),
        None => Ok(alexa),
    }
}

/// What the secret holds, ready to be used; none where cookies or hosts are missing still.
fn live(held: &VersionedSession) -> Result<Option<Live>, AmazonError> {
    let alexa = signed_in(&held.session)?;
    Ok(match (&alexa.place, &alexa.cookies) {
        (Some(place), Some(cookies)) if cookies.marketplace == place.marketplace => {
            let (serial, issued_at) = (alexa.serial.clone(), cookies.issued_at);
            Some(Live { serial, issued_at, place: place.clone(), jar: Jar::of(cookies) })
        }
        _ => None,
    })
}
