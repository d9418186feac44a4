//! What the handlers need.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use super::auth::Authenticator;
use crate::amazon::Account;
use crate::clock::{Clock, NoRandomness, Random};
use crate::config::{Settings, Speech, SpeechOverrides, StreamOverrides};
use crate::playback::{RequestId, StreamAddresses};
use crate::store::{CachedSettings, Store, StoreError};
use crate::telemetry::Metrics;

/// How long settings are taken as they were read.
const SETTINGS: Duration = Duration::from_secs(10);

/// What a state is made of.
pub struct ApiParts {
    /// Players, activity and settings.
    pub store: Arc<dyn Store>,
    /// The devices of the Amazon account.
    pub account: Account,
    /// Who may call.
    pub authenticator: Authenticator,
    /// The addresses that the environment fixes.
    pub streams: StreamOverrides,
    /// The language that the environment fixes.
    pub speech: SpeechOverrides,
    /// Where metrics go.
    pub metrics: Arc<Metrics>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// For the ids of requests.
    pub random: Arc<dyn Random>,
}

/// What the handlers share; cheap to clone.
#[derive(Clone)]
pub struct ApiState {
    pub(super) store: Arc<dyn Store>,
    pub(super) account: Account,
    pub(super) authenticator: Arc<Authenticator>,
    pub(super) speech: Arc<SpeechOverrides>,
    streams: Arc<StreamOverrides>,
    settings: Arc<CachedSettings>,
    metrics: Arc<Metrics>,
    clock: Arc<dyn Clock>,
    random: Arc<dyn Random>,
}

impl ApiState {
    /// Puts the parts together.
    #[must_use]
    pub fn new(parts: ApiParts) -> Self {
        let settings = CachedSettings::new(Arc::clone(&parts.clock));
        Self {
            store: parts.store,
            account: parts.account,
            authenticator: Arc::new(parts.authenticator),
            settings: Arc::new(settings),
            streams: Arc::new(parts.streams),
            speech: Arc::new(parts.speech),
            metrics: parts.metrics,
            clock: parts.clock,
            random: parts.random,
        }
    }

    /// The time.
    #[must_use]
    pub fn clock(&self) -> &dyn Clock {
        self.clock.as_ref()
    }

    /// Where metrics go.
    #[must_use]
    pub fn metrics(&self) -> &Metrics {
        &self.metrics
    }

    /// The settings, as they were a moment ago.
    pub(super) async fn settings(&self) -> Result<Arc<Settings>, StoreError> {
        self.settings.at_most(SETTINGS, self.store.as_ref()).await
    }

    /// The language and the name that hold.
    pub(super) async fn spoken(&self) -> Result<Speech, StoreError> {
        Ok(self.speech.merged(&*self.settings().await?))
    }

    /// The public addresses that hold.
    pub(super) fn addresses(&self, settings: &Settings) -> StreamAddresses {
        self.streams.merged(settings).into()
    }

    /// An id for a request that came without one.
    ///
    /// # Errors
    /// When there is no randomness.
    pub fn new_request_id(&self) -> Result<RequestId, NoRandomness> {
        let mut bytes = [0; 16];
        self.random.fill(&mut bytes)?;
        Ok(format!("{:032x}", u128::from_be_bytes(bytes)))
    }
}

impl fmt::Debug for ApiState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ApiState").finish_non_exhaustive()
    }
}

/// The id of a request, in its extensions: Lambda's, where a main puts it there, else one of ours.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestContext {
    /// The id.
    pub id: RequestId,
}
