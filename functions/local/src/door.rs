//! The door: its listeners, with `ma-alexa serve` and alone.

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, bail};
use ma_alexa::app;
use ma_alexa::certificates::{self, CertificateServices, Certificates, DynamicAddress};
use ma_alexa::clock::{Clock as _, Moment, SystemClock, SystemRandom};
use ma_alexa::config::{
    CertificateConfig, DoorBind, DoorConfig, DoorSecret, Env, SecretsUrl, TrustedProxies,
};
use ma_alexa::door::{
    self, DoorCertificateRecord, DoorHealth, DoorLimits, DoorServices, FixedSource, HomeHosts, NoEvents,
};
use ma_alexa::grant::GrantKeys;
use ma_alexa::secrets::FileSecrets;
use ma_alexa::server::{self, Limits, Listener, ServerOptions};
use ma_alexa::store::{Document, Store, note_document};
use ma_alexa::telemetry::{LogLimiter, Metrics};
use tokio::net::TcpListener;
use tokio::task::JoinSet;

use crate::stops::Stops;
use crate::{network, serve};

/// Time after which an unchanged outcome of an order is stored again, so that the doctor knows that it still holds.
const STORE_AGAIN: Duration = Duration::from_hours(1);

/// Time between two looks at what changes by itself.
const LOOK: Duration = Duration::from_mins(1);

/// The listeners of the door, which are bound.
pub(crate) struct Door {
    listeners: Vec<Listener>,
    secret: Option<DoorSecret>,
}

impl Door {
    /// Binds what the variables name: `DOOR_BIND`, and with a certificate `DOOR_TLS_BIND` and `DOOR_LAN_BIND`.
    /// Where there is a store, it gets the outcome of each order of the certificate.
    pub(crate) async fn open(
        env: &Env,
        config: &DoorConfig,
        store: Option<Arc<dyn Store>>,
    ) -> anyhow::Result<Self> {
        let secret = DoorSecret::from_env(env)?;
        let mut listeners = Vec::new();
        if let Some(listener) = listen_at_door(config.bind).await? {
            tracing::info!(bind = %listener.local_addr()?, "serving the door");
            listeners.push(Listener::from(listener));
        }
        if let Some(certificate) = CertificateConfig::from_env(env)? {
            listeners.extend(listen_with_tls(env, certificate, store).await?);
        }
        Ok(Self { listeners, secret })
    }

    /// The ports of its listeners.
    pub(crate) fn ports(&self) -> impl Iterator<Item = u16> {
        self.listeners.iter().filter_map(|listener| Some(listener.local_addr().ok()?.port()))
    }

    /// Serves `routes` on all listeners until a signal stops them.
    pub(crate) async fn serve(
        self,
        routes: axum::Router,
        options: impl Fn(Limits) -> ServerOptions,
        stops: &Stops,
    ) {
        let routes = match self.secret {
            Some(secret) => app::require_door_secret(secret, routes),
            None => routes,
        };
        let mut served: JoinSet<()> = self
            .listeners
            .into_iter()
            .map(|listener| {
                server::serve(listener, routes.clone(), options(Limits::door()), stops.receiver())
            })
            .collect();
        while served.join_next().await.is_some() {}
    }
}

/// `ma-alexa door`: serves streams and pictures alone, by what the variables say, until a signal stops it.
pub(crate) async fn serve(env: &Env) -> anyhow::Result<()> {
    let stops = Stops::listen()?;
    let config = DoorConfig::from_env(env)?;
    let proxies = TrustedProxies::from_env(env)?;
    let keys = GrantKeys::from_env(env)?
        .context("GRANT_KEYS is unset: set it to the keys of the program that answers Alexa")?;
    let origin = config
        .origin
        .clone()
        .context("MA_STREAM_ORIGIN is unset: set it to the address of Music Assistant's streams")?;
    if config.bind == DoorBind::Off && CertificateConfig::from_env(env)?.is_none() {
        bail!("DOOR_BIND is off: give it an address, such as DOOR_BIND=127.0.0.1:5001");
    }
    let log_limiter = Arc::new(LogLimiter::default());
    // Alone it is nothing without its address.
    let bind = match config.bind {
        DoorBind::Usual(address) => DoorBind::At(address),
        chosen => chosen,
    };
    let door = Door::open(env, &DoorConfig { bind, ..config }, None).await?;
    let hosts = HomeHosts::new(door.ports().collect());
    let routes = door::router(alone(FixedSource::new(keys, origin), hosts, &log_limiter))?;
    tokio::spawn(serve::report_kept_back(Arc::clone(&log_limiter)));
    let options = |limits| ServerOptions {
        limits,
        proxies: proxies.clone(),
        log_limiter: Arc::clone(&log_limiter),
        clock: Arc::new(SystemClock),
    };
    door.serve(routes, options, &stops).await;
    log_limiter.report_all();
    Ok(())
}

