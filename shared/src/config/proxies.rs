//! Proxies that may say for whom they call.

use std::net::IpAddr;

use super::env::{ConfigError, Env};

/// The proxies whose `X-Forwarded-*` headers count. Without any, the socket's address is the caller's.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TrustedProxies(Vec<Network>);

/// Addresses that share their first `bits` bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Network {
    address: IpAddr,
    bits: u8,
}

impl TrustedProxies {
    /// Reads `TRUSTED_PROXIES`: addresses or networks such as `172.16.0.0/12`, with commas between them.
    ///
    /// # Errors
    /// When one of them is neither.
    pub fn from_env(env: &Env) -> Result<Self, ConfigError> {
        let read = |text: &str| text.split(',').map(Network::parse).collect::<Result<Vec<_>, _>>();
        Ok(Self(env.read("TRUSTED_PROXIES", read)?.unwrap_or_default()))
    }

    /// These and one more.
    #[must_use]
    #[cfg(feature = "http")]
    pub(super) fn with(mut self, address: Option<IpAddr>) -> Self {
        self.0.extend(address.map(Network::of));
        self
    }

    /// Whether `address` is one of them. An IPv4 address that is written in IPv6 counts as what it is.
    #[must_use]
    pub fn contain(&self, address: IpAddr) -> bool {
        self.0.iter().any(|network| network.contains(address.to_canonical()))
    }
}

impl Network {
    /// The one address.
    #[cfg(feature = "http")]
    fn of(address: IpAddr) -> Self {
        Self { address, bits: if address.is_ipv4() { 32 } else { 128 } }
    }

    fn parse(text: &str) -> Result<Self, &'static str> {
        const WRONG: &str = "it has to be IP addresses or networks, with commas between them";
        let (address, bits) = match text.trim().split_once('/') {
            Some((address, bits)) => (address, Some(bits.parse::<u8>().map_err(|_| WRONG)?)),
            None => (text.trim(), None),
        };
        let address: IpAddr = address.parse().map_err(|_| WRONG)?;
        let all = if address.is_ipv4() { 32 } else { 128 };
        let bits = bits.unwrap_or(all);
        if bits == 0 || bits > all {
            return Err("a network has at least one bit, and not more than its addresses have");
        }
        Ok(Self { address, bits })
    }

    fn contains(self, other: IpAddr) -> bool {
        match (self.address, other) {
            (IpAddr::V4(own), IpAddr::V4(other)) => {
                (own.to_bits() ^ other.to_bits()).leading_zeros() >= u32::from(self.bits)
            }
            (IpAddr::V6(own), IpAddr::V6(other)) => {
                (own.to_bits() ^ other.to_bits()).leading_zeros() >= u32::from(self.bits)
            }
            _ => false,
        }
    }
}
