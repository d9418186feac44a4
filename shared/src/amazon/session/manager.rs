//! The manager of the session: its cache in this process, and changes of the secret.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Mutex;

use crate::account::{AccountHosts, AlexaSession, AmazonSession};
use crate::amazon::error::AmazonError;
use crate::amazon::http::{Http, RequestSeries};
use crate::amazon::jar::Jar;
use crate::amazon::rate_limit::Limiter;
use crate::amazon::transport::AmazonTransport;
use crate::clock::{Clock, Moment, Random, Timestamp};
use crate::deps::Deps;
use crate::secrets::{PutResult, SecretStore, SecretVersion, SecretsError, VersionedSession};
use crate::store::{Activity, ActivityKind, Store};
use crate::telemetry::{Observation, SessionTimes};

/// Age up to which a cached session serves without a read of the secret.
const CACHED_FOR: Duration = Duration::from_mins(1);

/// Attempts to change the secret while others change it, too.
pub(super) const MAX_ATTEMPTS: usize = 5;

/// A session that is ready for requests.
#[derive(Debug)]
pub(in crate::amazon) struct ActiveSession {
    /// The serial number of its sign-in's device.
    serial: String,
    /// Issue time of its cookies, which Amazon refuses or accepts. The secret's version changes with any write.
    issued_at: Timestamp,
    pub(in crate::amazon) place: AccountHosts,
    pub(in crate::amazon) jar: Jar,
}

/// A session in this process's cache.
#[derive(Debug)]
struct CachedSession {
    cached_at: Moment,
    session: Arc<ActiveSession>,
}

/// Manager of the Amazon session; cheap to clone.
#[derive(Clone, Debug)]
pub struct SessionManager {
    http: Http,
    pub(super) secrets: Arc<dyn SecretStore>,
    pub(super) store: Arc<dyn Store>,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) random: Arc<dyn Random>,
    cached: Arc<Mutex<Option<CachedSession>>>,
}

impl SessionManager {
    /// The session in `secrets`; `transport` carries its requests.
    #[must_use]
    pub fn new(deps: &Deps, secrets: Arc<dyn SecretStore>, transport: AmazonTransport) -> Self {
        let Deps { store, clock, random, metrics, .. } = deps.clone();
        let limiter = Limiter::new(Arc::clone(&store), Arc::clone(&clock), Arc::clone(&random));
        let http = Http::new(transport, limiter, metrics);
        Self { http, secrets, store, clock, random, cached: Arc::default() }
    }

    pub(in crate::amazon) fn http(&self) -> &Http {
        &self.http
    }

    /// The session of this process's cache, else of the secret. One without cookies or hosts is refreshed first.
    pub(in crate::amazon) async fn current(
        &self,
        series: &RequestSeries,
    ) -> Result<Arc<ActiveSession>, AmazonError> {
        if let Some(cached) = self.cached.lock().await.as_ref()
            && self.clock.moment().since(cached.cached_at) < CACHED_FOR
        {
            return Ok(Arc::clone(&cached.session));
        }
        match ActiveSession::of(&self.secrets.amazon().await?)? {
            Some(session) => Ok(self.cache(session).await),
            None => self.complete(series).await,
        }
    }

    /// The serial number of the device that we are to Amazon. A cached session of an earlier sign-in is dropped.
    pub(in crate::amazon) async fn serial(&self) -> Result<Option<String>, AmazonError> {
        let own = self.secrets.amazon().await?.session.alexa.map(|alexa| alexa.serial);
        self.retain(own.as_deref()).await;
        Ok(own)
    }

    /// The customer's id in commands, where it is known.
    pub(in crate::amazon) async fn customer(&self) -> Result<Option<String>, AmazonError> {
        let alexa = self.secrets.amazon().await?.session.alexa;
        Ok(alexa.and_then(|alexa| alexa.place).map(|place| place.customer))
    }