fn alone(source: FixedSource, media: HomeHosts, log_limiter: &Arc<LogLimiter>) -> DoorServices {
    let source = Arc::new(source);
    DoorServices {
        keys: Arc::clone(&source) as _,
        origins: Arc::clone(&source) as _,
        media: Arc::new(media),
        alexa: None,
        tone: app::tones(source, Arc::new(SystemClock)),
        limits: DoorLimits::default(),
        clock: Arc::new(SystemClock),
        metrics: Arc::new(Metrics::disabled()),
        log_limiter: Arc::clone(log_limiter),
        health: Arc::new(DoorHealth::default()),
        events: Arc::new(NoEvents),
    }
}

/// Listens where the door is to; none where it is off. A taken port keeps it closed where the variable is unset: all
/// else works without it.
async fn listen_at_door(bind: DoorBind) -> anyhow::Result<Option<TcpListener>> {
    Ok(match bind {
        DoorBind::Off => None,
        DoorBind::At(address) => Some(serve::listen("DOOR_BIND", address).await?),
        DoorBind::Usual(address) => {
            let listener = serve::listen("DOOR_BIND", address).await;
            listener.inspect_err(|error| tracing::warn!("the door stays closed: {error:#}")).ok()
        }
    })
}

/// The listeners with the certificate, which is looked after from now on.
async fn listen_with_tls(
    env: &Env,
    config: CertificateConfig,
    store: Option<Arc<dyn Store>>,
) -> anyhow::Result<Vec<Listener>> {
    let SecretsUrl::File(folder) = SecretsUrl::from_env(env)? else {
        bail!("a certificate is kept in files: set SECRETS_URL=file:FOLDER, or unset DOOR_NAME");
    };
    let mut bound = Vec::new();
    for (variable, address) in [("DOOR_TLS_BIND", config.tls_bind), ("DOOR_LAN_BIND", config.lan_bind)] {
        let Some(address) = address else { continue };
        let listener = serve::listen(variable, address).await?;
        tracing::info!(bind = %listener.local_addr()?, name = %config.name, "serving the door over TLS");
        bound.push(listener);
    }
    let is_at_home = config.lan_bind.is_some() && config.tls_bind.is_none();
    let services = CertificateServices::new(
        &config,
        Arc::new(FileSecrets::new(folder)),
        Arc::new(SystemClock),
        Arc::new(SystemRandom),
    )?;
    let certificates = certificates::start(config, services).await?;
    if let Some(store) = store {
        tokio::spawn(record_orders(Arc::clone(&certificates), store));
    }
    if let Some(record) = certificates.dynamic_address().filter(|_| is_at_home) {
        tokio::spawn(follow_own_address(record));
    }
    Ok(bound.into_iter().map(|listener| Listener::with_tls(listener, tls_of(&certificates))).collect())
}

fn tls_of(certificates: &Certificates) -> Arc<rustls::ServerConfig> {
    certificates.tls()
}

/// Stores whether the last order failed, whenever that changes and once an hour, for the doctor.
async fn record_orders(certificates: Arc<Certificates>, store: Arc<dyn Store>) {
    let mut last = None;
    loop {
        let now = SystemClock.moment();
        let status = certificates.status();
        let code = status.last_error.as_ref().map(|error| error.code.as_str().to_owned());
        let is_known = |(known, at): &(_, Moment)| *known == code && now.since(*at) < STORE_AGAIN;
        if !last.as_ref().is_some_and(is_known) {
            let cause = status.last_error.map(|error| error.cause).unwrap_or_default();
            let record =
                DoorCertificateRecord { name: status.name, code: code.clone(), cause, at: now.wall() };
            match note_document(store.as_ref(), Document::DoorCertificate, &record, |_| false).await {
                Ok(()) => last = Some((code, now)),
                Err(error) => tracing::warn!(%error, "the state of the certificate could not be stored"),
            }
        }
        tokio::time::sleep(LOOK).await;
    }
}

/// Leads the name to this machine's address at home, whenever that changes.
async fn follow_own_address(record: DynamicAddress) {
    loop {
        if let Some(address) = network::own_address()
            && let Err(error) = record.set(address).await
        {
            tracing::warn!(%error, "the name of the door does not follow the address of this machine");
        }
        tokio::time::sleep(LOOK).await;
    }
}
