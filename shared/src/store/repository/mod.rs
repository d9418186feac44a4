//! The state of a household, over a key-value store. Each change is a pure function of [`crate::playback`] or
//! [`crate::account`], and runs on its items.

mod account;
mod activity;
mod bridge;
mod hand_overs;
mod playback;
mod setup;
mod trials;
mod words;

use std::fmt;
use std::sync::Arc;

use tokio::sync::watch;

use crate::clock::Random;

/// The state of a household in a key-value store.
#[derive(Clone)]
pub struct Repository<K> {
    pub(super) kv: K,
    random: Arc<dyn Random>,
    /// Counts the hand-overs of this process.
    hand_overs: watch::Sender<u64>,
}

impl<K: fmt::Debug> fmt::Debug for Repository<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.kv.fmt(f)
    }
}

impl<K> Repository<K> {
    pub(super) fn over(kv: K, random: Arc<dyn Random>) -> Self {
        Self { kv, random, hand_overs: watch::Sender::new(0) }
    }
}
