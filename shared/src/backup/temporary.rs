//! A file beside its destination, which is removed unless it gets there.

use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

/// An empty file for its owner alone, removed when it is dropped.
#[derive(Debug)]
pub(super) struct Temporary(PathBuf);

impl Temporary {
    /// Makes the file in `folder`; this process makes one of a name at a time.
    pub(super) fn create(folder: &Path, name: &str) -> io::Result<Self> {
        let path = folder.join(format!(".{name}-{}", std::process::id()));
        // A process of this number that died may have left one.
        match fs::remove_file(&path) {
            Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path)?;
        Ok(Self(path))
    }

    pub(super) fn path(&self) -> &Path {
        &self.0
    }

    /// Gives the file the name `to` once it is on the disk, and replaces no file.
    pub(super) fn publish(self, to: &Path) -> io::Result<()> {
        File::open(&self.0)?.sync_all()?;
        match fs::hard_link(&self.0, to) {
            Err(error) if error.kind() == ErrorKind::AlreadyExists => return Err(error),
            // File systems such as FAT have no second names.
            Err(_) if fs::symlink_metadata(to).is_ok() => return Err(ErrorKind::AlreadyExists.into()),
            Err(_) => fs::rename(&self.0, to)?,
            Ok(()) => {}
        }
        // The new name lasts only once the folder is on the disk too.
        File::open(folder_of(to))?.sync_all()
    }
}

impl Drop for Temporary {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.0);
    }
}

/// The folder of a file.
pub(super) fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or_else(|| Path::new("."))
}
