//! One unit of work: items as they were read, and the writes that a rule makes of them.

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::StoreError;
use super::item::{self, StoredItem, Written, echo_key, player_key};
use crate::alexa::DeviceId;
use crate::clock::Timestamp;
use crate::playback::{Echo, Household, Player, PlayerKey};

/// Items that were read together, and the writes so far.
pub(super) struct Unit<I> {
    at: Timestamp,
    writer: Option<String>,
    read: Vec<I>,
    writes: Vec<Write<I>>,
}

/// One write of a unit.
pub(super) struct Write<I> {
    pub(super) key: String,
    #[cfg_attr(
        not(feature = "dynamodb"),
        expect(dead_code, reason = "SQLite writes in the transaction that read")
    )]
    pub(super) expected: Expected,
    pub(super) change: ItemChange<I>,
}

/// The item that a write supposes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Expected {
    /// There is none, or an expired one.
    Absent,
    /// One with this count of writes.
    Revision(u64),
    /// Any: no other writes this key.
    Any,
}

/// The change of one item.
pub(super) enum ItemChange<I> {
    /// This item takes its place.
    Put(I),
    /// The item is removed.
    Remove,
    /// It stays as it is, and the other writes suppose so.
    Keep,
}

impl<I: StoredItem> Unit<I> {
    /// A unit at the moment `at`. `writer` is put into each item, where a store has to recognise its own writes.
    pub(super) fn new(read: Vec<I>, at: Timestamp, writer: Option<String>) -> Self {
        Self { at, writer, read, writes: Vec::new() }
    }

    /// The items as they were read, and the writes.
    pub(super) fn into_parts(self) -> (Vec<I>, Vec<Write<I>>) {
        (self.read, self.writes)
    }

    fn item(&self, key: &str) -> Option<&I> {
        self.read.iter().find(|item| item.key() == key && !item.is_expired(self.at))
    }

    /// An item that has not expired.
    pub(super) fn get<T: DeserializeOwned>(&self, key: &str) -> Result<Option<T>, StoreError> {
        self.item(key).cloned().map(item::read).transpose()
    }

    /// Number of writes of an item; none where there is no item.
    pub(super) fn revision(&self, key: &str) -> Option<u64> {
        self.item(key).map(StoredItem::revision)
    }

    /// Everything that a play needs to know, where all of it was read.
    pub(super) fn household(&self) -> Result<Household, StoreError> {
        item::household(self.read.clone(), self.at)
    }

    pub(super) fn player(&self, key: PlayerKey) -> Result<Option<Player>, StoreError> {
        self.get(&player_key(key))
    }

    pub(super) fn echo(&self, device: &DeviceId) -> Result<Option<Echo>, StoreError> {
        self.get(&echo_key(device))
    }

    /// Writes a player, and counts the write in it.
    pub(super) fn put_player(&mut self, player: &mut Player) -> Result<(), StoreError> {
        player.revision = self.put(&player_key(player.player.key()), &*player, player.expires_at)?;
        Ok(())
    }

    pub(super) fn put_echo(&mut self, echo: &Echo) -> Result<(), StoreError> {
        self.put(&echo_key(&echo.device), echo, Some(echo.expires_at)).map(drop)
    }

    /// Writes an item in the place of the one that was read; the count of its writes.
    ///
    /// # Errors
    /// When a newer release wrote the one that was read.
    pub(super) fn put<T: Serialize>(
        &mut self,
        key: &str,
        item: T,
        expires_at: Option<i64>,
    ) -> Result<u64, StoreError> {
        let (expected, revision) = match self.item(key) {
            Some(read) => {
                item::check_schema(read)?;
                (Expected::Revision(read.revision()), read.revision() + 1)
            }
            None => (Expected::Absent, 1),
        };
        let item = I::encode(key, &Written::counted(item, revision, self.writer.as_deref()), expires_at)?;
        self.writes.push(Write { key: key.to_owned(), expected, change: ItemChange::Put(item) });
        Ok(revision)
    }

    /// Runs a rule on an item that never expires, or on the default where there is none, and writes down what it
    /// changed.
    pub(super) fn update<T, R>(&mut self, key: &str, rule: impl Fn(&mut T) -> R) -> Result<R, StoreError>
    where
        T: Clone + Default + PartialEq + Serialize + DeserializeOwned,
    {
        let before: T = self.get(key)?.unwrap_or_default();
        let mut after = before.clone();
        let outcome = rule(&mut after);
        if after != before {
            self.put(key, &after, None)?;
        }
        Ok(outcome)
    }

    /// Writes an item under a key that no other item has.
    pub(super) fn append<T: Serialize>(
        &mut self,
        key: &str,
        item: T,
        expires_at: Option<i64>,
    ) -> Result<(), StoreError> {
        let item = I::encode(key, &Written::new(item), expires_at)?;
        self.writes.push(Write {
            key: key.to_owned(),
            expected: Expected::Any,
            change: ItemChange::Put(item),
        });
        Ok(())
    }

    /// Removes an item, if there is one.
    ///
    /// # Errors
    /// When a newer release wrote it.
    pub(super) fn remove(&mut self, key: &str) -> Result<(), StoreError> {
        if let Some(read) = self.item(key) {
            item::check_schema(read)?;
            let expected = Expected::Revision(read.revision());
            self.writes.push(Write { key: key.to_owned(), expected, change: ItemChange::Remove });
        }
        Ok(())
    }

    /// Has the writes suppose that an item is still as it was read.
    pub(super) fn suppose(&mut self, key: &str) {
        let expected = self.revision(key).map_or(Expected::Absent, Expected::Revision);
        self.writes.push(Write { key: key.to_owned(), expected, change: ItemChange::Keep });
    }
}
