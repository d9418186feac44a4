//! The file of a backup: how it differs from a state file, and what is checked before it is used.

use std::path::Path;

use rusqlite::{Connection, OpenFlags};
use secrecy::SecretString;

use super::BackupError;
use crate::clock::Timestamp;
use crate::secrets::{MAX_FILES, SecretFile};
use crate::store::sqlite::{APPLICATION, newest_layout};

/// Marks a file as a backup: `MAlb` (SQLite, pragma `application_id`).
const BACKUP: i32 = 0x4D41_6C62;

/// The tables that a backup has besides those of the state.
const TABLES: &str = "
    CREATE TABLE backup_about (made_at TEXT NOT NULL, program TEXT NOT NULL) STRICT;
    CREATE TABLE backup_secrets (name TEXT PRIMARY KEY, content TEXT NOT NULL) STRICT;";

/// A database that this release can read: a state, or a backup of one.
pub(super) fn layout_of(connection: &Connection, path: &Path) -> Result<(i32, u32), BackupError> {
    let pragma = |name| connection.pragma_query_value(None, name, |row| row.get::<_, i32>(0));
    let read = || Ok((pragma("application_id")?, pragma("user_version")?));
    let (application, layout) =
        read().map_err(|error: rusqlite::Error| BackupError::no_backup(path, error.to_string()))?;
    let (found, known) = (u32::try_from(layout).unwrap_or(u32::MAX), newest_layout());
    if [APPLICATION, BACKUP].contains(&application) && found > known {
        return Err(BackupError::Newer { path: path.to_owned(), found, known });
    }
    Ok((application, found))
}

/// Makes a backup of the copy of a state: adds the secrets and marks it.
pub(super) fn add_secrets(copy: &Path, secrets: &[SecretFile], now: Timestamp) -> rusqlite::Result<()> {
    let mut connection = open_copy(copy)?;
    let transaction = connection.transaction()?;
    transaction.execute_batch(TABLES)?;
    let program = env!("CARGO_PKG_VERSION");
    transaction.execute("INSERT INTO backup_about VALUES (?1, ?2)", [&now.rfc3339(), program])?;
    for secret in secrets {
        transaction
            .execute("INSERT INTO backup_secrets VALUES (?1, ?2)", [secret.name(), secret.content()])?;
    }
    transaction.pragma_update(None, "application_id", BACKUP)?;
    transaction.commit()
}

/// Makes a state of the copy of a backup: removes the secrets, also from the free pages, and marks it.
pub(super) fn remove_secrets(copy: &Path) -> rusqlite::Result<()> {
    let connection = open_copy(copy)?;
    connection.execute_batch("DROP TABLE backup_secrets; DROP TABLE backup_about; VACUUM;")?;
    connection.pragma_update(None, "application_id", APPLICATION)
}

/// A file that no other process knows: it needs no journal beside it.
fn open_copy(copy: &Path) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(copy, flags)?;
    connection.pragma_update(None, "journal_mode", "MEMORY")?;
    connection.pragma_update(None, "secure_delete", true)?;
    Ok(connection)
}

/// A backup that was read as a whole and found in order.
pub(super) struct BackupFile {
    /// Reads the file; it was not opened for writing.
    pub(super) connection: Connection,
    /// The secrets.
    pub(super) secrets: Vec<SecretFile>,
    /// When it was made, RFC 3339 in UTC.
    pub(super) made_at: String,
}

impl BackupFile {
    /// Opens a file, and makes sure that all of it can be restored.
    pub(super) fn open(path: &Path) -> Result<Self, BackupError> {
        if !std::fs::metadata(path).map_err(|error| BackupError::file(path, &error))?.is_file() {
            return Err(BackupError::no_backup(path, "it is not a file"));
        }
        let damaged = |error: rusqlite::Error| BackupError::no_backup(path, error.to_string());
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(path, flags).map_err(damaged)?;
        let (application, _) = layout_of(&connection, path)?;
        match application {
            BACKUP => {}
            APPLICATION => {
                return Err(BackupError::no_backup(path, "it is a state file, without the secrets"));
            }
            _ => return Err(BackupError::no_backup(path, "it is the database of another program")),
        }
        check(&connection)
            .map_err(damaged)?
            .map_or(Ok(()), |defect| Err(BackupError::no_backup(path, defect)))?;
        let made_at = connection.query_row("SELECT made_at FROM backup_about", [], |row| row.get(0));
        let secrets = secrets_of(&connection).map_err(damaged)?;
        if secrets.len() > MAX_FILES {
            return Err(BackupError::no_backup(path, "it has too many secrets"));
        }
        let secrets = secrets.into_iter().map(|(name, content)| SecretFile::new(name, content));
        let secrets = secrets.collect::<Result<_, _>>()?;
        Ok(Self { made_at: made_at.map_err(damaged)?, secrets, connection })
    }
}

/// The defect of a database; none where it is whole and has the tables of a backup alone.
fn check(connection: &Connection) -> rusqlite::Result<Option<String>> {
    let whole: String = connection.query_row("PRAGMA integrity_check(1)", [], |row| row.get(0))?;
    if whole != "ok" {
        return Ok(Some(whole));
    }
    let mut objects =
        connection.prepare("SELECT name FROM sqlite_schema WHERE name NOT LIKE 'sqlite_%' ORDER BY name")?;
    let objects: Vec<String> = objects.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?;
    let is_backup = objects == ["backup_about", "backup_secrets", "items", "items_by_expiry"];
    Ok((!is_backup).then(|| "it has other tables".to_owned()))
}

fn secrets_of(connection: &Connection) -> rusqlite::Result<Vec<(String, SecretString)>> {
    let limit = i64::try_from(MAX_FILES + 1).unwrap_or(i64::MAX);
    let mut secrets =
        connection.prepare("SELECT name, content FROM backup_secrets ORDER BY name LIMIT ?1")?;
    let secrets = secrets.query_map([limit], |row| {
        Ok((row.get::<_, String>(0)?, SecretString::from(row.get::<_, String>(1)?)))
    })?;
    secrets.collect()
}
