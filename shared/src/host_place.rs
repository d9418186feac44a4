//! The place of a host: this machine, the home, the internet. A name is read by its text alone, and not resolved.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use url::{Host, Url};

/// Ends of host names that only a home network resolves.
const LOCAL_SUFFIXES: [&str; 9] =
    ["local", "localhost", "localdomain", "lan", "home", "internal", "intranet", "home.arpa", "fritz.box"];

/// Metadata services of cloud machines by IPv4 that no range holds: Alibaba Cloud and Oracle Cloud.
const METADATA_V4: [Ipv4Addr; 2] = [Ipv4Addr::new(100, 100, 100, 200), Ipv4Addr::new(192, 0, 0, 192)];

/// The metadata service of AWS by IPv6.
const METADATA_V6: Ipv6Addr = Ipv6Addr::new(0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x254);

/// Place of a host, for a machine that connects to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum HostPlace {
    /// The connecting machine itself.
    ThisMachine,
    /// A private network: that of the home, or one of a VPN or a provider.
    Home,
    /// The metadata service of a cloud machine, which gives out credentials. All link-local addresses count, since a home
    /// has none that a person enters.
    CloudMachine,
    /// Several machines at once: multicast and broadcast.
    Multicast,
    /// No machine: addresses for documentation, for tests and for later.
    Reserved,
    /// The internet.
    Public,
}

impl HostPlace {
    /// The place of the host of a URL.
    pub(crate) fn of(host: &Host<&str>) -> Self {
        match host {
            Host::Ipv4(address) => Self::of_address((*address).into()),
            Host::Ipv6(address) => Self::of_address((*address).into()),
            Host::Domain(name) => of_name(name),
        }
    }

    /// The place of an address.
    pub(crate) fn of_address(address: IpAddr) -> Self {
        match plain(address) {
            IpAddr::V4(plain) => match (of_v4(plain), address) {
                // No machine of the internet is reached by this form.
                (Self::Public, IpAddr::V6(address)) if is_compatible(address) => Self::Reserved,
                (place, _) => place,
            },
            IpAddr::V6(plain) => of_v6(plain),
        }
    }
}

/// Whether a URL surely leads to this machine. [`HostPlace::ThisMachine`] are those that may.
pub(crate) fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        Some(Host::Domain(name)) => name == "localhost",
        None => false,
    }
}

fn of_name(name: &str) -> HostPlace {
    let name = name.trim_end_matches('.').to_ascii_lowercase();
    let is_below = |suffix: &&str| name.strip_suffix(*suffix).is_some_and(|rest| rest.ends_with('.'));
    let is_local =
        !name.contains('.') || LOCAL_SUFFIXES.iter().any(is_below) || LOCAL_SUFFIXES.contains(&name.as_str());
    if !is_local {
        HostPlace::Public
    } else if matches!(&*name, "" | "localdomain") || name.split('.').any(|part| part == "localhost") {
        HostPlace::ThisMachine
    } else {
        HostPlace::Home
    }
}

/// The IPv4 address behind an IPv6 address that stands for it; else the address itself. Such an address is mapped
/// (`::ffff:0:0/96`), compatible (`::/96`), translated (NAT64, `64:ff9b::/96`, RFC 6052) or tunnelled (6to4, `2002::/16`,
/// RFC 3056).
fn plain(address: IpAddr) -> IpAddr {
    let IpAddr::V6(v6) = address.to_canonical() else {
        return address.to_canonical();
    };
    let octets = v6.octets();
    let v4 = |at: usize| Ipv4Addr::new(octets[at], octets[at + 1], octets[at + 2], octets[at + 3]).into();
    match v6.segments() {
        _ if is_compatible(v6) => v4(12),
        [0x64, 0xff9b, 0, 0, 0, 0, ..] => v4(12),
        [0x2002, ..] => v4(2),
        _ => v6.into(),
    }
}

/// Whether an address is a deprecated IPv4-compatible one (RFC 4291, 2.5.5.1): neither `::` nor `::1`.
fn is_compatible(address: Ipv6Addr) -> bool {
    matches!(address.segments(), [0, 0, 0, 0, 0, 0, high, low] if high != 0 || low > 1)
}

