//! The networks of the home: addresses that may ask, and the interfaces of this machine.

use std::fmt;
use std::io;
use std::net::{IpAddr, Ipv4Addr};

use if_addrs::IfAddr;

/// An address of this machine in a network.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Interface {
    /// The name, such as `eth0`.
    pub name: String,
    /// The number that the system gives it.
    pub index: u32,
    /// The address.
    pub address: Ipv4Addr,
    /// Length of the network's prefix in bits, 0 to 32.
    pub prefix: u8,
}

impl Interface {
    /// Whether an address belongs to the network, and may be one of a machine in it.
    #[must_use]
    pub fn reaches(&self, address: Ipv4Addr) -> bool {
        let mask = u32::MAX.checked_shl(32 - u32::from(self.prefix.min(32))).unwrap_or(0);
        let (own, other) = (self.address.to_bits(), address.to_bits());
        let is_machine = self.prefix >= 31 || (other & !mask != 0 && other & !mask != !mask);
        own & mask == other & mask && is_machine
    }
}

/// Lists the interfaces of this machine.
pub trait Interfaces: fmt::Debug + Send + Sync {
    /// The IPv4 addresses of the interfaces that are up.
    ///
    /// # Errors
    /// When the system does not tell them.
    fn list(&self) -> io::Result<Vec<Interface>>;
}

/// The interfaces that the system has.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemInterfaces;

impl Interfaces for SystemInterfaces {
    fn list(&self) -> io::Result<Vec<Interface>> {
        let up = if_addrs::get_if_addrs()?.into_iter().filter(if_addrs::Interface::is_oper_up);
        let v4 = up.filter_map(|interface| {
            let IfAddr::V4(address) = interface.addr else { return None };
            Some(Interface {
                name: interface.name,
                index: interface.index?,
                address: address.ip,
                prefix: u8::try_from(address.netmask.to_bits().leading_ones()).ok()?,
            })
        });
        Ok(v4.collect())
    }
}

/// Whether an address is one of a home or of this machine itself: no other is answered.
pub(super) fn is_of_home(address: IpAddr) -> bool {
    match address.to_canonical() {
        IpAddr::V4(address) => address.is_private() || address.is_loopback(),
        IpAddr::V6(address) => address.is_unique_local() || address.is_loopback(),
    }
}

/// The interfaces on which renderers are offered: those of a home, or the one with the address that is listened on.
pub(super) fn offered_on(all: Vec<Interface>, bound: IpAddr) -> Vec<Interface> {
    let is_offered = |interface: &Interface| {
        if bound.is_unspecified() { interface.address.is_private() } else { bound == interface.address }
    };
    all.into_iter().filter(is_offered).collect()
}

/// Whether events for `asker` may go to `callback`: its own address, or one of its private network. Anything else would
/// let a stranger send requests of ours to a third machine (CVE-2020-12695).
pub(super) fn may_call_back(callback: Ipv4Addr, asker: IpAddr, interfaces: &[Interface]) -> bool {
    let IpAddr::V4(asker) = asker.to_canonical() else { return false };
    if callback == asker {
        return true;
    }
    // This machine's own services trust it, so only itself may have it called.
    let is_own = |address: Ipv4Addr| interfaces.iter().any(|interface| interface.address == address);
    let is_shared = interfaces.iter().any(|network| network.reaches(asker) && network.reaches(callback));
    callback.is_private() && is_shared && !asker.is_loopback() && (is_own(asker) || !is_own(callback))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn interface(address: &str, prefix: u8) -> Interface {
        Interface { name: "eth0".into(), index: 2, address: address.parse().unwrap(), prefix }
    }

    #[test]
    fn only_the_home_may_ask() {
        for address in
            ["10.0.0.1", "172.31.255.255", "192.168.0.1", "127.0.0.1", "::1", "fd00::1", "::ffff:10.0.0.1"]
        {
            assert!(is_of_home(address.parse().unwrap()), "{address}");
        }
        let strangers = [
            "8.8.8.8",
            "172.32.0.1",
            "169.254.169.254",
            "100.64.0.1",
            "0.0.0.0",
            "2001:db8::1",
            "fe80::1",
            "::ffff:8.8.8.8",
        ];
        for address in strangers {
            assert!(!is_of_home(address.parse().unwrap()), "{address}");
        }
    }

    #[test]
    fn a_network_ends_where_its_prefix_says() {
        let home = interface("192.168.1.10", 24);
        for (address, is_in) in [
            ("192.168.1.1", true),
            ("192.168.1.254", true),
            ("192.168.1.0", false),
            ("192.168.1.255", false),
            ("192.168.2.1", false),
        ] {
            assert_eq!(home.reaches(address.parse().unwrap()), is_in, "{address}");
        }
        assert!(interface("10.0.0.0", 31).reaches("10.0.0.1".parse().unwrap()));
        assert!(!interface("10.0.0.1", 32).reaches("10.0.0.2".parse().unwrap()));
        assert!(interface("10.0.0.1", 0).reaches("192.168.1.1".parse().unwrap()));
    }

    #[test]
    fn events_stay_in_the_network_of_the_asker() {
        let interfaces =
            [interface("192.168.1.10", 24), interface("10.8.0.1", 24), interface("203.0.113.5", 24)];
        for (callback, asker, may) in [
            ("192.168.1.5", "192.168.1.5", true),
            ("192.168.1.6", "192.168.1.5", true),
            ("192.168.1.6", "::ffff:192.168.1.5", true),
            ("127.0.0.1", "127.0.0.1", true),
            // This machine asks for another one, or for itself.
            ("192.168.1.6", "192.168.1.10", true),
            ("192.168.1.10", "192.168.1.10", true),
            ("192.168.1.10", "192.168.1.5", false),
            ("10.8.0.2", "192.168.1.5", false),
            ("192.168.1.255", "192.168.1.5", false),
            ("8.8.8.8", "192.168.1.5", false),
            ("203.0.113.6", "203.0.113.7", false),
            ("127.0.0.1", "192.168.1.5", false),
            ("127.0.0.2", "127.0.0.1", false),
            ("192.168.1.5", "127.0.0.1", false),
            ("169.254.169.254", "192.168.1.5", false),
            ("192.168.1.5", "fd00::1", false),
        ] {
            let (callback_address, asker_address) = (callback.parse().unwrap(), asker.parse().unwrap());
            assert_eq!(
                may_call_back(callback_address, asker_address, &interfaces),
                may,
                "{callback} for {asker}"
            );
        }
    }

    #[test]
    fn renderers_are_offered_in_private_networks_or_where_the_listener_is() {
        let all =
            || vec![interface("127.0.0.1", 8), interface("192.168.1.10", 24), interface("203.0.113.5", 24)];
        let on = |bound: &str| offered_on(all(), bound.parse().unwrap());
        assert_eq!(on("0.0.0.0"), [interface("192.168.1.10", 24)]);
        assert_eq!(on("::"), [interface("192.168.1.10", 24)]);
        assert_eq!(on("127.0.0.1"), [interface("127.0.0.1", 8)]);
        assert_eq!(on("10.0.0.1"), []);
    }

    #[test]
    fn this_machine_has_itself_as_an_interface() {
        let all = SystemInterfaces.list().unwrap();
        assert!(all.iter().any(|interface| interface.address.is_loopback()), "{all:?}");
    }
}
