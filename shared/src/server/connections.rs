//! Open connections, and the choice of one that gives way.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::oneshot;

use crate::api::CallerAddress;

/// The open connections, at most a fixed number.
#[derive(Debug)]
pub(super) struct Connections {
    most: usize,
    open: Mutex<Open>,
}

#[derive(Debug, Default)]
struct Open {
    /// By the number of the connection.
    entries: HashMap<u64, Entry>,
    /// Numbers connections, and orders them by how long they wait.
    next: u64,
}

#[derive(Debug)]
struct Entry {
    network: IpAddr,
    /// Since when its next request is not whole; none while a whole request is at work.
    waiting_since: Option<u64>,
    evict: oneshot::Sender<()>,
}

impl Connections {
    pub(super) fn new(most: usize) -> Self {
        Self { most, open: Mutex::default() }
    }

    /// A place for a connection from `address`, which has at most `most` of them, and what resolves when it has to give
    /// way. None where all that could give way are at work.
    pub(super) fn enter(
        self: &Arc<Self>,
        address: IpAddr,
        most: usize,
    ) -> Option<(ConnectionSlot, oneshot::Receiver<()>)> {
        let network = CallerAddress(address).network();
        let mut open = self.lock();
        let of_network = |entry: &Entry| entry.network == network;
        if open.entries.values().filter(|entry| of_network(entry)).count() >= most {
            open.evict_oldest(of_network).then_some(())?;
        }
        if open.entries.len() >= self.most {
            open.evict_oldest(|_| true).then_some(())?;
        }
        let (evict, evicted) = oneshot::channel();
        let id = open.number();
        open.entries.insert(id, Entry { network, waiting_since: Some(id), evict });
        Some((ConnectionSlot { id, connections: Arc::clone(self) }, evicted))
    }

    /// Closes the connection that has waited longest for a whole request.
    pub(super) fn evict_oldest(&self) {
        self.lock().evict_oldest(|_| true);
    }

    /// Closes every connection without a whole request.
    pub(super) fn evict_waiting(&self) {
        while self.lock().evict_oldest(|_| true) {}
    }

    fn lock(&self) -> MutexGuard<'_, Open> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Open {
    fn number(&mut self) -> u64 {
        self.next += 1;
        self.next
    }

    /// Closes the one that has waited longest among those that `may_go`; whether there was one.
    fn evict_oldest(&mut self, may_go: impl Fn(&Entry) -> bool) -> bool {
        let waiting = self.entries.iter().filter(|(_, entry)| may_go(entry));
        let oldest = waiting.filter_map(|(id, entry)| Some((entry.waiting_since?, *id))).min();
        let Some(entry) = oldest.and_then(|(_, id)| self.entries.remove(&id)) else {
            return false;
        };
        // A connection that has ended meanwhile listens no more.
        let _ = entry.evict.send(());
        true
    }
}

/// The place of one connection, which it leaves when this is dropped.
#[derive(Debug)]
pub(super) struct ConnectionSlot {
    id: u64,
    connections: Arc<Connections>,
}

impl ConnectionSlot {
    /// Its request is whole: from now on it gives way to no other. Whether it still has its place.
    pub(super) fn works(&self) -> bool {
        let mut open = self.connections.lock();
        open.entries.get_mut(&self.id).map(|entry| entry.waiting_since = None).is_some()
    }

    /// Its request is answered, and the next one has to arrive.
    pub(super) fn waits(&self) {
        let mut open = self.connections.lock();
        let now = open.number();
        if let Some(entry) = open.entries.get_mut(&self.id) {
            entry.waiting_since = Some(now);
        }
    }
}

impl Drop for ConnectionSlot {
    fn drop(&mut self) {
        self.connections.lock().entries.remove(&self.id);
    }
}
