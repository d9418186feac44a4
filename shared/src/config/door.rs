//! The variables of the door.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use super::address::Origin;
use super::env::{ConfigError, Env};

/// The port of the door where no variable says it.
pub(super) const DOOR_PORT: u16 = 5001;

/// The address of the door where no variable says it.
const DEFAULT: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), DOOR_PORT);

/// The address of the door's listener.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DoorBind {
    /// Nowhere: `off`.
    Off,
    /// On this address.
    At(SocketAddr),
    /// On the usual address, unless another program has it.
    Usual(SocketAddr),
}

/// The address of the door, and that of what it fetches.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DoorConfig {
    /// `DOOR_BIND`.
    pub bind: DoorBind,
    /// `MA_STREAM_ORIGIN`: where it fetches streams and pictures.
    pub origin: Option<Origin>,
}

impl DoorBind {
    /// The address; none where the door is off.
    #[must_use]
    pub fn address(self) -> Option<SocketAddr> {
        match self {
            Self::Off => None,
            Self::At(address) | Self::Usual(address) => Some(address),
        }
    }
}

impl DoorConfig {
    /// Reads the variables.
    ///
    /// # Errors
    /// When one of them is malformed.
    pub fn from_env(env: &Env) -> Result<Self, ConfigError> {
        let read = |text: &str| match text {
            "off" => Ok(DoorBind::Off),
            address => address.parse().map(DoorBind::At),
        };
        let read = |text: &str| read(text).map_err(|_| "it has to be IP:PORT or off");
        Ok(Self {
            bind: env.read("DOOR_BIND", read)?.unwrap_or(DoorBind::Usual(DEFAULT)),
            origin: env.read("MA_STREAM_ORIGIN", Origin::parse)?,
        })
    }
}
