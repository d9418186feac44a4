//! Rules for the addresses that a probe may reach.

use std::net::IpAddr;

use url::Url;

use crate::host_place::HostPlace;

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
        let place = HostPlace::of_address(address);
        match self {
            Self::Anywhere => place != HostPlace::CloudMachine,
            Self::Public => place == HostPlace::Public,
        }
    }
}

/// Whether the host of a URL is public, by its text: a name is not resolved.
pub(crate) fn has_public_host(url: &Url) -> bool {
    url.host().is_some_and(|host| HostPlace::of(&host) == HostPlace::Public)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_policy_allows_by_the_place() {
        for (text, in_public, anywhere) in [
            ("8.8.8.8", true, true),
            ("2606:4700::1111", true, true),
            ("192.168.1.5", false, true),
            ("::ffff:192.168.1.5", false, true),
            ("fd00::1", false, true),
            ("127.0.0.1", false, true),
            ("198.18.0.1", false, true),
            ("224.0.0.1", false, true),
            ("169.254.169.254", false, false),
            ("64:ff9b::a9fe:a9fe", false, false),
            ("fd00:ec2::254", false, false),
        ] {
            let address = text.parse().unwrap();
            assert_eq!(AddressPolicy::Public.allows(address), in_public, "{text}");
            assert_eq!(AddressPolicy::Anywhere.allows(address), anywhere, "{text}");
        }
    }
}