/// The place of an IPv4 address (IANA, IPv4 special-purpose address registry).
fn of_v4(address: Ipv4Addr) -> HostPlace {
    match address.octets() {
        _ if address.is_link_local() || METADATA_V4.contains(&address) => HostPlace::CloudMachine,
        [0 | 127, ..] => HostPlace::ThisMachine,
        [100, 64..128, ..] => HostPlace::Home,
        _ if address.is_private() => HostPlace::Home,
        _ if address.is_multicast() || address.is_broadcast() => HostPlace::Multicast,
        [240..=255, ..] | [192, 0, 0, _] | [198, 18..20, ..] => HostPlace::Reserved,
        _ if address.is_documentation() => HostPlace::Reserved,
        _ => HostPlace::Public,
    }
}

/// The place of an IPv6 address that stands for no IPv4 one (IANA, IPv6 special-purpose address registry). Public is
/// global unicast without documentation and protocol assignments.
fn of_v6(address: Ipv6Addr) -> HostPlace {
    match address.segments() {
        _ if address.is_unicast_link_local() || address == METADATA_V6 => HostPlace::CloudMachine,
        _ if address.is_loopback() || address.is_unspecified() => HostPlace::ThisMachine,
        _ if address.is_unique_local() => HostPlace::Home,
        _ if address.is_multicast() => HostPlace::Multicast,
        [0x2001, 0x0db8 | 0..0x0200, ..] => HostPlace::Reserved,
        [0x2000..0x4000, ..] => HostPlace::Public,
        _ => HostPlace::Reserved,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Addresses, each with its place. Many of them stand next to a range of another one.
    const ADDRESSES: [(&str, HostPlace); 96] = [
        ("0.0.0.0", HostPlace::ThisMachine),
        ("0.255.255.255", HostPlace::ThisMachine),
        ("127.0.0.1", HostPlace::ThisMachine),
        ("::", HostPlace::ThisMachine),
        ("::1", HostPlace::ThisMachine),
        ("0.1.2.3", HostPlace::ThisMachine),
        ("127.255.255.255", HostPlace::ThisMachine),
        ("::127.0.0.1", HostPlace::ThisMachine),
        ("::ffff:127.0.0.1", HostPlace::ThisMachine),
        ("64:ff9b::127.0.0.1", HostPlace::ThisMachine),
        ("2002:7f00:1::", HostPlace::ThisMachine),
        ("::2", HostPlace::ThisMachine),
        ("10.0.0.1", HostPlace::Home),
        ("100.64.0.1", HostPlace::Home),
        ("100.100.100.201", HostPlace::Home),
        ("100.127.255.255", HostPlace::Home),
        ("172.16.0.1", HostPlace::Home),
        ("192.168.1.5", HostPlace::Home),
        ("::ffff:192.168.1.5", HostPlace::Home),
        ("64:ff9b::10.0.0.1", HostPlace::Home),
        ("64:ff9b::192.168.1.5", HostPlace::Home),
        ("2002:a00:1::1", HostPlace::Home),
        ("2002:c0a8:105::1", HostPlace::Home),
        ("fd00:ec2::255", HostPlace::Home),
        ("::192.168.1.5", HostPlace::Home),
        ("172.31.255.254", HostPlace::Home),
        ("fdff::1", HostPlace::Home),
        ("169.254.0.1", HostPlace::CloudMachine),
        ("169.254.169.254", HostPlace::CloudMachine),
        ("100.100.100.200", HostPlace::CloudMachine),
        ("192.0.0.192", HostPlace::CloudMachine),
        ("::ffff:169.254.169.254", HostPlace::CloudMachine),
        ("64:ff9b::a9fe:a9fe", HostPlace::CloudMachine),
        ("64:ff9b::100.100.100.200", HostPlace::CloudMachine),
        ("2002:6464:64c8::1", HostPlace::CloudMachine),
        ("2002:a9fe:a9fe::1", HostPlace::CloudMachine),
        ("fe80::1", HostPlace::CloudMachine),
        ("fd00:ec2::254", HostPlace::CloudMachine),
        ("::169.254.169.254", HostPlace::CloudMachine),
        ("febf::1", HostPlace::CloudMachine),
        ("::ffff:100.100.100.200", HostPlace::CloudMachine),
        ("224.0.0.1", HostPlace::Multicast),
        ("239.255.255.255", HostPlace::Multicast),
        ("255.255.255.255", HostPlace::Multicast),
        ("ff02::1", HostPlace::Multicast),
        ("::239.255.255.250", HostPlace::Multicast),
        ("192.0.0.1", HostPlace::Reserved),
        ("192.0.2.1", HostPlace::Reserved),
        ("198.18.0.1", HostPlace::Reserved),
        ("198.19.255.255", HostPlace::Reserved),
        ("198.51.100.1", HostPlace::Reserved),
        ("203.0.113.1", HostPlace::Reserved),
        ("240.0.0.0", HostPlace::Reserved),
        ("64:ff9b:1::1", HostPlace::Reserved),
        ("100::1", HostPlace::Reserved),
        ("2001::1", HostPlace::Reserved),
        ("2001:1ff::1", HostPlace::Reserved),
        ("2001:db8::1", HostPlace::Reserved),
        ("4000::1", HostPlace::Reserved),
        ("::8.8.8.8", HostPlace::Reserved),
        ("254.255.255.255", HostPlace::Reserved),
        ("255.255.255.254", HostPlace::Reserved),
        ("fec0::1", HostPlace::Reserved),
        ("2001:db8:ffff::1", HostPlace::Reserved),
        ("::ffff:198.18.0.1", HostPlace::Reserved),
        ("192.0.0.191", HostPlace::Reserved),
        ("192.0.0.193", HostPlace::Reserved),
        ("1.0.0.0", HostPlace::Public),
        ("9.255.255.255", HostPlace::Public),
        ("11.0.0.0", HostPlace::Public),
        ("100.63.255.255", HostPlace::Public),
        ("100.128.0.0", HostPlace::Public),
        ("99.64.0.1", HostPlace::Public),
        ("172.32.0.0", HostPlace::Public),
        ("192.0.1.1", HostPlace::Public),
        ("192.1.0.1", HostPlace::Public),
        ("193.0.0.1", HostPlace::Public),
        ("192.167.255.255", HostPlace::Public),
        ("197.18.0.1", HostPlace::Public),
        ("198.17.255.255", HostPlace::Public),
        ("198.20.0.0", HostPlace::Public),
        ("199.18.0.1", HostPlace::Public),
        ("223.255.255.255", HostPlace::Public),
        ("8.8.8.8", HostPlace::Public),
        ("::ffff:8.8.8.8", HostPlace::Public),
        ("64:ff9b::8.8.8.8", HostPlace::Public),
        ("2000::1", HostPlace::Public),
        ("2001:200::1", HostPlace::Public),
        ("2001:db7::1", HostPlace::Public),
        ("2001:db9::1", HostPlace::Public),
        ("2002:808:808::1", HostPlace::Public),
        ("2003:1::1", HostPlace::Public),
        ("2003:db8::1", HostPlace::Public),
        ("2606:4700::1111", HostPlace::Public),
        ("3fff:ffff::1", HostPlace::Public),
        ("2400::1", HostPlace::Public),
    ];

    #[test]
    fn an_address_has_its_place() {
        for (text, place) in ADDRESSES {
            assert_eq!(HostPlace::of_address(text.parse().unwrap()), place, "{text}");
            let url = if text.contains(':') { format!("http://[{text}]") } else { format!("http://{text}") };
            assert_eq!(HostPlace::of(&Url::parse(&url).unwrap().host().unwrap()), place, "{url}");
        }
    }

    #[test]
    fn a_name_has_its_place() {
        for (name, place) in [
            ("", HostPlace::ThisMachine),
            (".", HostPlace::ThisMachine),
            ("localhost", HostPlace::ThisMachine),
            ("LOCALHOST.", HostPlace::ThisMachine),
            ("a.localhost", HostPlace::ThisMachine),
            ("localdomain", HostPlace::ThisMachine),
            ("localhost.localdomain", HostPlace::ThisMachine),
            ("localhost.lan", HostPlace::ThisMachine),
            ("nas", HostPlace::Home),
            ("nas.local.", HostPlace::Home),
            ("nas.Fritz.Box", HostPlace::Home),
            ("nas.localdomain", HostPlace::Home),
            ("home.arpa", HostPlace::Home),
            ("mylocalhost", HostPlace::Home),
            ("music.example.com", HostPlace::Public),
            ("localhost.example.com", HostPlace::Public),
            ("fritz.box.example.com", HostPlace::Public),
            ("notlocal.notlan", HostPlace::Public),
        ] {
            assert_eq!(HostPlace::of(&Host::Domain(name)), place, "{name}");
        }
    }

    #[test]
    fn loopback_is_surely_this_machine() {
        for (url, is_surely) in [
            ("http://localhost:5000", true),
            ("http://127.0.0.2", true),
            ("http://[::1]", true),
            ("http://0.0.0.0", false),
            ("http://a.localhost", false),
            ("http://localhost.", false),
            ("http://192.168.1.5", false),
            ("data:text/plain,", false),
        ] {
            assert_eq!(is_loopback(&Url::parse(url).unwrap()), is_surely, "{url}");
        }
    }
}
