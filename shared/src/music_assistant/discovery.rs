//! Music Assistant in the network of the home, by multicast DNS (RFC 6762 and 6763; its server registers `_mass._tcp`).

use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use mdns_sd::{Error, ResolvedService, ScopedIp, ServiceDaemon, ServiceEvent};

/// The type of service that Music Assistant registers.
const SERVICE: &str = "_mass._tcp.local.";

/// Time for which a search listens.
const LISTENS: Duration = Duration::from_secs(3);

/// Time before which no other search begins.
const AGAIN: Duration = Duration::from_secs(30);

/// Time for which an address is kept.
const LIFETIME: Duration = Duration::from_mins(10);

/// The most addresses that are kept. Any machine of the network can announce some.
const KEPT: usize = 8;

/// Searches the network for Music Assistant; cheap to clone. It does nothing before it is allowed to.
#[derive(Clone, Debug, Default)]
pub struct Discovery(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    may_search: bool,
    began_at: Option<Instant>,
    found: BTreeMap<SocketAddr, Instant>,
}

impl Discovery {
    /// Allows searches, and begins the first one.
    pub fn allow(&self) {
        self.state().may_search = true;
        self.search_if_due();
    }

    /// The addresses of the last ten minutes, at most eight. A search begins where the last one is older than 30 s.
    #[must_use]
    pub fn addresses(&self) -> Vec<SocketAddr> {
        self.search_if_due();
        let mut state = self.state();
        state.found.retain(|_, found_at| found_at.elapsed() < LIFETIME);
        state.found.keys().copied().collect()
    }

    fn search_if_due(&self) {
        {
            let mut state = self.state();
            let is_due = state.began_at.is_none_or(|began_at| began_at.elapsed() >= AGAIN);
            if !state.may_search || !is_due {
                return;
            }
            state.began_at = Some(Instant::now());
        }
        let discovery = self.clone();
        tokio::task::spawn_blocking(move || {
            if let Err(error) = discovery.search() {
                tracing::debug!(%error, "Music Assistant is not searched for in the network");
            }
        });
    }

    fn search(&self) -> Result<(), Error> {
        let daemon = ServiceDaemon::new()?;
        let events = daemon.browse(SERVICE)?;
        let end = Instant::now() + LISTENS;
        while let Ok(event) = events.recv_deadline(end) {
            if let ServiceEvent::ServiceResolved(service) = event {
                self.take(&service);
            }
        }
        daemon.shutdown().map(drop)
    }

    fn take(&self, service: &ResolvedService) {
        let addresses = service.addresses.iter().map(ScopedIp::to_ip_addr).filter(is_of_a_home);
        self.keep(addresses.map(|address| SocketAddr::new(address, service.port)));
    }

    fn keep(&self, addresses: impl Iterator<Item = SocketAddr>) {
        let mut state = self.state();
        for address in addresses.filter(|address| address.port() != 0) {
            if state.found.len() < KEPT || state.found.contains_key(&address) {
                state.found.insert(address, Instant::now());
            }
        }
    }

    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether it is a private address of IPv4, which the token may be sent to without encryption.
fn is_of_a_home(address: &IpAddr) -> bool {
    matches!(address, IpAddr::V4(address) if address.is_private())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_strangers_announce_is_bounded() {
        let discovery = Discovery::default();
        discovery.keep((0..200).map(|last| SocketAddr::from(([192, 168, 1, last], 8095))));
        discovery.keep([SocketAddr::from(([10, 0, 0, 1], 0))].into_iter());
        assert_eq!(discovery.addresses().len(), KEPT);
    }

    #[test]
    fn only_addresses_of_a_home_are_offered() {
        for (address, is_home) in [
            ("192.168.1.2", true),
            ("10.0.0.1", true),
            ("8.8.8.8", false),
            ("127.0.0.1", false),
            ("fe80::1", false),
        ] {
            assert_eq!(is_of_a_home(&address.parse().unwrap()), is_home, "{address}");
        }
    }
}
