//! What the handlers need.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use super::auth::Authenticator;
use crate::amazon::{Account, AccountParts, SessionKeeper, Transport};
use crate::clock::{Clock, NoRandomness, Random};
use crate::config::{
    ApiCredentials, Bind, ConfigError, Env, MaApi, Settings, SetupOverrides, SkillIds, Speech,
    SpeechOverrides, StreamOverrides, TrustedHosts, TrustedProxies,
};
use crate::diagnostics::{Doctor, DoctorParts};
use crate::playback::{RequestId, StreamAddresses};
use crate::probe::Prober;
use crate::secrets::SecretStore;
use crate::smapi::{InvokePermission, SkillManager, SmapiDeps};
use crate::store::{CachedSettings, SettingsChange, Store, StoreError};
use crate::telemetry::{LogLimiter, Metrics};

/// How long settings are taken as they were read.
const SETTINGS: Duration = Duration::from_secs(10);

/// What this machine gives: everything that the environment does not say.
pub struct Foundations {
    /// Players, activity, settings and documents.
    pub store: Arc<dyn Store>,
    /// Credentials and sessions.
    pub secrets: Arc<dyn SecretStore>,
    /// Sends requests to Amazon.
    pub transport: Transport,
    /// Asks addresses that people entered.
    pub prober: Arc<dyn Prober>,
    /// Lets Alexa invoke the function; none where there is no function.
    pub permission: Option<Arc<dyn InvokePermission>>,
    /// Where metrics go.
    pub metrics: Arc<Metrics>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// For ids and proofs.
    pub random: Arc<dyn Random>,
}

impl fmt::Debug for Foundations {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Foundations").finish_non_exhaustive()
    }
}

/// What the handlers share; cheap to clone.
#[derive(Clone)]
pub struct ApiState {
    pub(crate) store: Arc<dyn Store>,
    pub(crate) secrets: Arc<dyn SecretStore>,
    pub(crate) account: Account,
    pub(crate) skills: SkillManager,
    pub(crate) doctor: Doctor,
    pub(crate) prober: Arc<dyn Prober>,
    pub(crate) authenticator: Arc<Authenticator>,
    pub(crate) config: Arc<ApiConfig>,
    settings: Arc<CachedSettings>,
    log_limiter: Arc<LogLimiter>,
    metrics: Arc<Metrics>,
    clock: Arc<dyn Clock>,
    random: Arc<dyn Random>,
}

/// What the environment fixes.
#[derive(Clone, Debug)]
pub(crate) struct ApiConfig {
    /// That `local` listens on.
    pub(crate) port: u16,
    pub(crate) credentials: ApiCredentials,
    pub(crate) streams: StreamOverrides,
    pub(crate) speech: SpeechOverrides,
    pub(crate) setup: SetupOverrides,
    pub(crate) skill_ids: SkillIds,
    pub(crate) ma_api: MaApi,
    pub(crate) proxies: TrustedProxies,
    pub(crate) hosts: TrustedHosts,
}

impl ApiConfig {
    fn from_env(env: &Env) -> Result<Self, ConfigError> {
        Ok(Self {
            port: Bind::from_env(env)?.0.port(),
            credentials: ApiCredentials::from_env(env)?,
            streams: StreamOverrides::from_env(env)?,
            speech: SpeechOverrides::from_env(env)?,
            setup: SetupOverrides::from_env(env)?,
            skill_ids: SkillIds::from_env(env)?,
            ma_api: MaApi::from_env(env)?,
            proxies: TrustedProxies::from_env(env)?,
            hosts: TrustedHosts::from_env(env)?,
        })
    }
}

impl ApiState {
    /// Puts everything together, with what the environment says.
    ///
    /// # Errors
    /// When a variable is malformed.
    pub fn from_env(env: &Env, foundations: Foundations) -> Result<Self, ConfigError> {
        let Foundations { store, secrets, transport, prober, permission, metrics, clock, random } =
            foundations;
        let config = ApiConfig::from_env(env)?;
        let authenticator =
            Authenticator::new(&config.credentials, secrets.clone(), clock.clone(), random.as_ref());
        let account = Account::new(AccountParts {
            transport: transport.clone(),
            secrets: secrets.clone(),
            store: store.clone(),
            clock: clock.clone(),
            random: random.clone(),
        });
        let skills = SkillManager::new(SmapiDeps {
            transport,
            prober: prober.clone(),
            secrets: secrets.clone(),
            store: store.clone(),
            skill_ids: config.skill_ids.clone(),
            permission,
            clock: clock.clone(),
            random: random.clone(),
        });
        let doctor = Doctor::new(DoctorParts {
            store: store.clone(),
            secrets: secrets.clone(),
            credentials: config.credentials.clone(),
            account: account.clone(),
            skills: skills.clone(),
            prober: prober.clone(),
            streams: config.streams.clone(),
            speech: config.speech.clone(),
            setup: config.setup.clone(),
            skill_ids: config.skill_ids.clone(),
            ma_api: config.ma_api.clone(),
            clock: clock.clone(),
            random: random.clone(),
        });
        Ok(Self {
            store,
            secrets,
            account,
            skills,
            doctor,
            prober,
            authenticator: Arc::new(authenticator),
            config: Arc::new(config),
            settings: Arc::new(CachedSettings::new(clock.clone())),
            log_limiter: Arc::default(),
            metrics,
            clock,
            random,
        })
    }

    /// The diagnostics of the whole set-up.
    #[must_use]
    pub fn doctor(&self) -> &Doctor {
        &self.doctor
    }

    /// The session of the Amazon account.
    #[must_use]
    pub fn session(&self) -> &SessionKeeper {
        self.account.session()
    }

    /// For ids and proofs.
    pub(crate) fn random(&self) -> &dyn Random {
        self.random.as_ref()
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

    /// Bounds the log lines that strangers can cause.
    #[must_use]
    pub fn log_limiter(&self) -> &Arc<LogLimiter> {
        &self.log_limiter
    }

    /// The settings, as they were a moment ago.
    pub(crate) async fn settings(&self) -> Result<Arc<Settings>, StoreError> {
        self.settings.at_most(SETTINGS, self.store.as_ref()).await
    }

    /// Changes the settings. This process sees them at once, others within [`SETTINGS`].
    pub(crate) async fn change_settings(&self, change: SettingsChange) -> Result<(), StoreError> {
        let settings = self.store.change_settings(change).await?;
        self.settings.see(&settings).await;
        Ok(())
    }

    /// The language and the name that hold.
    pub(crate) async fn spoken(&self) -> Result<Speech, StoreError> {
        Ok(self.config.speech.merged(&*self.settings().await?))
    }

    /// The public addresses that hold.
    pub(crate) fn addresses(&self, settings: &Settings) -> StreamAddresses {
        self.config.streams.merged(settings).into()
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
