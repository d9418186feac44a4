//! Reasons why there is no backup, or why none is restored.

use std::io;
use std::path::{Path, PathBuf};

use crate::config::ConfigError;
use crate::secrets::SecretsError;

/// Most bytes of a backup that goes over HTTP or through a pipe.
pub const MAX_DOWNLOAD: u64 = 64 * 1024 * 1024;

/// Reason why a backup is not made or not restored: the cause, then the remedy.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// A variable is malformed.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// State or secrets are in AWS.
    #[error("{0} names a place in AWS, which keeps backups of its own: see docs/operations.md")]
    NotAtHome(&'static str),
    /// There is a file of that name.
    #[error("{} already exists. Name another file, or move it away", .0.display())]
    Exists(PathBuf),
    /// No state was ever written.
    #[error("there is no state at {} yet. Start `ma-alexa` once, or name its folder with --data-dir", .0.display())]
    NoState(PathBuf),
    /// The file is no backup, or damaged.
    #[error("{} is not a whole backup of this program: {reason}. Name a file that `ma-alexa backup` made", path.display())]
    NotABackup {
        /// The file.
        path: PathBuf,
        /// Its defect.
        reason: String,
    },
    /// A newer release wrote the state or the backup.
    #[error("{} has layout {found}, and this release knows up to {known}. Install the newer release", path.display())]
    Newer {
        /// The file.
        path: PathBuf,
        /// The number of its layout.
        found: u32,
        /// The newest that this release knows.
        known: u32,
    },
    /// A process has the state open.
    #[error("a running program uses {}. Stop it, then restore the backup", .0.display())]
    InUse(PathBuf),
    /// A backup is being restored.
    #[error("a backup is being restored to {}. Try again when that is done", .0.display())]
    BeingRestored(PathBuf),
    /// A download or a pipe would be larger than its limit.
    #[error("the backup is larger than {} MiB. Use `ma-alexa backup FILE` and `ma-alexa restore FILE` on the machine of the server", MAX_DOWNLOAD / 1024 / 1024)]
    TooLarge,
    /// A file cannot be read or written.
    #[error("{} cannot be used: {reason}", path.display())]
    File {
        /// The file or folder.
        path: PathBuf,
        /// Error of the system.
        reason: String,
    },
    /// The secrets cannot be read or written.
    #[error(transparent)]
    Secrets(#[from] SecretsError),
}

impl BackupError {
    pub(super) fn file(path: &Path, error: &io::Error) -> Self {
        Self::File { path: path.to_owned(), reason: error.to_string() }
    }

    pub(super) fn sqlite(path: &Path, error: &rusqlite::Error) -> Self {
        Self::File { path: path.to_owned(), reason: error.to_string() }
    }

    pub(super) fn no_backup(path: &Path, reason: impl Into<String>) -> Self {
        Self::NotABackup { path: path.to_owned(), reason: reason.into() }
    }
}
