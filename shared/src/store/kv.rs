//! The key-value store under the repository. It reads the items of one household one by one or by prefix, and changes
//! them by compare-and-swap in one transaction.

use std::fmt;

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::StoreError;
use super::item::{self, PLAY, StoredItem};
use super::unit::Unit;
use crate::account::{ChallengeResponse, OneTimeWord};
use crate::clock::Timestamp;
use crate::playback::{EchoReport, Household, LastRequest};

/// For items that never expire: at this moment none has.
pub(super) const NEVER: Timestamp = Timestamp::from_millis(0);

/// A store of items. Its futures can be sent to other threads.
pub(super) trait KeyValue: fmt::Debug + Send + Sync {
    /// An item as this store holds it.
    type Item: StoredItem + Send + Sync + 'static;

    /// The item of a key, consistently, expired or not.
    fn get(&self, key: &str) -> impl Future<Output = Result<Option<Self::Item>, StoreError>> + Send;

    /// All items whose key begins with `prefix`, consistently.
    fn query(&self, prefix: &'static str)
    -> impl Future<Output = Result<Vec<Self::Item>, StoreError>> + Send;

    /// Everything that a play reads; see [`item::household`].
    fn household(&self, now: Timestamp) -> impl Future<Output = Result<Household, StoreError>> + Send {
        async move { item::household(self.query(PLAY).await?, now) }
    }

    /// The last `limit` items of a prefix, from the end of the order.
    fn newest(
        &self,
        prefix: &'static str,
        limit: usize,
    ) -> impl Future<Output = Result<Vec<Self::Item>, StoreError>> + Send;

    /// Writes an item under a key that no other item has.
    fn append(&self, item: Self::Item) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// Runs a rule on items and makes its writes, all or none, if the items are still those that it saw. Where they are
    /// not, the rule runs again on what they are now. `at` decides which of them have expired.
    ///
    /// # Errors
    /// Those of the rule, which then changes nothing; and where others change the items all the time.
    fn change<R, F>(
        &self,
        read: Read<Self::Item>,
        at: Timestamp,
        rule: F,
    ) -> impl Future<Output = Result<R, StoreError>> + Send
    where
        R: Send + 'static,
        F: Fn(&mut Unit<Self::Item>) -> Result<R, StoreError> + Send + Sync + 'static;

    /// An item that never expires.
    fn get_permanent<T: DeserializeOwned>(
        &self,
        key: &str,
    ) -> impl Future<Output = Result<Option<T>, StoreError>> + Send {
        async move { self.get(key).await?.map(item::read).transpose() }
    }

    /// Runs a rule on an item that never expires, or on the default where there is none, and writes down what it
    /// changed.
    fn update<T, R>(
        &self,
        key: &str,
        rule: impl Fn(&mut T) -> R + Send + Sync + 'static,
    ) -> impl Future<Output = Result<R, StoreError>> + Send
    where
        T: Clone + Default + PartialEq + Serialize + DeserializeOwned,
        R: Send + 'static,
    {
        let own = key.to_owned();
        self.change(Read::key(key), NEVER, move |unit| unit.update(&own, &rule))
    }

    /// Tries to take a report of an Echo in one blind write; see [`crate::playback::Player::record`].
    fn record_blindly(
        &self,
        _event: &EchoReport,
        _now: Timestamp,
    ) -> impl Future<Output = Result<Attempt<Self::Item>, StoreError>> + Send {
        async { Ok(Attempt::NONE) }
    }

    /// Tries to note that an Echo asks in one blind write; see [`crate::playback::Echo::record_request`].
    fn record_request_blindly(
        &self,
        _asked: &LastRequest,
    ) -> impl Future<Output = Result<Attempt<Self::Item>, StoreError>> + Send {
        async { Ok(Attempt::NONE) }
    }

    /// Tries to take a one-time word in one blind write; see [`crate::account::PairingChallenge::take`].
    fn take_word_blindly(
        &self,
        _word: &OneTimeWord,
        _taken: &ChallengeResponse,
    ) -> impl Future<Output = Result<Attempt<Self::Item>, StoreError>> + Send {
        async { Ok(Attempt::NONE) }
    }
}

/// The outcome of a blind write: one that says a rule in its condition, so that nothing is read before it.
pub(super) enum Attempt<I> {
    /// It was made; the item as it is now.
    #[cfg_attr(not(feature = "dynamodb"), expect(dead_code, reason = "SQLite makes no blind write"))]
    Made(I),
    /// It was not, and the rule decides: on these items, or on what it reads where there are none.
    Open(Option<Vec<I>>),
}

impl<I> Attempt<I> {
    /// Nothing was tried: the store reads at no cost.
    const NONE: Self = Self::Open(None);
}

/// The items that a rule looks at.
pub(super) struct Read<I> {
    pub(super) keys: Keys,
    /// The items of these keys as they were read before. A store that would have to wait for them takes these first.
    #[cfg_attr(not(feature = "dynamodb"), expect(dead_code, reason = "SQLite reads at no cost"))]
    pub(super) seen: Option<Vec<I>>,
}

/// The keys of a [`Read`].
pub(super) enum Keys {
    /// The items of these keys.
    Each(Vec<String>),
    /// All that begin with this.
    Prefix(&'static str),
}

impl<I> Read<I> {
    pub(super) fn key(key: impl Into<String>) -> Self {
        Self { keys: Keys::Each(vec![key.into()]), seen: None }
    }

    pub(super) fn prefix(prefix: &'static str) -> Self {
        Self { keys: Keys::Prefix(prefix), seen: None }
    }

    /// The same, with items that are known already.
    pub(super) fn seen(self, seen: Option<Vec<I>>) -> Self {
        Self { seen, ..self }
    }
}
