//! The open subscriptions.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::task::AbortHandle;

use crate::clock::{Clock, Moment, NoRandomness, Random};
use crate::upnp::services::Service;

/// The open subscriptions, at most a fixed number.
#[derive(Debug)]
pub(in crate::upnp) struct Subscriptions {
    /// Most of one renderer.
    per_renderer: usize,
    /// Most of all renderers.
    most: usize,
    clock: Arc<dyn Clock>,
    random: Arc<dyn Random>,
    open: Mutex<Open>,
}

#[derive(Debug, Default)]
struct Open {
    /// By their ids.
    entries: HashMap<String, Entry>,
    /// Numbers subscriptions, which orders them by age.
    next: u64,
}

/// The controller, the renderer and the service of a subscription.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::upnp) struct Asker {
    /// The controller's address.
    pub(in crate::upnp) address: IpAddr,
    /// The renderer, by its UDN.
    pub(in crate::upnp) udn: String,
    /// The service.
    pub(in crate::upnp) service: Service,
}

#[derive(Debug)]
struct Entry {
    asker: Asker,
    number: u64,
    begun: Moment,
    timeout: Duration,
    /// Sends its events; it ends with the entry.
    delivery: Option<AbortHandle>,
}

/// The reason why there is no new subscription.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::upnp) enum Full {
    /// There are as many as there may be.
    Subscriptions,
    /// There is no randomness for an id.
    Randomness,
}

impl From<NoRandomness> for Full {
    fn from(NoRandomness: NoRandomness) -> Self {
        Self::Randomness
    }
}

impl Subscriptions {
    pub(in crate::upnp) fn new(
        (per_renderer, most): (usize, usize),
        clock: Arc<dyn Clock>,
        random: Arc<dyn Random>,
    ) -> Self {
        Self { per_renderer, most, clock, random, open: Mutex::default() }
    }

    /// Opens a subscription: its id. Where there are too many, the asker's own oldest one of the same service gives way: a
    /// controller that started again has lost it.
    ///
    /// # Errors
    /// When there are too many of others.
    pub(in crate::upnp) fn open(&self, asker: Asker, timeout: Duration) -> Result<String, Full> {
        let sid = self.new_sid()?;
        let begun = self.clock.moment();
        let mut open = self.lock();
        open.sweep(begun);
        let of_renderer = open.entries.values().filter(|entry| entry.asker.udn == asker.udn).count();
        if of_renderer >= self.per_renderer || open.entries.len() >= self.most {
            let own = open.entries.iter().filter(|(_, entry)| entry.asker == asker);
            let oldest = own.min_by_key(|(_, entry)| entry.number).map(|(sid, _)| sid.clone());
            open.entries.remove(&oldest.ok_or(Full::Subscriptions)?);
        }
        open.next += 1;
        let number = open.next;
        open.entries.insert(sid.clone(), Entry { asker, number, begun, timeout, delivery: None });
        Ok(sid)
    }

    /// Hands over the task that sends the events of a subscription.
    pub(in crate::upnp) fn attach(&self, sid: &str, delivery: AbortHandle) {
        match self.lock().entries.get_mut(sid) {
            Some(entry) => entry.delivery = Some(delivery),
            None => delivery.abort(),
        }
    }

    /// Lets a subscription of this renderer and service go on for `timeout` from now on; whether there is one.
    pub(in crate::upnp) fn renew(
        &self,
        sid: &str,
        (udn, service): (&str, Service),
        timeout: Duration,
    ) -> bool {
        let begun = self.clock.moment();
        let mut open = self.lock();
        open.sweep(begun);
        let entry = open.entries.get_mut(sid);
        let Some(entry) = entry.filter(|entry| entry.asker.udn == udn && entry.asker.service == service)
        else {
            return false;
        };
        (entry.begun, entry.timeout) = (begun, timeout);
        true
    }

    /// Ends a subscription of this renderer and service; whether there was one.
    pub(in crate::upnp) fn end(&self, sid: &str, udn: &str, service: Service) -> bool {
        let mut open = self.lock();
        open.sweep(self.clock.moment());
        let is_it = |entry: &Entry| entry.asker.udn == udn && entry.asker.service == service;
        let is_there = open.entries.get(sid).is_some_and(is_it);
        is_there && open.entries.remove(sid).is_some()
    }

