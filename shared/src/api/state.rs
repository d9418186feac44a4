//! The services of the handlers.

use std::sync::Arc;
use std::time::Duration;

use super::auth::Authenticator;
use crate::amazon::{DeviceClient, SessionManager, Transport};
use crate::clock::{Clock, NoRandomness, Random};
use crate::config::{Effective, Settings};
use crate::deps::Deps;
use crate::diagnostics::Doctor;
use crate::playback::{RequestId, StreamAddresses};
use crate::probe::Prober;
use crate::secrets::SecretStore;
use crate::smapi::{InvokePermission, SkillManager};
use crate::store::{CachedSettings, SettingsChange, StoreError};
use crate::telemetry::{LogLimiter, Metrics};

/// Time that settings which were read are used.
const SETTINGS: Duration = Duration::from_secs(10);

/// The services of the handlers; cheap to clone.
#[derive(Clone, Debug)]
pub struct ApiState {
    pub(crate) deps: Deps,
    pub(crate) secrets: Arc<dyn SecretStore>,
    pub(crate) account: DeviceClient,
    pub(crate) skills: SkillManager,
    pub(crate) doctor: Doctor,
    pub(crate) prober: Arc<dyn Prober>,
    pub(crate) authenticator: Arc<Authenticator>,
    settings: Arc<CachedSettings>,
    log_limiter: Arc<LogLimiter>,
}

impl ApiState {
    /// The API over these services. `transport` carries requests to Amazon, and `prober` those to addresses that people
    /// entered. Where there is a function, `permission` lets Alexa invoke it.
    #[must_use]
    pub fn new(
        deps: Deps,
        secrets: Arc<dyn SecretStore>,
        transport: Transport,
        prober: Arc<dyn Prober>,
        permission: Option<Arc<dyn InvokePermission>>,
    ) -> Self {
        let account = DeviceClient::new(&deps, Arc::clone(&secrets), transport.clone());
        let skills =
            SkillManager::new(&deps, Arc::clone(&secrets), transport, Arc::clone(&prober), permission);
        let authenticator = Authenticator::new(
            &deps.config.api.credentials,
            Arc::clone(&secrets),
            Arc::clone(&deps.clock),
            deps.random.as_ref(),
        );
        Self {
            doctor: Doctor::new(
                &deps,
                Arc::clone(&secrets),
                Arc::clone(&prober),
                account.clone(),
                skills.clone(),
            ),
            authenticator: Arc::new(authenticator),
            settings: Arc::new(CachedSettings::new(Arc::clone(&deps.clock))),
            log_limiter: Arc::default(),
            deps,
            secrets,
            account,
            skills,
            prober,
        }
    }

    /// The diagnostics of the whole set-up.
    #[must_use]
    pub fn doctor(&self) -> &Doctor {
        &self.doctor
    }

    /// The session of the Amazon account.
    #[must_use]
    pub fn session(&self) -> &SessionManager {
        self.account.session()
    }

    /// For ids and proofs.
    pub(crate) fn random(&self) -> &dyn Random {
        self.deps.random.as_ref()
    }

    /// The time.
    #[must_use]
    pub fn clock(&self) -> &dyn Clock {
        self.deps.clock.as_ref()
    }

    /// The sink of metrics.
    #[must_use]
    pub fn metrics(&self) -> &Metrics {
        &self.deps.metrics
    }

    /// Bounds the log lines that strangers can cause.
    #[must_use]
    pub fn log_limiter(&self) -> &Arc<LogLimiter> {
        &self.log_limiter
    }

    /// The settings, as they were a moment ago.
    pub(crate) async fn settings(&self) -> Result<Arc<Settings>, StoreError> {
        self.settings.at_most(SETTINGS, self.deps.store.as_ref()).await
    }

    /// Changes the settings. This process sees them at once, others within [`SETTINGS`].
    pub(crate) async fn change_settings(&self, change: SettingsChange) -> Result<(), StoreError> {
        let settings = self.deps.store.change_settings(change).await?;
        self.settings.see(&settings).await;
        Ok(())
    }

    /// The configuration in effect, with the settings as they were a moment ago.
    pub(crate) async fn effective(&self) -> Result<Arc<Effective>, StoreError> {
        Ok(self.deps.config.with(&*self.settings().await?))
    }

    /// The public addresses in effect with `settings`.
    pub(crate) fn addresses(&self, settings: &Settings) -> StreamAddresses {
        StreamAddresses::from(&self.deps.config.with(settings).streams)
    }

    /// An id for a request that came without one.
    ///
    /// # Errors
    /// When there is no randomness.
    pub fn new_request_id(&self) -> Result<RequestId, NoRandomness> {
        let mut bytes = [0; 16];
        self.deps.random.fill(&mut bytes)?;
        Ok(format!("{:032x}", u128::from_be_bytes(bytes)))
    }
}

/// The id of a request, in its extensions: Lambda's, where a main puts it there, else one of ours.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestContext {
    /// The id.
    pub id: RequestId,
}
