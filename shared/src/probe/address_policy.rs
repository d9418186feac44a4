//! Rules for the addresses that a probe may reach.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use url::Url;

/// The addresses that a probe may reach.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AddressPolicy {
    /// Public addresses alone: others are machines of the cloud that runs this program.
    Public,
    /// Public addresses and those of the home, without the metadata services of cloud machines.
    Anywhere,
}

impl AddressPolicy {
    /// Whether a probe may reach this address.
    pub(crate) fn allows(self, address: IpAddr) -> bool {
        match self {
            Self::Anywhere => !is_of_cloud_machine(plain(address)),
            Self::Public => is_public(plain(address)),
        }
    }
}

/// Whether the host of a URL is public, by its text: a name is not resolved.
pub(crate) fn has_public_host(url: &Url) -> bool {
    url.host().is_some_and(|host| crate::playback::is_public(&host))
}

/// Whether a metadata service of a cloud machine has this address, which gives out credentials. All link-local addresses
/// count, since a home has none that a person enters. The single ones are AWS over IPv6, Alibaba Cloud and Oracle Cloud.
fn is_of_cloud_machine(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => {
            let others = [Ipv4Addr::new(100, 100, 100, 200), Ipv4Addr::new(192, 0, 0, 192)];
            address.is_link_local() || others.contains(&address)
        }
        IpAddr::V6(address) => {
            address.is_unicast_link_local() || address.segments() == [0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x254]
        }
    }
}

/// The IPv4 address behind an IPv6 address that stands for it; else the address itself. Such an address is mapped
/// (`::ffff:0:0/96`), translated (NAT64, `64:ff9b::/96`, RFC 6052) or tunnelled (6to4, `2002::/16`, RFC 3056).
fn plain(address: IpAddr) -> IpAddr {
    let IpAddr::V6(v6) = address.to_canonical() else {
        return address.to_canonical();
    };
    let octets = v6.octets();
    let v4 = |at: usize| Ipv4Addr::new(octets[at], octets[at + 1], octets[at + 2], octets[at + 3]).into();
    match v6.segments() {
        [0x64, 0xff9b, 0, 0, 0, 0, ..] => v4(12),
        [0x2002, ..] => v4(2),
        _ => v6.into(),
    }
}

fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => is_public_v6(address),
    }
}

/// Whether an IPv4 address is public (IANA, IPv4 special-purpose address registry).
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

/// Whether an IPv6 address is public (IANA, IPv6 special-purpose address registry): global unicast without documentation
/// and protocol assignments. [`plain`] has replaced addresses that stand for IPv4 ones before.
fn is_public_v6(address: Ipv6Addr) -> bool {
    let [first, second, ..] = address.segments();
    let is_global = first & 0xe000 == 0x2000;
    let is_documentation = first == 0x2001 && second == 0x0db8;
    let is_special = first == 0x2001 && second < 0x0200;
    is_global && !is_documentation && !is_special
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Addresses of the home, and reserved ones.
    const INTERNAL: [&str; 34] = [
        "0.0.0.0",
        "0.255.255.255",
        "10.0.0.1",
        "100.64.0.1",
        "100.100.100.201",
        "100.127.255.255",
        "127.0.0.1",
        "172.16.0.1",
        "192.0.0.1",
        "192.0.2.1",
        "192.168.1.5",
        "198.18.0.1",
        "198.19.255.255",
        "198.51.100.1",
        "203.0.113.1",
        "224.0.0.1",
        "239.255.255.255",
        "240.0.0.0",
        "255.255.255.255",
        "::",
        "::1",
        "::ffff:192.168.1.5",
        "64:ff9b::10.0.0.1",
        "64:ff9b::192.168.1.5",
        "64:ff9b:1::1",
        "100::1",
        "2001::1",
        "2001:1ff::1",
        "2001:db8::1",
        "2002:a00:1::1",
        "2002:c0a8:105::1",
        "4000::1",
        "fd00:ec2::255",
        "ff02::1",
    ];

    /// Public addresses, many of them next to an internal range.
    const PUBLIC: [&str; 28] = [
        "1.0.0.0",
        "9.255.255.255",
        "11.0.0.0",
        "100.63.255.255",
        "100.128.0.0",
        "99.64.0.1",
        "172.32.0.0",
        "192.0.1.1",
        "192.1.0.1",
        "193.0.0.1",
        "192.167.255.255",
        "197.18.0.1",
        "198.17.255.255",
        "198.20.0.0",
        "199.18.0.1",
        "223.255.255.255",
        "8.8.8.8",
        "::ffff:8.8.8.8",
        "64:ff9b::8.8.8.8",
        "2000::1",
        "2001:200::1",
        "2001:db7::1",
        "2001:db9::1",
        "2002:808:808::1",
        "2003:1::1",
        "2003:db8::1",
        "2606:4700::1111",
        "3fff:ffff::1",
    ];

    /// Addresses of metadata services.
    const METADATA: [&str; 11] = [
        "169.254.0.1",
        "169.254.169.254",
        "100.100.100.200",
        "192.0.0.192",
        "::ffff:169.254.169.254",
        "64:ff9b::a9fe:a9fe",
        "64:ff9b::100.100.100.200",
        "2002:6464:64c8::1",
        "2002:a9fe:a9fe::1",
        "fe80::1",
        "fd00:ec2::254",
    ];

    fn address(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn from_the_cloud_public_addresses_alone_are_allowed() {
        for text in PUBLIC {
            assert!(AddressPolicy::Public.allows(address(text)), "{text}");
        }
        for text in INTERNAL.iter().chain(&METADATA) {
            assert!(!AddressPolicy::Public.allows(address(text)), "{text}");
        }
    }

    #[test]
    fn from_a_home_all_but_metadata_services_is_allowed() {
        for text in PUBLIC.iter().chain(&INTERNAL) {
            assert!(AddressPolicy::Anywhere.allows(address(text)), "{text}");
        }
        for text in METADATA {
            assert!(!AddressPolicy::Anywhere.allows(address(text)), "{text}");
        }
    }
}
