//! The certificate of the door over time: loaded, ordered, renewed.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use rustls::ServerConfig;
use tokio::sync::Mutex as AsyncMutex;

use super::authority::Authority;
use super::issued::IssuedCertificate;
use super::order::Orders;
use super::proof::Prover;
use super::records::DynamicAddress;
use super::schedule::{Attempts, Jitter, next_attempt, renewal_at, within};
use super::served::{ListenerCertificates, server_config};
use super::status::{CertificateStatus, LastError};
use super::store::{Items, StoredCertificate};
use super::web::{self, CertificateSetupError};
use super::{CertificateServices, FailureCode, OrderError};
use crate::clock::Timestamp;
use crate::config::CertificateConfig;
use crate::host_place::is_loopback;

/// Longest time between two looks at the clock: it may be set, and the machine may sleep.
const LOOK: Duration = Duration::from_mins(1);
/// Shortest time between two looks.
const REST: Duration = Duration::from_secs(1);

/// Time between two questions of when the authority wants a renewal, where it gives none, and the bounds where it does.
const ASK_AGAIN: Duration = Duration::from_hours(6);
const ASK_AGAIN_BOUNDS: (Duration, Duration) = (Duration::from_hours(1), Duration::from_hours(24));

/// The certificate of one name: ordered when there is none, renewed in time, and served by TLS all the while.
#[derive(Debug)]
pub struct Certificates {
    config: CertificateConfig,
    services: CertificateServices,
    authority: Authority,
    served: Arc<ListenerCertificates>,
    prover: Prover,
    tls: Arc<ServerConfig>,
    /// Locked during an order.
    state: AsyncMutex<State>,
    status: Mutex<CertificateStatus>,
}

#[derive(Debug, Default)]
struct State {
    is_loaded: bool,
    issued: Option<IssuedCertificate>,
    attempts: Attempts,
    last_error: Option<OrderError>,
    /// When the authority wants a renewal, if it says so.
    suggested: Option<Timestamp>,
    /// When it is asked for that again.
    ask_at: Timestamp,
}

impl State {
    fn next(&self, now: Timestamp) -> Timestamp {
        let due = self.issued.as_ref().map(|issued| renewal_at(issued.facts.validity, self.attempts.jitter));
        let due = due.map_or(now, |due| self.suggested.map_or(due, |suggested| due.min(suggested)));
        next_attempt(now, due, &self.attempts)
    }
}

impl Certificates {
    /// The certificate that `config` describes, before anything is loaded.
    ///
    /// # Errors
    /// When the HTTP client or TLS cannot be built.
    pub fn new(
        config: CertificateConfig,
        services: CertificateServices,
    ) -> Result<Self, CertificateSetupError> {
        let roots = web::roots(config.ca_bundle.as_deref())?;
        let client = web::client(roots, is_loopback(&config.directory), services.request_limit)?;
        let authority = Authority::new(client, Arc::clone(&services.clock));
        let served = Arc::new(ListenerCertificates::default());
        let tls = server_config(Arc::clone(&served))
            .map_err(|error| CertificateSetupError::Tls(error.to_string()))?;
        let prover = Prover::new(config.challenge, &served, services.records.as_ref());
        let status = Mutex::new(CertificateStatus {
            name: config.name.to_string(),
            not_after: None,
            last_error: None,
            next_attempt: services.clock.now(),
        });
        let (tls, state) = (Arc::new(tls), AsyncMutex::default());
        Ok(Self { config, services, authority, served, prover, tls, state, status })
    }

    /// The configuration of TLS, for [`crate::server::Listener::with_tls`]: it shows the certificate of the moment.
    #[must_use]
    pub fn tls(&self) -> Arc<ServerConfig> {
        Arc::clone(&self.tls)
    }

