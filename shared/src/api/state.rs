//! The services of the handlers.

use std::ops::Deref;
use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;

use super::auth::Authenticator;
use super::readers::EventReaders;
use crate::access::KnownTokens;
use crate::amazon::live::LiveStates;
use crate::amazon::{AmazonTransport, DeviceClient, SessionManager};
#[cfg(feature = "sqlite")]
use crate::backup::StatePlaces;
use crate::bridge::TicketOffice;
use crate::clock::{Clock, NoRandomness, Random};
use crate::config::{Effective, Settings};
use crate::control::HomeNames;
use crate::deps::Deps;
use crate::diagnostics::Doctor;
use crate::fetch_report::FetchReports;
use crate::playback::{RequestId, StreamAddresses};
use crate::probe::Prober;
use crate::renderer_report::{RendererReports, Serving};
use crate::secrets::SecretStore;
use crate::smapi::{InvokePermission, SkillManager};
use crate::store::{CachedSettings, Document, KnownNames, SettingsChange, StoreError};
use crate::telemetry::{LogLimiter, Metrics};
use crate::updates::Updates;
use crate::ways::{TrialTunnel, Ways};

/// Time that settings which were read are used.
const SETTINGS: Duration = Duration::from_secs(10);

/// The services of the handlers, shared: each route, and each request, has a clone.
#[derive(Clone, Debug)]
pub struct ApiState(Arc<ApiServices>);

/// The services behind [`ApiState`].
#[derive(Clone, Debug)]
pub struct ApiServices {
    pub(crate) deps: Deps,
    pub(crate) secrets: Arc<dyn SecretStore>,
    pub(crate) account: DeviceClient,
    pub(crate) skills: SkillManager,
    pub(crate) doctor: Doctor,
    pub(crate) prober: Arc<dyn Prober>,
    pub(crate) authenticator: Arc<Authenticator>,
    pub(crate) tokens: Arc<KnownTokens>,
    pub(crate) ways: Arc<Ways>,
    pub(crate) tunnel: Arc<TrialTunnel>,
    pub(crate) readers: Arc<EventReaders>,
    #[cfg(feature = "music-assistant")]
    pub(crate) music_assistant: crate::music_assistant::Connection,
    #[cfg(feature = "music-assistant")]
    pub(crate) home_control: crate::home_control::HomeControl,
    pub(crate) tickets: Option<Arc<dyn TicketOffice>>,
    #[cfg(feature = "sqlite")]
    places: Option<Arc<StatePlaces>>,
    renderers: RendererReports,
    fetches: FetchReports,
    updates: Arc<Updates>,
    settings: Arc<CachedSettings>,
    log_limiter: Arc<LogLimiter>,
}

impl Deref for ApiState {
    type Target = ApiServices;

    fn deref(&self) -> &ApiServices {
        &self.0
    }
}

impl ApiState {
    /// The API over these services. `transport` carries requests to Amazon, and `prober` those to addresses that people
    /// entered. Where there is a function, `permission` lets Alexa invoke it.
    #[must_use]
    pub fn new(
        deps: Deps,
        secrets: Arc<dyn SecretStore>,
        transport: AmazonTransport,
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
        let renderers = RendererReports::default();
        #[cfg(feature = "music-assistant")]
        let music_assistant =
            crate::music_assistant::Connection::new(&deps, Arc::clone(&secrets), renderers.clone());
        Self(Arc::new(ApiServices {
            doctor: Doctor::new(
                &deps,
                Arc::clone(&secrets),
                Arc::clone(&prober),
                account.clone(),
                skills.clone(),
                renderers.clone(),
            ),
            authenticator: Arc::new(authenticator),
            tokens: Arc::new(KnownTokens::new(Arc::clone(&deps.clock))),
            ways: Arc::new(Ways::new(deps.config.api.ways.clone(), Arc::clone(&deps.clock))),
            tunnel: Arc::new(TrialTunnel::new(deps.config.api.ways.clone(), Arc::clone(&deps.clock))),
            readers: Arc::default(),
            #[cfg(feature = "music-assistant")]
            home_control: crate::home_control::HomeControl::new(&deps, music_assistant.clone()),
            #[cfg(feature = "music-assistant")]
            music_assistant,
            tickets: None,
            #[cfg(feature = "sqlite")]
            places: None,
            renderers,
            fetches: FetchReports::default(),
            updates: Arc::new(Updates::new(deps.config.api.updates.clone())),
            settings: Arc::new(CachedSettings::new(Arc::clone(&deps.clock))),
            log_limiter: Arc::default(),
            deps,
            secrets,
            account,
            skills,
            prober,
        }))
    }

