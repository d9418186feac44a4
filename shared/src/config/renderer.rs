//! The variable of the renderers.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use super::env::{ConfigError, Env};

/// The address of renderers where no variable says it: in every network of the home.
const DEFAULT: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::UNSPECIFIED), 5002);

/// The address at which the Echos are offered as media renderers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RendererBind {
    /// Nowhere: `off`.
    Off,
    /// On this address.
    At(SocketAddr),
    /// On the usual address, unless another program has it.
    Usual(SocketAddr),
}

impl RendererBind {
    /// Reads `RENDERER_BIND`.
    ///
    /// # Errors
    /// When it is malformed.
    pub fn from_env(env: &Env) -> Result<Self, ConfigError> {
        let read = |text: &str| match text {
            "off" => Ok(Self::Off),
            address => address.parse().map(Self::At),
        };
        let read = |text: &str| read(text).map_err(|_| "it has to be IP:PORT or off");
        Ok(env.read("RENDERER_BIND", read)?.unwrap_or(Self::Usual(DEFAULT)))
    }
}
