//! The readers of events: at most a few at once.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::caller::CallerAddress;

/// Most readers at once, and most of one caller.
const READERS: usize = 16;
const READERS_OF_ONE: usize = 4;

/// The readers of events, at most a few in all and of each caller.
#[derive(Debug, Default)]
pub(crate) struct EventReaders(Mutex<HashMap<Option<IpAddr>, usize>>);

/// The place of one reader, which it leaves when this is dropped.
#[derive(Debug)]
pub(super) struct ReaderSlot {
    readers: Arc<EventReaders>,
    network: Option<IpAddr>,
}

impl EventReaders {
    /// A place for a reader; none where there are too many.
    pub(super) fn enter(self: &Arc<Self>, caller: Option<CallerAddress>) -> Option<ReaderSlot> {
        let network = caller.map(CallerAddress::network);
        let mut readers = self.lock();
        let all: usize = readers.values().sum();
        let own = readers.get(&network).copied().unwrap_or(0);
        if all >= READERS || own >= READERS_OF_ONE {
            return None;
        }
        readers.insert(network, own + 1);
        Some(ReaderSlot { readers: Arc::clone(self), network })
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Option<IpAddr>, usize>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for ReaderSlot {
    fn drop(&mut self) {
        let mut readers = self.readers.lock();
        let left = readers.get(&self.network).map_or(0, |own| own.saturating_sub(1));
        if left == 0 {
            readers.remove(&self.network);
        } else {
            readers.insert(self.network, left);
        }
    }
}
