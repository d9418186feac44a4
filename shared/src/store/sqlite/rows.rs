//! Items as rows of the one table, inside a transaction or a single statement.

use rusqlite::{Connection, OptionalExtension as _, Row, params};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;
use crate::store::StoreError;
use crate::store::item::{self, HOUSEHOLD, ReadItem, StoredItem, Written};

/// One row.
#[derive(Clone)]
pub(in crate::store) struct Stored {
    sk: String,
    body: String,
    expires_at: Option<i64>,
}

/// The members of a body that are read for themselves; the others are only passed over.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Head {
    schema: Option<u32>,
    revision: u64,
}

impl Stored {
    fn from_row(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self { sk: row.get(0)?, body: row.get(1)?, expires_at: row.get(2)? })
    }

    fn head(&self) -> Head {
        serde_json::from_str(&self.body).unwrap_or_default()
    }
}

impl StoredItem for Stored {
    fn encode<T: Serialize>(
        key: &str,
        item: &Written<'_, T>,
        expires_at: Option<i64>,
    ) -> Result<Self, StoreError> {
        let body = serde_json::to_string(item).map_err(|error| item::corrupt(key, &error))?;
        Ok(Self { sk: key.to_owned(), body, expires_at })
    }

    fn revision(&self) -> u64 {
        self.head().revision
    }
}

impl ReadItem for Stored {
    fn key(&self) -> &str {
        &self.sk
    }

    fn schema(&self) -> Option<u32> {
        self.head().schema
    }

    fn expires_at(&self) -> Option<i64> {
        self.expires_at
    }

    fn decode<T: DeserializeOwned>(self) -> Result<T, String> {
        serde_json::from_str(&self.body).map_err(|error| error.to_string())
    }
}

pub(super) fn get(connection: &Connection, sk: &str) -> rusqlite::Result<Option<Stored>> {
    connection
        .prepare_cached("SELECT sk, body, expires_at FROM items WHERE pk = ?1 AND sk = ?2")?
        .query_row(params![HOUSEHOLD, sk], Stored::from_row)
        .optional()
}

/// All items of a prefix, in one statement and so of one moment.
pub(super) fn query(connection: &Connection, prefix: &str) -> rusqlite::Result<Vec<Stored>> {
    connection
        .prepare_cached("SELECT sk, body, expires_at FROM items WHERE pk = ?1 AND sk >= ?2 AND sk < ?3")?
        .query_map(params![HOUSEHOLD, prefix, end_of(prefix)], Stored::from_row)?
        .collect()
}

/// The last `limit` items of a prefix, from the end of the order.
pub(super) fn newest(connection: &Connection, prefix: &str, limit: usize) -> rusqlite::Result<Vec<Stored>> {
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    connection
        .prepare_cached(
            "SELECT sk, body, expires_at FROM items WHERE pk = ?1 AND sk >= ?2 AND sk < ?3 \
             ORDER BY sk DESC LIMIT ?4",
        )?
        .query_map(params![HOUSEHOLD, prefix, end_of(prefix), limit], Stored::from_row)?
        .collect()
}

pub(super) fn put(connection: &Connection, item: &Stored) -> rusqlite::Result<()> {
    connection
        .prepare_cached(
            "INSERT INTO items (pk, sk, body, expires_at) VALUES (?1, ?2, ?3, ?4) \
             ON CONFLICT DO UPDATE SET body = excluded.body, expires_at = excluded.expires_at",
        )?
        .execute(params![HOUSEHOLD, item.sk, item.body, item.expires_at])
        .map(drop)
}

pub(super) fn remove(connection: &Connection, sk: &str) -> rusqlite::Result<()> {
    connection
        .prepare_cached("DELETE FROM items WHERE pk = ?1 AND sk = ?2")?
        .execute(params![HOUSEHOLD, sk])
        .map(drop)
}

/// Deletes what has expired.
pub(super) fn clear_expired(connection: &Connection, now: Timestamp) -> rusqlite::Result<usize> {
    connection.execute("DELETE FROM items WHERE expires_at <= ?1", [now.seconds()])
}

/// The first key behind all that begin with `prefix`, which ends in `#`.
fn end_of(prefix: &str) -> String {
    format!("{}$", prefix.trim_end_matches('#'))
}
