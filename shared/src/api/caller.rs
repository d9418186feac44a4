//! The address of a caller.

use std::fmt;
use std::net::IpAddr;

/// The address that a request comes from, in its extensions. It is the socket's, behind a proxy of `TRUSTED_PROXIES`
/// the one that the proxy names, and in AWS the event's `sourceIp`. Absent where the main knows none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct CallerAddress(pub IpAddr);

/// Marks the answer to a caller with valid credentials. Of all others, log lines and metrics are bounded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Proven;

/// Marks the answer of a page, of which a browser gets many: its log line is for debugging unless it is an error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct OfPage;

impl CallerAddress {
    /// The network that a limit counts as one caller: an IPv4 address, or the /64 network of an IPv6 address.
    #[must_use]
    pub fn network(self) -> IpAddr {
        match self.0.to_canonical() {
            IpAddr::V6(address) => IpAddr::V6((address.to_bits() >> 64 << 64).into()),
            address @ IpAddr::V4(_) => address,
        }
    }
}

impl fmt::Display for CallerAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
