//! The ingress of Home Assistant: its Supervisor passes on requests of people who are logged in there.

use std::net::{IpAddr, Ipv4Addr};

use super::env::{ConfigError, Env};

/// The Supervisor's address in every installation (Home Assistant developer documentation, "Presenting your add-on",
/// ingress).
const SUPERVISOR: IpAddr = IpAddr::V4(Ipv4Addr::new(172, 30, 32, 2));

/// The one address whose requests may come through ingress.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct IngressConfig {
    address: IpAddr,
}

impl IngressConfig {
    /// Reads `INGRESS` and `INGRESS_ADDRESS`; none where ingress is off.
    ///
    /// # Errors
    /// When one of them is malformed.
    pub fn from_env(env: &Env) -> Result<Option<Self>, ConfigError> {
        let address = env.read("INGRESS_ADDRESS", |text| {
            text.parse::<IpAddr>().map_err(|_| "it has to be an IP address")
        })?;
        let is_on = env.read("INGRESS", on_or_off)?.unwrap_or_default();
        let address = address.map_or(SUPERVISOR, |address| address.to_canonical());
        Ok(is_on.then_some(Self { address }))
    }

    /// The address of the Supervisor.
    #[must_use]
    pub fn address(&self) -> IpAddr {
        self.address
    }
}

pub(super) fn on_or_off(text: &str) -> Result<bool, &'static str> {
    match text {
        "on" => Ok(true),
        "off" => Ok(false),
        _ => Err("it has to be on or off"),
    }
}
