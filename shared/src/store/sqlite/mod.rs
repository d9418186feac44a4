//! The items in one SQLite file, for a box at home and for several processes on one machine.
//!
//! Every change is a transaction that reads its items, runs the rule and writes them back. Every commit reaches the
//! disk before it is acknowledged. No write is blind: to read first costs nothing here.

mod connection;
mod lock;
mod rows;

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError};
use std::time::{Duration, Instant};

use rusqlite::Connection;
use tokio::sync::Mutex;
use tokio::time::timeout;

use super::kv::{KeyValue, Keys, Read};
use super::repository::Repository;
use super::unit::{ItemChange, Unit};
use super::{OpenError, StoreError};
use crate::clock::{Clock, Moment, Random, Timestamp};
use crate::task;
use connection::Counters;
use rows::Stored;

/// A change of items, without its outcome.
type Rule = Box<dyn FnOnce(&mut Unit<Stored>) -> Result<(), StoreError> + Send>;

pub(crate) use connection::{APPLICATION, RESTORE, make_folder, newest_layout};
pub use connection::{Durability, Statistics};
pub(crate) use lock::StateLock;

/// Time between two removals of expired items.
const CLEARED_EVERY: Duration = Duration::from_hours(1);

/// The state of a household in a SQLite file.
pub type SqliteStore = Repository<SqliteFile>;

/// A SQLite file.
#[derive(Clone)]
pub struct SqliteFile {
    shared: Arc<Shared>,
}

struct Shared {
    path: PathBuf,
    connection: Arc<Mutex<Connection>>,
    counters: Arc<Counters>,
    clock: Arc<dyn Clock>,
    cleared_at: std::sync::Mutex<Moment>,
    /// Keeps a restore from replacing the file.
    _lock: StateLock,
}

impl fmt::Debug for SqliteFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SqliteStore").field("path", &self.shared.path).finish_non_exhaustive()
    }
}

impl SqliteStore {
    /// Opens a file, and creates it with its folder where there is none, readable by its owner alone.
    ///
    /// # Errors
    /// When the file cannot be used, is not one of ours, or was laid out by a newer release.
    pub fn open(
        path: impl AsRef<Path>,
        clock: Arc<dyn Clock>,
        random: Arc<dyn Random>,
    ) -> Result<Self, OpenError> {
        Ok(Self::over(SqliteFile::open(path.as_ref(), clock)?, random))
    }

    /// Numbers of SQLite's work since the file was opened.
    #[must_use]
    pub fn statistics(&self) -> Statistics {
        self.kv.shared.counters.statistics()
    }

    /// Durability of acknowledged writes on the open connection.
    ///
    /// # Errors
    /// When SQLite does not answer.
    pub async fn durability(&self) -> Result<Durability, StoreError> {
        self.kv.blocking(|connection| Ok(Durability::of(connection)?)).await
    }
}

impl KeyValue for SqliteFile {
    type Item = Stored;

    async fn get(&self, key: &str) -> Result<Option<Stored>, StoreError> {
        let key = key.to_owned();
        self.blocking(move |connection| Ok(rows::get(connection, &key)?)).await
    }

    async fn query(&self, prefix: &'static str) -> Result<Vec<Stored>, StoreError> {
        self.blocking(move |connection| Ok(rows::query(connection, prefix)?)).await
    }

    async fn newest(&self, prefix: &'static str, limit: usize) -> Result<Vec<Stored>, StoreError> {
        self.blocking(move |connection| Ok(rows::newest(connection, prefix, limit)?)).await
    }

    async fn append(&self, item: Stored) -> Result<(), StoreError> {
        self.write(move |connection| Ok(rows::put(connection, &item)?)).await
    }

    async fn change<R, F>(&self, read: Read<Stored>, at: Timestamp, rule: F) -> Result<R, StoreError>
    where
        R: Send + 'static,
        F: Fn(&mut Unit<Stored>) -> Result<R, StoreError> + Send + Sync + 'static,
    {
        let outcome = Arc::new(std::sync::Mutex::new(None));
        let kept = Arc::clone(&outcome);
        let rule = move |unit: &mut Unit<Stored>| {
            let outcome = rule(unit)?;
            *kept.lock().unwrap_or_else(PoisonError::into_inner) = Some(outcome);
            Ok(())
        };
        self.apply(read, at, Box::new(rule)).await?;
        let outcome = outcome.lock().unwrap_or_else(PoisonError::into_inner).take();
        outcome.ok_or_else(|| StoreError::Unavailable("a rule was not run".to_owned()))
    }
}