    /// The API with an office of tickets, by which the bridge leads home.
    #[must_use]
    pub fn with_tickets(mut self, tickets: Option<Arc<dyn TicketOffice>>) -> Self {
        // A home behind the bridge serves renderers of what is chosen here.
        if tickets.is_some() {
            self.renderers.serves(Serving::AtHome);
        }
        Arc::make_mut(&mut self.0).tickets = tickets;
        self
    }

    /// The API of a server at home, whose state and secrets are in files that can be backed up.
    #[cfg(feature = "sqlite")]
    #[must_use]
    pub fn with_places(mut self, places: StatePlaces) -> Self {
        Arc::make_mut(&mut self.0).places = Some(Arc::new(places));
        self
    }

    /// Whether this is Home Assistant's add-on, where a person has no terminal and no variables.
    pub(crate) fn is_add_on(&self) -> bool {
        self.deps.config.api.ingress.is_some()
    }

    /// The files of a server at home; none in AWS.
    #[cfg(feature = "sqlite")]
    pub(crate) fn places(&self) -> Option<Arc<StatePlaces>> {
        self.places.clone()
    }

    /// The diagnostics of the whole set-up.
    #[must_use]
    pub fn doctor(&self) -> &Doctor {
        &self.doctor
    }

    /// The newer releases that are known.
    #[must_use]
    pub fn updates(&self) -> &Updates {
        &self.updates
    }

    /// Asks for the newest release, where it is time to.
    ///
    /// # Errors
    /// When the store does not answer.
    #[cfg(feature = "server")]
    pub async fn look_for_release(&self, question: &crate::updates::ReleaseQuery) -> Result<(), StoreError> {
        question.ask_if_due(&self.updates, self.deps.store.as_ref(), self.clock().now()).await
    }

    /// The session of the Amazon account.
    #[must_use]
    pub fn session(&self) -> &SessionManager {
        self.account.session()
    }

    /// The states of the devices as live events tell them.
    #[must_use]
    pub fn live(&self) -> &LiveStates {
        self.account.live()
    }

    /// The reports of the renderers of this process.
    #[must_use]
    pub fn renderers(&self) -> &RendererReports {
        &self.renderers
    }

    /// The reports of the streams that the door of this process served.
    #[must_use]
    pub fn fetches(&self) -> &FetchReports {
        &self.fetches
    }

    /// The control that carries out what people ask of Music Assistant.
    #[cfg(feature = "music-assistant")]
    #[must_use]
    pub fn home_control(&self) -> &crate::home_control::HomeControl {
        &self.home_control
    }

    /// The task that hears live events; `dial` makes its connections. Only one process needs it.
    #[cfg(feature = "live")]
    #[must_use]
    pub fn listener(&self, dial: Arc<dyn crate::amazon::live::Dial>) -> crate::amazon::live::LiveListener {
        crate::amazon::live::LiveListener::new(&self.deps, self.account.clone(), dial)
    }

    /// Lets the set-up search the network for Music Assistant.
    #[cfg(feature = "music-assistant")]
    pub fn search_network(&self) {
        self.music_assistant.discovery().allow();
    }

    /// The queues of Music Assistant as its events tell them.
    #[cfg(feature = "music-assistant")]
    #[must_use]
    pub fn queues(&self) -> &crate::music_assistant::LiveQueues {
        self.music_assistant.live()
    }

    /// The task that hears Music Assistant's events. Only one process needs it.
    #[cfg(feature = "music-assistant")]
    #[must_use]
    pub fn follower(&self) -> crate::music_assistant::Follower {
        self.music_assistant.follower()
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

    /// Takes the names of rooms and playlists at home, and has the models of the skill learn what changed. Whether they are
    /// learning: then this is called again some seconds later.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn take_names(&self, names: &HomeNames) -> Result<bool, StoreError> {
        KnownNames::change(self.deps.store.as_ref(), |known| known.names.clone_from(names)).await?;
        Ok(self.skills.refresh_names().await.unwrap_or_else(|error| {
            tracing::debug!(%error, "the models of the skill do not learn the names at home");
            false
        }))
    }

    /// Changes the settings. This process sees them at once, others within [`SETTINGS`].
    pub(crate) async fn change_settings(&self, change: SettingsChange) -> Result<(), StoreError> {
        let settings = self.deps.store.change_settings(change).await?;
        self.settings.see(&settings).await;
        Ok(())
    }

    /// Deletes the last report of the doctor, which is about settings that have changed since.
    pub(crate) async fn forget_report(&self) -> Result<(), StoreError> {
        let store = self.deps.store.as_ref();
        if let Some(held) = store.document(Document::DoctorReport).await? {
            store.put_document(Document::DoctorReport, &Value::Null, Some(held.revision)).await?;
        }
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
