//! The lock of a state file: each process that has the file open holds a share of it, and a restore holds it alone.

use std::fs::{File, TryLockError};
use std::io::{self, ErrorKind};
use std::path::Path;

use crate::private::open_or_make_file;

/// A share of the lock, or all of it, until it is dropped or the process ends.
#[derive(Debug)]
pub(crate) struct StateLock {
    _file: File,
}

impl StateLock {
    /// A share of the lock; none while another process holds it alone.
    pub(crate) fn share(state: &Path) -> io::Result<Option<Self>> {
        Self::take(state, File::try_lock_shared)
    }

    /// The whole lock; none while any process has the state file open.
    pub(crate) fn alone(state: &Path) -> io::Result<Option<Self>> {
        Self::take(state, File::try_lock)
    }

    fn take(state: &Path, lock: fn(&File) -> Result<(), TryLockError>) -> io::Result<Option<Self>> {
        let mut name = state.as_os_str().to_owned();
        name.push(".lock");
        let file = open_or_make_file(Path::new(&name))?;
        match lock(&file) {
            Ok(()) => Ok(Some(Self { _file: file })),
            Err(TryLockError::WouldBlock) => Ok(None),
            // A file system without locks keeps no process out; SQLite refuses most of them by itself.
            Err(TryLockError::Error(error)) if error.kind() == ErrorKind::Unsupported => {
                Ok(Some(Self { _file: file }))
            }
            Err(TryLockError::Error(error)) => Err(error),
        }
    }
}
