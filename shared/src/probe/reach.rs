//! Which addresses may be asked.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Which addresses may be asked from here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// Public ones alone, since behind the others are machines of the cloud.
    Public,
    /// Those of the home too.
    Anywhere,
}

impl Reach {
    /// Whether this address may be asked.
    #[must_use]
    pub fn allows(self, address: IpAddr) -> bool {
        match self {
            // The metadata of a cloud machine are behind link-local addresses, and nothing of a home is.
            Self::Anywhere => !is_link_local(address),
            Self::Public => is_public(address),
        }
    }
}

fn is_link_local(address: IpAddr) -> bool {
    match plain(address) {
        IpAddr::V4(address) => address.is_link_local(),
        IpAddr::V6(address) => address.is_unicast_link_local(),
    }
}

/// An IPv4 address that is written as an IPv6 one is what it stands for.
fn plain(address: IpAddr) -> IpAddr {
    address.to_canonical()
}

fn is_public(address: IpAddr) -> bool {
    match plain(address) {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => is_public_v6(address),
    }
}

/// IANA, IPv4 special-purpose address registry.
fn is_public_v4(address: Ipv4Addr) -> bool {
    let [first, second, third, _] = address.octets();
    !(address.is_private()
        || address.is_loopback()
        || address.is_link_local()
        || address.is_broadcast()
        || address.is_documentation()
        || address.is_multicast()
        || first == 0
        || first >= 240
        || (first == 100 && (64..128).contains(&second))
        || (first == 192 && second == 0 && third == 0)
        || (first == 198 && (18..20).contains(&second)))
}

/// IANA, IPv6 special-purpose address registry: what is not global unicast is not public, and of that neither
/// documentation nor what carries an IPv4 address inside.
fn is_public_v6(address: Ipv6Addr) -> bool {
    let [first, second, ..] = address.segments();
    let is_global = first & 0xe000 == 0x2000;
    let is_documentation = first == 0x2001 && second == 0x0db8;
    let is_special = first == 0x2001 && second < 0x0200;
    let is_tunnel = first == 0x2002;
    is_global && !is_documentation && !is_special && !is_tunnel
}