    /// Removes a subscription whose events are sent no more.
    pub(super) fn remove(&self, sid: &str) {
        self.lock().entries.remove(sid);
    }

    /// Time that a subscription has left; none where it is over.
    pub(super) fn left(&self, sid: &str) -> Option<Duration> {
        let now = self.clock.moment();
        let left = |entry: &Entry| entry.timeout.saturating_sub(now.since(entry.begun));
        self.lock().entries.get(sid).map(left).filter(|left| !left.is_zero())
    }

    /// A new id: a random UUID (RFC 9562, section 5.4).
    fn new_sid(&self) -> Result<String, NoRandomness> {
        let mut bytes = [0; 16];
        self.random.fill(&mut bytes)?;
        let bits = u128::from_be_bytes(bytes) & !(0xf << 76) & !(0x3 << 62) | (4 << 76) | (2 << 62);
        let digits = format!("{bits:032x}");
        let parts = [&digits[..8], &digits[8..12], &digits[12..16], &digits[16..20], &digits[20..]];
        Ok(format!("uuid:{}", parts.join("-")))
    }

    fn lock(&self) -> MutexGuard<'_, Open> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Open {
    /// Removes those whose time is over.
    fn sweep(&mut self, now: Moment) {
        self.entries.retain(|_, entry| now.since(entry.begun) < entry.timeout);
    }
}

impl Drop for Entry {
    fn drop(&mut self) {
        if let Some(delivery) = &self.delivery {
            delivery.abort();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::testing::{ManualClock, SeededRandom};
    use crate::clock::{SystemClock, Timestamp};

    const TIMEOUT: Duration = Duration::from_mins(5);

    fn asker(address: u8, udn: &str) -> Asker {
        Asker { address: IpAddr::from([10, 0, 0, address]), udn: udn.into(), service: Service::AvTransport }
    }

    #[test]
    fn a_full_renderer_takes_no_more_but_of_who_is_there() {
        let subscriptions = Subscriptions::new((2, 3), Arc::new(SystemClock), Arc::new(SeededRandom::new(1)));
        let open = |address, udn| subscriptions.open(asker(address, udn), TIMEOUT);
        let (first, second) = (open(1, "a").unwrap(), open(2, "a").unwrap());
        assert_eq!(open(3, "a"), Err(Full::Subscriptions));
        let again = open(1, "a").unwrap();
        assert!(subscriptions.left(&first).is_none() && subscriptions.left(&second).is_some());
        open(1, "b").unwrap();
        assert_eq!(open(1, "c"), Err(Full::Subscriptions));
        assert!(subscriptions.end(&again, "a", Service::AvTransport));
        assert!(!subscriptions.end(&again, "a", Service::AvTransport));
        open(1, "c").unwrap();
    }

    #[test]
    fn one_that_is_not_renewed_ends() {
        let clock = Arc::new(ManualClock::at(Timestamp::from_millis(0)));
        let shared = Arc::clone(&clock);
        let subscriptions = Subscriptions::new((8, 64), shared, Arc::new(SeededRandom::new(1)));
        let sid = subscriptions.open(asker(1, "a"), TIMEOUT).unwrap();
        clock.advance(Duration::from_mins(4));
        assert!(subscriptions.renew(&sid, ("a", Service::AvTransport), TIMEOUT));
        assert!(!subscriptions.renew(&sid, ("b", Service::AvTransport), TIMEOUT));
        assert!(!subscriptions.renew(&sid, ("a", Service::RenderingControl), TIMEOUT));
        clock.advance(Duration::from_mins(4));
        assert_eq!(subscriptions.left(&sid), Some(Duration::from_mins(1)));
        clock.advance(Duration::from_mins(1));
        assert_eq!(subscriptions.left(&sid), None);
        assert!(!subscriptions.renew(&sid, ("a", Service::AvTransport), TIMEOUT));
    }

    #[test]
    fn ids_are_random_uuids() {
        let subscriptions =
            Subscriptions::new((8, 64), Arc::new(SystemClock), Arc::new(SeededRandom::new(1)));
        let (one, two) = (subscriptions.new_sid().unwrap(), subscriptions.new_sid().unwrap());
        assert_ne!(one, two);
        assert_eq!((one.len(), &one[19..20]), (41, "4"), "{one}");
        assert!("89ab".contains(&one[24..25]), "{one}");
    }
}
