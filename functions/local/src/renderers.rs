//! The Echos as media renderers in the home.

use std::sync::Arc;

use ma_alexa::clock::{SystemClock, SystemRandom};
use ma_alexa::config::{RendererBind, TrustedHosts};
use ma_alexa::renderer_report::{RendererReports, Serving};
use ma_alexa::server::{self, ServerOptions};
use ma_alexa::upnp::{self, RendererList, SEARCH_PORT, SystemInterfaces, UpnpLimits, UpnpServices};
use tokio::net::TcpListener;

use crate::serve;
use crate::stops::Stops;

/// The listener of the renderers, which is bound; none where they are off.
pub(crate) struct Renderers {
    listener: Option<TcpListener>,
    serving: Serving,
    hosts: TrustedHosts,
}

impl Renderers {
    /// Binds the address of the renderers; `hosts` are names by which they may be called.
    pub(crate) async fn open(bind: RendererBind, hosts: TrustedHosts) -> anyhow::Result<Self> {
        let (listener, otherwise) = match bind {
            RendererBind::Off => (None, Serving::Off),
            RendererBind::At(address) => {
                (Some(serve::listen("RENDERER_BIND", address).await?), Serving::PortTaken(address))
            }
            RendererBind::Usual(address) => {
                let listener = serve::listen("RENDERER_BIND", address).await;
                let warn =
                    |error: &anyhow::Error| tracing::warn!("Echos are not offered as players: {error:#}");
                (listener.inspect_err(warn).ok(), Serving::PortTaken(address))
            }
        };
        let serving = match &listener {
            Some(listener) => Serving::At(listener.local_addr()?),
            None => otherwise,
        };
        if let Serving::At(address) = serving {
            tracing::info!(bind = %address, "serving renderers");
        }
        Ok(Self { listener, serving, hosts })
    }

    /// The port of the listener; none where there is none.
    pub(crate) fn port(&self) -> Option<u16> {
        Some(self.listener.as_ref()?.local_addr().ok()?.port())
    }

    /// Serves and announces renderers until a signal stops it. `offer` makes them, where they are served.
    pub(crate) async fn serve(
        self,
        reports: &RendererReports,
        offer: impl FnOnce() -> RendererList,
        options: ServerOptions,
        stops: &Stops,
    ) {
        reports.serves(self.serving);
        let Some(listener) = self.listener else { return };
        let Ok(address) = listener.local_addr() else { return };
        let upnp = Arc::new(UpnpServices {
            renderers: offer(),
            address,
            search_port: SEARCH_PORT,
            interfaces: Arc::new(SystemInterfaces),
            hosts: self.hosts,
            limits: UpnpLimits::default(),
            clock: Arc::new(SystemClock),
            random: Arc::new(SystemRandom),
            reports: reports.clone(),
            log_limiter: Arc::clone(&options.log_limiter),
        });
        let served = server::serve(listener, upnp::router(&upnp), options, stops.receiver());
        tokio::join!(served, upnp::discover(upnp, stops.receiver()));
    }
}
