//! The open file: its layout, how it keeps what it acknowledged, and what is asked of it.

use std::ffi::OsStr;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use rusqlite::trace::{TraceEvent, TraceEventCodes};
use rusqlite::{Connection, ErrorCode, OpenFlags, Transaction, TransactionBehavior};

use crate::private::{self, close_to_others};
use crate::store::OpenError;

/// Time that an operation waits for another process, from its request on.
pub(super) const BUSY: Duration = Duration::from_secs(5);

/// Time that was spent counts in such steps, so that SQLite learns of it only where it matters.
const SPENT_STEP: Duration = Duration::from_millis(250);

/// Time between two tries of an operation for which SQLite does not wait by itself.
const BUSY_STEP: Duration = Duration::from_millis(20);

/// The first part of the name of a restore's own file, behind a dot.
pub(crate) const RESTORE: &str = "ma-alexa-restore";

/// Marks a file as ours: `MAlx` (SQLite, pragma `application_id`).
pub(crate) const APPLICATION: i32 = 0x4D41_6C78;

/// The steps from an empty file to the present layout. A file has how many were taken (SQLite, pragma
/// `user_version`).
const LAYOUTS: [&str; 1] = ["
    CREATE TABLE items (
        pk TEXT NOT NULL,
        sk TEXT NOT NULL,
        body TEXT NOT NULL,
        expires_at INTEGER,
        PRIMARY KEY (pk, sk)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX items_by_expiry ON items (expires_at) WHERE expires_at IS NOT NULL;"];

/// The number of the newest layout that this release knows.
pub(crate) fn newest_layout() -> u32 {
    u32::try_from(LAYOUTS.len()).unwrap_or(u32::MAX)
}

/// Numbers of SQLite's work, counted where it begins to run a statement.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Statistics {
    /// All statements.
    pub statements: u64,
    /// Transactions that were committed, each of which waits for the disk.
    pub commits: u64,
    /// Statements that only read.
    pub reads: u64,
    /// Statements that write.
    pub writes: u64,
}

/// Durability of acknowledged writes on the open connection, as SQLite reports it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Durability {
    /// `wal`.
    pub journal_mode: String,
    /// 2 is FULL: each commit waits for the disk.
    pub synchronous: u32,
    /// Time that it waits for another process, in milliseconds.
    pub busy_timeout_ms: u32,
}

impl Durability {
    pub(super) fn of(connection: &Connection) -> rusqlite::Result<Self> {
        let value = |name| connection.pragma_query_value(None, name, |row| row.get(0));
        Ok(Self {
            journal_mode: connection.pragma_query_value(None, "journal_mode", |row| row.get(0))?,
            synchronous: value("synchronous")?,
            busy_timeout_ms: value("busy_timeout")?,
        })
    }
}

#[derive(Debug, Default)]
pub(super) struct Counters {
    statements: AtomicU64,
    commits: AtomicU64,
    reads: AtomicU64,
    writes: AtomicU64,
}

impl Counters {
    pub(super) fn statistics(&self) -> Statistics {
        let count = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        Statistics {
            statements: count(&self.statements),
            commits: count(&self.commits),
            reads: count(&self.reads),
            writes: count(&self.writes),
        }
    }

    fn note(&self, sql: &str) {
        self.statements.fetch_add(1, Ordering::Relaxed);
        let counter = match sql.split_whitespace().next() {
            Some("COMMIT") => &self.commits,
            Some("SELECT") => &self.reads,
            Some("INSERT" | "UPDATE" | "DELETE") => &self.writes,
            _ => return,
        };
        counter.fetch_add(1, Ordering::Relaxed);
    }
}

/// Opens the file, creates what is missing, and makes sure that it is ours.
pub(super) fn open(path: &Path, counters: &Arc<Counters>) -> Result<Connection, OpenError> {
    let file_error = |error: io::Error| OpenError::File { path: path.to_owned(), reason: error.to_string() };
    if let Some(left) = restore_cut_off(path) {
        let reason = format!(
            "a restore was cut off. Restore again, or move back what is in the newest folder `before-restore-…` beside \
             it. To begin without that state, remove {}",
            left.display()
        );
        return Err(OpenError::File { path: path.to_owned(), reason });
    }
    create(path).map_err(file_error)?;
    let mut connection = connect(path).map_err(|error| open_error(path, &error))?;
    lay_out(path, &mut connection)?;
    configure(path, &connection)?;
    let counters = Arc::clone(counters);
    let trace = move |event: TraceEvent<'_>| {
        if let TraceEvent::Stmt(_, sql) = event {
            counters.note(sql);
        }
    };
    connection
        .trace_v2(TraceEventCodes::SQLITE_TRACE_STMT, Some(trace))
        .map_err(|error| open_error(path, &error))?;
    Ok(connection)
}

