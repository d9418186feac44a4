//! Starts of devices that were stored, and not asked for yet.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

/// Most devices of which a start is remembered: far more than a home has Echos.
const DEVICES: usize = 256;

/// A start that was stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Start {
    version: u64,
    handed: bool,
}

/// The last start of each device, and whether it was handed over to a person's request that waited for it.
#[derive(Debug, Default)]
pub(super) struct Starts(Mutex<HashMap<String, Start>>);

impl Starts {
    /// Notes a start.
    pub(super) fn note(&self, serial: &str, version: u64, handed: bool) {
        let mut starts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if starts.len() < DEVICES || starts.contains_key(serial) {
            starts.insert(serial.to_owned(), Start { version, handed });
        }
    }

    /// Whether the start of this version was handed over; none where it is not known here, or was asked for already.
    pub(super) fn take(&self, serial: &str, version: u64) -> Option<bool> {
        let mut starts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let start = starts.remove(serial)?;
        (start.version == version).then_some(start.handed)
    }
}