    /// Changes the secret by compare-and-swap. The change runs again on each version that another process writes
    /// meanwhile.
    pub(super) async fn update_session<T>(
        &self,
        mut change: impl FnMut(&mut AmazonSession) -> Result<T, AmazonError> + Send,
    ) -> Result<T, AmazonError> {
        for _ in 0..MAX_ATTEMPTS {
            let stored = self.secrets.amazon().await?;
            let mut session = stored.session;
            let changed = change(&mut session)?;
            if let PutResult::Stored(_) = self.put_session(&session, &stored.version).await? {
                return Ok(changed);
            }
        }
        Err(AmazonError::Conflict)
    }

    /// Stores a session by compare-and-swap, with its times for the metrics.
    pub(super) async fn put_session(
        &self,
        session: &AmazonSession,
        version: &SecretVersion,
    ) -> Result<PutResult, SecretsError> {
        let put = self.secrets.put_amazon(session, version).await?;
        if let PutResult::Stored(_) = put {
            self.observe_session(session);
        }
        Ok(put)
    }

    /// Shows the times of a stored session in the metrics.
    pub(super) fn observe_session(&self, session: &AmazonSession) {
        let alexa = session.alexa.as_ref().filter(|alexa| alexa.ended.is_none());
        let times = alexa.map(|alexa| SessionTimes {
            refreshed_at: alexa.cookies.as_ref().map(|cookies| cookies.issued_at),
            expires_at: alexa.access.as_ref().map(|access| access.expires_at),
        });
        self.http.metrics().observe(&Observation::AmazonSession(times));
    }

    /// Records an activity for people to read. A failure is only logged.
    pub(super) async fn record_activity(&self, kind: ActivityKind) {
        let activity = Activity { at: self.clock.now(), kind };
        if let Err(error) = self.store.note(&activity).await {
            tracing::warn!(%error, "an activity was not recorded");
        }
    }

    pub(super) async fn cache(&self, session: ActiveSession) -> Arc<ActiveSession> {
        let session = Arc::new(session);
        let cached = CachedSession { cached_at: self.clock.moment(), session: Arc::clone(&session) };
        *self.cached.lock().await = Some(cached);
        session
    }

    /// Drops the cached session, unless another request of this process has refreshed it meanwhile.
    pub(super) async fn evict_stale(&self, stale: Option<&ActiveSession>) {
        let now = self.clock.now();
        self.cached.lock().await.take_if(|cached| !cached.session.fresher_than(stale, now));
    }

    /// Keeps only a cached session of this sign-in.
    async fn retain(&self, serial: Option<&str>) {
        let mut cached = self.cached.lock().await;
        cached.take_if(|cached| Some(cached.session.serial.as_str()) != serial);
    }

    pub(super) async fn evict(&self) {
        *self.cached.lock().await = None;
    }
}

impl ActiveSession {
    /// The session in the secret; none where cookies or hosts are missing.
    pub(super) fn of(stored: &VersionedSession) -> Result<Option<Self>, AmazonError> {
        let alexa = signed_in(&stored.session)?;
        Ok(match (&alexa.place, &alexa.cookies) {
            (Some(place), Some(cookies)) if cookies.marketplace == place.marketplace => {
                let (serial, issued_at) = (alexa.serial.clone(), cookies.issued_at);
                Some(Self { serial, issued_at, place: place.clone(), jar: Jar::of(cookies) })
            }
            _ => None,
        })
    }

    /// Whether it may serve where `stale` was refused. A session from before the clock was set back is older than
    /// each that Amazon issued since, although its date is later.
    pub(super) fn fresher_than(&self, stale: Option<&Self>, now: Timestamp) -> bool {
        stale.is_none_or(|stale| {
            self.serial != stale.serial || self.issued_at.order(now) > stale.issued_at.order(now)
        })
    }
}

/// The session of an account that is signed in.
pub(super) fn signed_in(session: &AmazonSession) -> Result<&AlexaSession, AmazonError> {
    let alexa = session.alexa.as_ref().ok_or(AmazonError::NotSignedIn)?;
    match &alexa.ended {
        Some(ended) => Err(AmazonError::SignInAgain(ended.clone())),
        None => Ok(alexa),
    }
}