/// The file that a restore left in the folder when it was cut off, where there is no state.
fn restore_cut_off(path: &Path) -> Option<PathBuf> {
    if path.exists() {
        return None;
    }
    let beside = path.parent()?.read_dir().ok()?.flatten();
    let is_left = |name: &OsStr| {
        name.to_str().and_then(|name| name.strip_prefix('.')).is_some_and(|name| name.starts_with(RESTORE))
    };
    beside.map(|file| file.path()).find(|file| file.file_name().is_some_and(is_left))
}

/// Creates the folder of the file, for its owner alone.
pub(crate) fn make_folder(path: &Path) -> Result<(), OpenError> {
    let Some(parent) = path.parent().filter(|parent| !parent.as_os_str().is_empty()) else {
        return Ok(());
    };
    private::make_folder(parent)
        .map_err(|error| OpenError::File { path: path.to_owned(), reason: error.to_string() })
}

/// Creates the file; SQLite gives the files that it puts beside it the same permissions.
fn create(path: &Path) -> io::Result<()> {
    private::open_or_make_file(path)?;
    // It may have been there, with files beside it that SQLite made as open as it was.
    close_to_others(path)?;
    for beside in ["-wal", "-shm"] {
        let mut name = path.as_os_str().to_owned();
        name.push(beside);
        match close_to_others(Path::new(&name)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
    }
    Ok(())
}

fn connect(path: &Path) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(BUSY)?;
    Ok(connection)
}

/// Has statements wait for another process for what is left of [`BUSY`] since an operation was asked for.
pub(super) fn wait_for_others_since(connection: &Connection, asked_at: Instant) -> rusqlite::Result<()> {
    let steps = asked_at.elapsed().as_millis() / SPENT_STEP.as_millis();
    let spent = SPENT_STEP.saturating_mul(u32::try_from(steps).unwrap_or(u32::MAX));
    connection.busy_timeout(BUSY.saturating_sub(spent))
}

/// Brings a file to the present layout, and refuses one that is not ours before anything is changed in it.
fn lay_out(path: &Path, connection: &mut Connection) -> Result<(), OpenError> {
    let error = |error: rusqlite::Error| open_error(path, &error);
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(error)?;
    let pragma = |name| transaction.pragma_query_value(None, name, |row| row.get::<_, i32>(0));
    let application = pragma("application_id").map_err(error)?;
    let taken = usize::try_from(pragma("user_version").map_err(error)?).unwrap_or(usize::MAX);
    let objects: u32 =
        transaction.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0)).map_err(error)?;
    let is_empty = application == 0 && objects == 0;
    if application != APPLICATION && !is_empty {
        let reason = "it is the database of another program".to_owned();
        return Err(OpenError::Foreign { path: path.to_owned(), reason });
    }
    let known = LAYOUTS.len();
    let Some(steps) = LAYOUTS.get(if is_empty { 0 } else { taken }..) else {
        let number = |layout| u32::try_from(layout).unwrap_or(u32::MAX);
        return Err(OpenError::Newer { path: path.to_owned(), found: number(taken), known: number(known) });
    };
    if !steps.is_empty() {
        take_steps(&transaction, steps).map_err(error)?;
        transaction.commit().map_err(error)?;
    }
    Ok(())
}

fn take_steps(transaction: &Transaction<'_>, steps: &[&str]) -> rusqlite::Result<()> {
    for step in steps {
        transaction.execute_batch(step)?;
    }
    transaction.pragma_update(None, "application_id", APPLICATION)?;
    transaction.pragma_update(None, "user_version", newest_layout())
}

/// Has every commit wait for the disk, and makes sure of it.
fn configure(path: &Path, connection: &Connection) -> Result<(), OpenError> {
    let error = |error: rusqlite::Error| open_error(path, &error);
    let mode = write_ahead(connection).map_err(error)?;
    if mode != "wal" {
        return Err(OpenError::File {
            path: path.to_owned(),
            reason: "its file system does not support SQLite's write-ahead log; a network drive does not"
                .to_owned(),
        });
    }
    connection.pragma_update(None, "synchronous", "FULL").map_err(error)
}

/// SQLite does not wait for another process that is switching the same new file.
fn write_ahead(connection: &Connection) -> rusqlite::Result<String> {
    let switch = || connection.pragma_update_and_check(None, "journal_mode", "WAL", |row| row.get(0));
    for _ in 0..BUSY.as_millis() / BUSY_STEP.as_millis() {
        match switch() {
            Err(error) if error.sqlite_error_code() == Some(ErrorCode::DatabaseBusy) => {
                thread::sleep(BUSY_STEP);
            }
            done => return done,
        }
    }
    switch()
}

pub(super) fn open_error(path: &Path, error: &rusqlite::Error) -> OpenError {
    let (path, reason) = (path.to_owned(), error.to_string());
    match error.sqlite_error_code() {
        Some(ErrorCode::NotADatabase | ErrorCode::DatabaseCorrupt) => OpenError::Foreign { path, reason },
        _ => OpenError::File { path, reason },
    }
}
