//! State in one SQLite file, for a box at home and for several processes on one machine.
//!
//! Every write is a transaction that reads the item, runs the pure function of [`crate::playback`] and writes
//! the item back; every commit reaches the disk before it is acknowledged.

mod account;
mod challenges;
mod connection;
mod items;
mod stores;

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError};
use std::time::{Duration, Instant};

use rusqlite::Connection;
use tokio::sync::Mutex;
use tokio::time::timeout;

use super::{OpenError, StoreError};
use crate::clock::{Clock, Moment, Random};
use connection::Counters;
use items::Items;

pub use connection::{Durability, Statistics};

/// How often what has expired is cleared away.
const CLEARED_EVERY: Duration = Duration::from_hours(1);

/// A SQLite file.
#[derive(Clone)]
pub struct SqliteStore {
    shared: Arc<Shared>,
}

struct Shared {
    path: PathBuf,
    connection: Arc<Mutex<Connection>>,
    counters: Arc<Counters>,
    clock: Arc<dyn Clock>,
    random: Arc<dyn Random>,
    cleared_at: std::sync::Mutex<Moment>,
}

impl fmt::Debug for SqliteStore {
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
        let path = path.as_ref().to_owned();
        let counters = Arc::new(Counters::default());
        let connection = connection::open(&path, &counters)?;
        let opened_at = clock.moment();
        items::clear_expired(&connection, opened_at.wall())
            .map_err(|error| connection::open_error(&path, &error))?;
        Ok(Self {
            shared: Arc::new(Shared {
                path,
                connection: Arc::new(Mutex::new(connection)),
                counters,
                clock,
                random,
                cleared_at: std::sync::Mutex::new(opened_at),
            }),
        })
    }

    /// What was asked of SQLite since the file was opened.
    #[must_use]
    pub fn statistics(&self) -> Statistics {
        self.shared.counters.statistics()
    }

    /// How the open connection keeps what it acknowledged.
    ///
    /// # Errors
    /// When SQLite does not answer.
    pub async fn durability(&self) -> Result<Durability, StoreError> {
        self.blocking(|connection| Ok(Durability::of(connection)?)).await
    }

    /// Reads. Everything that SQLite does may wait for the disk, so none of it runs on an async thread.
    async fn read<T: Send + 'static>(
        &self,
        read: impl FnOnce(&Items<'_>) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        self.blocking(move |connection| read(&Items::new(connection))).await
    }

    /// Writes in one transaction, which holds the write lock from its beginning and is undone when `write`
    /// fails.
    async fn write<T: Send + 'static>(
        &self,
        write: impl FnOnce(&Items<'_>) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let written = self
            .blocking(move |connection| {
                let transaction =
                    connection.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
                let written = write(&Items::new(&transaction))?;
                transaction.commit()?;
                Ok(written)
            })
            .await?;
        self.clear_now_and_then();
        Ok(written)
    }

    /// Does something with the connection. A caller that waits for it, and then for another process that holds the file, waits
    /// for five seconds in all.
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
        tokio::spawn(async move {
            let cleared =
                store.blocking(move |connection| Ok(items::clear_expired(connection, now.wall())?)).await;
            if let Err(error) = cleared {
                tracing::warn!(%error, "expired items could not be cleared away");
            }
        });
    }
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
