//! UPnP media renderers, as a controller in the home finds and commands them: discovery, descriptions, actions and
//! events. It knows nothing of Alexa: what a renderer does is behind [`MediaRenderer`].
//!
//! [`router`] is served by any HTTP server that knows its peers, while [`discover`] makes it known in the network. A
//! renderer has no password, by its protocol, so peers of the home alone are answered.

mod actions;
mod description;
mod didl;
mod events;
mod guard;
mod media_renderer;
mod media_type;
mod model;
mod network;
mod registry;
mod routes;
mod services;
mod soap;
mod ssdp;
mod stream_address;
pub mod testing;
mod values;
mod xml;

use std::fmt;
use std::net::SocketAddr;
use std::sync::Arc;

pub use media_renderer::{
    ActionError, Identity, MediaRenderer, RendererList, RendererSnapshot, TransportState,
};
pub use network::{Interface, Interfaces, SystemInterfaces};
pub use routes::router;
pub use ssdp::{SEARCH_PORT, discover};

pub use crate::speakers::{MediaItem, RendererModel};

use crate::clock::{Clock, Random};
use crate::config::TrustedHosts;
use crate::renderer_report::RendererReports;
use crate::telemetry::LogLimiter;

/// System, protocol and program, as every message names them (UPnP Device Architecture 1.0, section 1.1.2).
const PRODUCT: &str = concat!("Linux UPnP/1.0 MusicAssistantForAlexa/", env!("CARGO_PKG_VERSION"));

/// The services of the renderers.
#[derive(Clone)]
pub struct UpnpServices {
    /// The renderers.
    pub renderers: RendererList,
    /// The address of the routes. An unspecified address stands for every private network of this machine.
    pub address: SocketAddr,
    /// The port of searches: [`SEARCH_PORT`], but in a test.
    pub search_port: u16,
    /// The interfaces of this machine.
    pub interfaces: Arc<dyn Interfaces>,
    /// Names by which the routes may be called, beside addresses and the name of this machine.
    pub hosts: TrustedHosts,
    /// The limits.
    pub limits: UpnpLimits,
    /// The time, of subscriptions and starts.
    pub clock: Arc<dyn Clock>,
    /// The randomness of ids and delays.
    pub random: Arc<dyn Random>,
    /// Notes who looks for the renderers.
    pub reports: RendererReports,
    /// Bounds the lines about what strangers cause.
    pub log_limiter: Arc<LogLimiter>,
}

impl UpnpServices {
    /// Writes a line that a stranger can cause.
    fn warn(&self, reason: &'static str) {
        if let Some(earlier) = self.log_limiter.admit(reason, self.clock.now()) {
            tracing::warn!(reason, earlier, "a renderer refuses");
        }
    }
}

impl fmt::Debug for UpnpServices {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UpnpServices").field("address", &self.address).finish_non_exhaustive()
    }
}

/// Limits of the renderers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UpnpLimits {
    /// Subscriptions to one renderer: a controller has up to three.
    pub subscriptions_per_renderer: usize,
    /// Subscriptions to all renderers.
    pub subscriptions: usize,
}

impl Default for UpnpLimits {
    fn default() -> Self {
        Self { subscriptions_per_renderer: 8, subscriptions: 64 }
    }
}
