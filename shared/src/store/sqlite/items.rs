//! Typed items in the one table, inside a transaction or a single statement.

use rusqlite::{Connection, OptionalExtension as _, Row, params};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::clock::Timestamp;
use crate::playback::{Echo, Household, Player, PlayerKey};
use crate::store::StoreError;
use crate::store::item::{self, HOUSEHOLD, PLAY, StoredItem, WithSchema};

/// The items of the household.
pub(super) struct Items<'c> {
    connection: &'c Connection,
}

/// One row.
struct Stored {
    sk: String,
    body: String,
    expires_at: Option<i64>,
}

impl Stored {
    fn from_row(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self { sk: row.get(0)?, body: row.get(1)?, expires_at: row.get(2)? })
    }
}

impl StoredItem for Stored {
    fn key(&self) -> &str {
        &self.sk
    }

    fn schema(&self) -> Option<u32> {
        /// The one member that is read for itself; the others are only passed over.
        #[derive(Deserialize)]
        struct Head {
            schema: Value,
        }
        let head: Head = serde_json::from_str(&self.body).ok()?;
        head.schema.as_u64()?.try_into().ok()
    }

    fn expires_at(&self) -> Option<i64> {
        self.expires_at
    }

    fn decode<T: DeserializeOwned>(&self) -> Result<T, String> {
        serde_json::from_str(&self.body).map_err(|error| error.to_string())
    }
}

impl<'c> Items<'c> {
    pub(super) fn new(connection: &'c Connection) -> Self {
        Self { connection }
    }

    /// Everything that a play reads, in one statement and so of one moment.
    pub(super) fn household(&self, now: Timestamp) -> Result<Household, StoreError> {
        let stored = self
            .connection
            .prepare_cached("SELECT sk, body, expires_at FROM items WHERE pk = ?1 AND sk >= ?2 AND sk < ?3")?
            .query_map(params![HOUSEHOLD, PLAY, item::end_of(PLAY)], Stored::from_row)?
            .collect::<Result<Vec<_>, _>>()?;
        item::household(&stored, now)
    }

    /// The players that exist.
    pub(super) fn players(&self, now: Timestamp) -> Result<Vec<Player>, StoreError> {
        Ok(self.household(now)?.players)
    }

    /// A player, if it exists.
    pub(super) fn player(&self, key: PlayerKey, now: Timestamp) -> Result<Option<Player>, StoreError> {
        self.live(&item::player_key(key), now)
    }

    pub(super) fn put_player(&self, player: &Player) -> Result<(), StoreError> {
        self.put(&item::player_key(player.player.key()), player, player.expires_at)
    }

    pub(super) fn put_echo(&self, echo: &Echo) -> Result<(), StoreError> {
        self.put(&item::echo_key(&echo.device), echo, Some(echo.expires_at))
    }

    /// An item that has not expired.
    pub(super) fn live<T: DeserializeOwned>(
        &self,
        sk: &str,
        now: Timestamp,
    ) -> Result<Option<T>, StoreError> {
        item::read_unexpired(self.get(sk)?.as_ref(), now)
    }

    /// An item that never expires.
    pub(super) fn get_permanent<T: DeserializeOwned>(&self, sk: &str) -> Result<Option<T>, StoreError> {
        self.get(sk)?.as_ref().map(item::read).transpose()
    }

    /// The last `limit` items of a prefix, from the end of the order, but for those that have expired: of
    /// those, none stands before one that has not.
    pub(super) fn newest<T: DeserializeOwned>(
        &self,
        prefix: &str,
        limit: usize,
        now: Timestamp,
    ) -> Result<Vec<T>, StoreError> {
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let stored = self
            .connection
            .prepare_cached(
                "SELECT sk, body, expires_at FROM items WHERE pk = ?1 AND sk >= ?2 AND sk < ?3 \
                 ORDER BY sk DESC LIMIT ?4",
            )?
            .query_map(params![HOUSEHOLD, prefix, item::end_of(prefix), limit], Stored::from_row)?
            .collect::<Result<Vec<_>, _>>()?;
        item::read_all(&stored, now)
    }

    /// Refuses to go on over an item of a newer release.
    pub(super) fn check_schema(&self, sk: &str) -> Result<(), StoreError> {
        self.get(sk)?.as_ref().map_or(Ok(()), item::check_schema)
    }

    pub(super) fn put<T: Serialize>(
        &self,
        sk: &str,
        item: T,
        expires_at: Option<i64>,
    ) -> Result<(), StoreError> {
        let body =
            serde_json::to_string(&WithSchema::new(item)).map_err(|error| item::corrupt(sk, &error))?;
        self.connection
            .prepare_cached(
                "INSERT INTO items (pk, sk, body, expires_at) VALUES (?1, ?2, ?3, ?4) \
                 ON CONFLICT DO UPDATE SET body = excluded.body, expires_at = excluded.expires_at",
            )?
            .execute(params![HOUSEHOLD, sk, body, expires_at])?;
        Ok(())
    }

    pub(super) fn remove(&self, sk: &str) -> Result<(), StoreError> {
        self.connection
            .prepare_cached("DELETE FROM items WHERE pk = ?1 AND sk = ?2")?
            .execute(params![HOUSEHOLD, sk])?;
        Ok(())
    }

    fn get(&self, sk: &str) -> Result<Option<Stored>, StoreError> {
        Ok(self
            .connection
            .prepare_cached("SELECT sk, body, expires_at FROM items WHERE pk = ?1 AND sk = ?2")?
            .query_row(params![HOUSEHOLD, sk], Stored::from_row)
            .optional()?)
    }
}

/// Deletes what has expired.
pub(super) fn clear_expired(connection: &Connection, now: Timestamp) -> rusqlite::Result<usize> {
    connection.execute("DELETE FROM items WHERE expires_at <= ?1", [now.seconds()])
}