    /// The state, for pages and the doctor.
    #[must_use]
    pub fn status(&self) -> CertificateStatus {
        self.status.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The address records of the name; none without `DNS_PROVIDER`.
    #[must_use]
    pub fn dynamic_address(&self) -> Option<DynamicAddress> {
        let records = self.services.records.as_ref()?;
        Some(DynamicAddress::new(Arc::clone(&records.provider), self.config.name.to_string()))
    }

    /// Orders and renews for ever.
    pub async fn run(self: Arc<Self>) {
        loop {
            let next = self.step().await;
            let wait = next.since(self.services.clock.now()).clamp(REST, LOOK);
            tokio::time::sleep(wait).await;
        }
    }

    /// Does what is due, and returns when there is more to do.
    pub async fn step(&self) -> Timestamp {
        let mut state = self.state.lock().await;
        let now = self.services.clock.now();
        if let Err(error) = self.load(&mut state).await {
            // Each look tries again; only the first failure of a kind is logged.
            self.fail(&mut state, error);
            return self.show_status(&state);
        }
        self.ask(&mut state).await;
        if state.next(now) <= now {
            self.attempt(&mut state, now).await;
        }
        self.show_status(&state)
    }

    /// Loads what earlier processes left, so that the first handshake finds it.
    pub async fn begin(&self) {
        let mut state = self.state.lock().await;
        if let Err(error) = self.load(&mut state).await {
            self.fail(&mut state, error);
        }
        self.show_status(&state);
    }

    /// Loads what earlier processes left, once. A certificate for another name or of another authority is not used.
    async fn load(&self, state: &mut State) -> Result<(), OrderError> {
        if state.is_loaded {
            return Ok(());
        }
        let items = self.items();
        let (stored, attempts) = (items.certificate().await?, items.attempts().await?);
        // A restart may mean that the cause of the failures is mended; how many orders there were still counts.
        state.attempts = Attempts { failures: 0, failed_at: None, ..attempts };
        let is_ours = |stored: &StoredCertificate| {
            stored.name == self.config.name.to_string() && stored.directory == self.config.directory.as_str()
        };
        if let Some(stored) = stored.filter(is_ours) {
            match IssuedCertificate::read(&stored, &self.config.name) {
                Ok(issued) => {
                    self.served.show(Arc::clone(&issued.key));
                    state.issued = Some(issued);
                }
                Err(error) => tracing::warn!(%error, "the kept certificate is not used, and ordered again"),
            }
        }
        state.last_error = None;
        state.is_loaded = true;
        Ok(())
    }

    /// Asks the authority when it wants a renewal, now and then. It wants one at once for what it revoked (RFC 9773,
    /// section 4.2).
    async fn ask(&self, state: &mut State) {
        let now = self.services.clock.now();
        let is_asked = state.ask_at.since(now) > ASK_AGAIN_BOUNDS.1 || state.ask_at <= now;
        let Some(issued) = state.issued.as_ref().filter(|_| is_asked) else { return };
        let window = self.orders().renewal_window(issued).await;
        let window = window.inspect_err(|error| tracing::debug!(%error, "no time of renewal is read"));
        let mut ask_again = ASK_AGAIN;
        if let Ok(Some((window, again))) = window {
            ask_again = again.clamp(ASK_AGAIN_BOUNDS.0, ASK_AGAIN_BOUNDS.1);
            state.suggested = Some(within(window, state.attempts.jitter));
        }
        state.ask_at = now.plus(ask_again);
    }

    async fn attempt(&self, state: &mut State, now: Timestamp) {
        state.attempts.begin(now);
        // An order that is not remembered would be made again by each restart.
        let ordered = match self.items().save_attempts(&state.attempts).await {
            Ok(()) => self.orders().place().await,
            Err(error) => Err(error),
        };
        match ordered {
            Ok((stored, issued)) => self.take(state, &stored, issued).await,
            Err(error) => self.fail(state, error),
        }
        if let Err(error) = self.items().save_attempts(&state.attempts).await {
            tracing::warn!(%error, "the time of the last order cannot be kept");
        }
    }

    /// Serves a new certificate, and keeps it.
    async fn take(&self, state: &mut State, stored: &StoredCertificate, issued: IssuedCertificate) {
        self.served.show(Arc::clone(&issued.key));
        let saved = self.items().save_certificate(stored).await;
        let (now, validity) = (self.services.clock.now(), issued.facts.validity);
        let until = validity.not_after.rfc3339();
        tracing::info!(certificate.name = %self.config.name, certificate.not_after = until, "a new certificate");
        (state.issued, state.suggested) = (Some(issued), None);
        state.ask_at = now.plus(ASK_AGAIN);
        let jitter = self.jitter();
        if renewal_at(validity, jitter) > now {
            state.attempts.succeed(jitter);
        } else {
            // By a clock that is ahead each new one is old: it is not ordered again and again.
            state.attempts.fail(now, None, jitter);
        }
        state.last_error = saved.err().or_else(|| {
            let cause =
                format!("it ended on {until} by the clock of this machine: see whether that is right");
            (validity.not_after <= now).then(|| OrderError::new(FailureCode::CertificateUnusable, &cause))
        });
        if let Some(error) = &state.last_error {
            tracing::error!(%error, "the new certificate is served, with a doubt");
        }
    }

    fn fail(&self, state: &mut State, error: OrderError) {
        if state.last_error.as_ref() != Some(&error) {
            tracing::error!(
                certificate.name = %self.config.name,
                error.code = error.code.as_str(),
                %error,
                "there is no new certificate, and the earlier one stays"
            );
        }
        state.attempts.fail(self.services.clock.now(), error.retry_after, self.jitter());
        state.last_error = Some(error);
    }

    fn show_status(&self, state: &State) -> Timestamp {
        let next_attempt = state.next(self.services.clock.now());
        let mut status = self.status.lock().unwrap_or_else(PoisonError::into_inner);
        status.not_after = state.issued.as_ref().map(|issued| issued.facts.validity.not_after);
        status.last_error = state.last_error.as_ref().map(LastError::from);
        status.next_attempt = next_attempt;
        next_attempt
    }

    fn jitter(&self) -> Jitter {
        let mut bytes = [0; 2];
        // Without randomness there is no jitter.
        let _ = self.services.random.fill(&mut bytes);
        Jitter(u16::from_ne_bytes(bytes))
    }

    fn items(&self) -> Items<'_> {
        Items(self.services.store.as_ref())
    }

    fn orders(&self) -> Orders<'_> {
        Orders { config: &self.config, items: self.items(), authority: &self.authority, prover: &self.prover }
    }
}
