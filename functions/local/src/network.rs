//! The addresses of this machine, as others at home reach it.

use std::net::{IpAddr, SocketAddr, UdpSocket};

/// The address by which a browser reaches the pages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct PagesAddress {
    /// Scheme, host and port.
    pub(crate) url: String,
    /// Whether only a browser on this machine reaches it.
    pub(crate) is_here_alone: bool,
}

impl PagesAddress {
    /// The address of a listener: the one that the owner has set, if any, else what this machine knows of itself.
    pub(crate) fn of(listener: SocketAddr, set: Option<&str>) -> Self {
        if let Some(set) = set {
            return Self { url: set.trim_end_matches('/').to_owned(), is_here_alone: false };
        }
        let ip = listener.ip();
        // Without a network there is only this machine.
        let reached = if ip.is_unspecified() { own_address().unwrap_or([127, 0, 0, 1].into()) } else { ip };
        let address = SocketAddr::new(reached, listener.port());
        Self { url: format!("http://{address}"), is_here_alone: reached.is_loopback() }
    }
}

/// The address from which this machine reaches others; none where it reaches none. Nothing is sent.
pub(crate) fn own_address() -> Option<IpAddr> {
    // An address that no machine has (RFC 5737).
    let elsewhere = SocketAddr::from(([192, 0, 2, 1], 9));
    let socket = UdpSocket::bind(SocketAddr::from(([0, 0, 0, 0], 0))).ok()?;
    socket.connect(elsewhere).ok()?;
    Some(socket.local_addr().ok()?.ip()).filter(|address| !address.is_unspecified() && !address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_that_the_owner_has_set_goes_first() {
        let listener = SocketAddr::from(([127, 0, 0, 1], 5000));
        let set = PagesAddress::of(listener, Some("https://alexa.example.com/"));
        assert_eq!((set.url.as_str(), set.is_here_alone), ("https://alexa.example.com", false));
        let here = PagesAddress::of(listener, None);
        assert_eq!((here.url.as_str(), here.is_here_alone), ("http://127.0.0.1:5000", true));
        let home = PagesAddress::of(SocketAddr::from(([192, 168, 1, 5], 5000)), None);
        assert_eq!((home.url.as_str(), home.is_here_alone), ("http://192.168.1.5:5000", false));
    }

    #[test]
    fn every_address_is_shown_as_one_that_a_browser_can_open() {
        let all = PagesAddress::of(SocketAddr::from(([0, 0, 0, 0], 5000)), None);
        assert!(!all.url.contains("0.0.0.0:"), "{all:?}");
        assert!(all.url.ends_with(":5000"), "{all:?}");
    }
}
