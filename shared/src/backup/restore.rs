//! Restoring a backup.

use std::fs::{self, DirBuilder};
use std::io::{self, Read as _};
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};

use super::file::{self, BackupFile};
use super::make::copy;
use super::temporary::Temporary;
use super::{BackupError, MAX_DOWNLOAD, StatePlaces};
use crate::clock::Timestamp;
use crate::store::sqlite::{RESTORE, StateLock, make_folder};

/// The outcome of a restore.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Restored {
    /// When the backup was made, RFC 3339 in UTC.
    pub made_at: String,
    /// The folders with what was there before.
    pub before: Vec<PathBuf>,
}

/// Replaces state and secrets with those of a backup. What was there moves to folders beside the new files. Nothing is
/// changed before the backup was read as a whole and every other program was found to have ended. It waits for the disk.
///
/// # Errors
/// When the file is no whole backup or of a newer release, a program uses the state, or a folder cannot be written. The
/// old files are in their place then.
pub fn restore(places: &StatePlaces, from: &Path, now: Timestamp) -> Result<Restored, BackupError> {
    let backup = BackupFile::open(from)?;
    let state = places.state();
    make_folder(state)
        .map_err(|error| BackupError::File { path: places.folder().to_owned(), reason: error.to_string() })?;
    let lock = StateLock::alone(state).map_err(|error| BackupError::file(state, &error))?;
    let _lock = lock.ok_or_else(|| BackupError::InUse(state.to_owned()))?;
    let staged = Temporary::create(places.folder(), RESTORE);
    let staged = staged.map_err(|error| BackupError::file(places.folder(), &error))?;
    staged.hand_over();
    copy(&backup.connection, staged.path())?;
    file::remove_secrets(staged.path()).map_err(|error| BackupError::sqlite(staged.path(), &error))?;

    let aside = format!("before-restore-{}", now.rfc3339().replace([':', '.'], "-"));
    let old = Moved::away(state, &places.folder().join(&aside));
    let old = old.map_err(|error| BackupError::file(places.folder(), &error))?;
    staged.publish(state).map_err(|error| BackupError::file(state, &error))?;
    let old_secrets = places.secrets().replace(&backup.secrets, &aside);
    let old_secrets = old_secrets.inspect_err(|_| drop(fs::remove_file(state)))?;
    let before = old.keep().into_iter().chain(old_secrets).collect();
    Ok(Restored { made_at: backup.made_at, before })
}

/// [`restore`] of a backup that comes through a pipe, of at most [`MAX_DOWNLOAD`] bytes.
///
/// # Errors
/// As [`restore`], and when it is larger or cannot be read.
pub fn restore_from(
    places: &StatePlaces,
    from: &mut dyn io::Read,
    now: Timestamp,
) -> Result<Restored, BackupError> {
    let folder = places.folder();
    let failed = |error: io::Error| BackupError::file(folder, &error);
    make_folder(places.state())
        .map_err(|error| BackupError::File { path: folder.to_owned(), reason: error.to_string() })?;
    let received = Temporary::create(folder, "ma-alexa-received").map_err(failed)?;
    if received.fill(&mut from.take(MAX_DOWNLOAD + 1)).map_err(failed)? > MAX_DOWNLOAD {
        return Err(BackupError::TooLarge);
    }
    restore(places, received.path(), now)
}

/// Files that were moved to a folder, and move back when this is dropped.
struct Moved {
    folder: PathBuf,
    files: Vec<(PathBuf, PathBuf)>,
}

impl Moved {
    /// Moves a state file, and what SQLite has beside it.
    fn away(state: &Path, folder: &Path) -> io::Result<Self> {
        let mut moved = Self { folder: folder.to_owned(), files: Vec::new() };
        for end in ["", "-wal", "-shm"] {
            let mut from = state.as_os_str().to_owned();
            from.push(end);
            let from = PathBuf::from(from);
            if !fs::exists(&from)? {
                continue;
            }
            if moved.files.is_empty() {
                DirBuilder::new().mode(0o700).create(folder)?;
            }
            let to = folder.join(from.file_name().unwrap_or_default());
            fs::rename(&from, &to)?;
            moved.files.push((from, to));
        }
        Ok(moved)
    }

    /// Leaves them there; the folder, where there are any.
    fn keep(mut self) -> Option<PathBuf> {
        let files = std::mem::take(&mut self.files);
        (!files.is_empty()).then(|| std::mem::take(&mut self.folder))
    }
}

impl Drop for Moved {
    fn drop(&mut self) {
        for (from, to) in &self.files {
            let _ = fs::rename(to, from);
        }
        if !self.files.is_empty() {
            let _ = fs::remove_dir(&self.folder);
        }
    }
}