fn read_now(connection: &Connection, keys: &Keys) -> rusqlite::Result<Vec<Stored>> {
    match keys {
        Keys::Prefix(prefix) => rows::query(connection, prefix),
        Keys::Each(keys) => keys.iter().filter_map(|key| rows::get(connection, key).transpose()).collect(),
    }
}

impl SqliteFile {
    fn open(path: &Path, clock: Arc<dyn Clock>) -> Result<Self, OpenError> {
        let counters = Arc::new(Counters::default());
        connection::make_folder(path)?;
        let lock = share(path)?;
        let connection = connection::open(path, &counters)?;
        let opened_at = clock.moment();
        rows::clear_expired(&connection, opened_at.wall())
            .map_err(|error| connection::open_error(path, &error))?;
        Ok(Self {
            shared: Arc::new(Shared {
                path: path.to_owned(),
                connection: Arc::new(Mutex::new(connection)),
                counters,
                clock,
                cleared_at: std::sync::Mutex::new(opened_at),
                _lock: lock,
            }),
        })
    }

    /// Runs a rule, and makes its writes. It is compiled once for all rules.
    async fn apply(&self, read: Read<Stored>, at: Timestamp, rule: Rule) -> Result<(), StoreError> {
        self.write(move |connection| {
            let mut unit = Unit::new(read_now(connection, &read.keys)?, at, None);
            rule(&mut unit)?;
            let (_, writes) = unit.into_parts();
            for write in writes {
                match write.change {
                    ItemChange::Put(item) => rows::put(connection, &item)?,
                    ItemChange::Remove => rows::remove(connection, &write.key)?,
                    // No other writes while this transaction holds the lock.
                    ItemChange::Keep => {}
                }
            }
            Ok(())
        })
        .await
    }

    /// Writes in one transaction, which holds the write lock from its beginning and is undone when `write`
    /// fails.
    async fn write<T: Send + 'static>(
        &self,
        write: impl FnOnce(&Connection) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let written = self
            .blocking(move |connection| {
                let transaction =
                    connection.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
                let written = write(&transaction)?;
                transaction.commit()?;
                Ok(written)
            })
            .await?;
        self.clear_now_and_then();
        Ok(written)
    }

    /// Does something with the connection, off the async threads, since it may wait for the disk. A caller that waits for it,
    /// and then for another process that holds the file, waits for five seconds in all.
    async fn blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Connection) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let asked_at = Instant::now();
        let connection = Arc::clone(&self.shared.connection).lock_owned();
        let mut connection = timeout(connection::BUSY, connection)
            .await
            .map_err(|_| StoreError::Unavailable("the file is held by another process".to_owned()))?;
        let work = move || {
            connection::wait_for_others_since(&connection, asked_at)?;
            // A panic cannot leave a transaction open: it is rolled back where it unwinds.
            work(&mut connection)
        };
        tokio::task::spawn_blocking(work).await.map_err(|error| StoreError::Unavailable(error.to_string()))?
    }

    /// Clears away what has expired, beside the answer and not before it.
    fn clear_now_and_then(&self) {
        let now = self.shared.clock.moment();
        if !self.shared.is_clearing_due(now) {
            return;
        }
        let store = self.clone();
        task::spawn(async move {
            let cleared =
                store.blocking(move |connection| Ok(rows::clear_expired(connection, now.wall())?)).await;
            if let Err(error) = cleared {
                tracing::warn!(%error, "expired items could not be cleared away");
            }
        });
    }
}

fn share(path: &Path) -> Result<StateLock, OpenError> {
    let failed = |reason: String| OpenError::File { path: path.to_owned(), reason };
    let lock = StateLock::share(path).map_err(|error| failed(error.to_string()))?;
    lock.ok_or_else(|| failed("a backup is being restored; try again when that is done".to_owned()))
}

impl Shared {
    /// Whether it is time to clear away again; it counts as done.
    fn is_clearing_due(&self, now: Moment) -> bool {
        let mut cleared_at = self.cleared_at.lock().unwrap_or_else(PoisonError::into_inner);
        let is_due = now.since(*cleared_at) >= CLEARED_EVERY;
        if is_due {
            *cleared_at = now;
        }
        is_due
    }
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        use rusqlite::ErrorCode::{
            ConstraintViolation, DatabaseCorrupt, DiskFull, NotADatabase, SchemaChanged,
        };
        match error.sqlite_error_code() {
            Some(ConstraintViolation | DatabaseCorrupt | NotADatabase | SchemaChanged) => {
                Self::Malformed(error.to_string())
            }
            Some(DiskFull) => Self::Full(error.to_string()),
            _ => Self::Unavailable(error.to_string()),
        }
    }
}
