//! Making a backup.

use std::fs;
use std::io::ErrorKind;
use std::path::Path;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use rusqlite::{Connection, OpenFlags};

use super::error::{BackupError, MAX_DOWNLOAD};
use super::temporary::{Temporary, folder_of};
use super::{StatePlaces, file};
use crate::clock::Timestamp;
use crate::store::sqlite::{APPLICATION, StateLock};

/// Held while a download is made.
static DOWNLOAD: Mutex<()> = Mutex::new(());

/// Time that a backup waits for a process that writes.
const BUSY: Duration = Duration::from_secs(10);

/// Writes a backup to the new file `to`, which its owner alone can read. A server that runs goes on. It waits for the
/// disk.
///
/// # Errors
/// When the file exists, there is no state, or something cannot be read or written. No file is left then.
pub fn make(places: &StatePlaces, to: &Path, now: Timestamp) -> Result<(), BackupError> {
    if fs::symlink_metadata(to).is_ok() {
        return Err(BackupError::Exists(to.to_owned()));
    }
    let copy = build(places, folder_of(to), now)?;
    copy.publish(to).map_err(|error| match error.kind() {
        ErrorKind::AlreadyExists => BackupError::Exists(to.to_owned()),
        _ => BackupError::file(to, &error),
    })
}

/// The bytes of a backup, of at most [`MAX_DOWNLOAD`]. It waits for the disk.
///
/// # Errors
/// As [`make`], and when it is larger.
pub fn to_bytes(places: &StatePlaces, now: Timestamp) -> Result<Vec<u8>, BackupError> {
    // One at a time: the temporary file has one name, and a small machine little memory.
    let _one = DOWNLOAD.lock().unwrap_or_else(PoisonError::into_inner);
    let copy = build(places, places.folder(), now)?;
    let failed = |error| BackupError::file(copy.path(), &error);
    if fs::metadata(copy.path()).map_err(failed)?.len() > MAX_DOWNLOAD {
        return Err(BackupError::TooLarge);
    }
    fs::read(copy.path()).map_err(failed)
}

/// A backup in a temporary file of `folder`.
fn build(places: &StatePlaces, folder: &Path, now: Timestamp) -> Result<Temporary, BackupError> {
    let state = places.state();
    if !state.is_file() {
        return Err(BackupError::NoState(state.to_owned()));
    }
    let lock = StateLock::share(state).map_err(|error| BackupError::file(state, &error))?;
    let _lock = lock.ok_or_else(|| BackupError::BeingRestored(state.to_owned()))?;
    let copy =
        Temporary::create(folder, "ma-alexa-backup").map_err(|error| BackupError::file(folder, &error))?;
    copy_state(state, copy.path())?;
    // After the state: it names no secret, and each file of them is replaced as a whole.
    let secrets = places.secrets().export()?;
    file::add_secrets(copy.path(), &secrets, now)
        .map_err(|error| BackupError::sqlite(copy.path(), &error))?;
    Ok(copy)
}

fn copy_state(state: &Path, to: &Path) -> Result<(), BackupError> {
    let failed = |error: rusqlite::Error| BackupError::sqlite(state, &error);
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(state, flags).map_err(failed)?;
    connection.busy_timeout(BUSY).map_err(failed)?;
    let (application, _) = file::layout_of(&connection, state)?;
    if application != APPLICATION {
        let reason = "it is the database of another program".to_owned();
        return Err(BackupError::File { path: state.to_owned(), reason });
    }
    copy(&connection, to)
}

/// Copies what a connection sees at one moment into an empty file (SQLite, `VACUUM INTO`).
pub(super) fn copy(connection: &Connection, to: &Path) -> Result<(), BackupError> {
    let Some(name) = to.to_str() else {
        let reason = "its path is not Unicode".to_owned();
        return Err(BackupError::File { path: to.to_owned(), reason });
    };
    connection.execute("VACUUM INTO ?1", [name]).map(drop).map_err(|error| BackupError::sqlite(to, &error))
}
