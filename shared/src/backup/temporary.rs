//! A file beside its destination, which is removed unless it gets there.

use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind};
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use crate::private::hand_over;

/// Most files of a folder that are looked at.
const MOST_FILES: usize = 10_000;

/// An empty file for its owner alone, removed when it is dropped. The lock says that its process lives.
#[derive(Debug)]
pub(super) struct Temporary {
    path: PathBuf,
    lock: File,
}

impl Temporary {
    /// Makes the file in `folder`, and removes those that processes left when they died. This process makes one of a
    /// name at a time.
    pub(super) fn create(folder: &Path, name: &str) -> io::Result<Self> {
        let prefix = format!(".{name}-");
        remove_abandoned(folder, &prefix);
        let path = folder.join(format!("{prefix}{}", std::process::id()));
        let file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path)?;
        file.try_lock()?;
        // Until the lock another process may have taken it for abandoned.
        if fs::symlink_metadata(&path)?.ino() != file.metadata()?.ino() {
            return Err(ErrorKind::NotFound.into());
        }
        Ok(Self { path, lock: file })
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Writes what a reader has, and returns the number of its bytes.
    pub(super) fn fill(&self, from: &mut dyn io::Read) -> io::Result<u64> {
        io::copy(from, &mut &self.lock)
    }

    /// Gives the file to the owner of its folder, where root made it.
    pub(super) fn hand_over(&self) {
        hand_over(&self.lock, &self.path);
    }

    /// Gives the file the name `to` once it is on the disk, and replaces no file.
    pub(super) fn publish(self, to: &Path) -> io::Result<()> {
        File::open(&self.path)?.sync_all()?;
        match fs::hard_link(&self.path, to) {
            Err(error) if error.kind() == ErrorKind::AlreadyExists => return Err(error),
            // File systems such as FAT have no second names.
            Err(_) if fs::symlink_metadata(to).is_ok() => return Err(ErrorKind::AlreadyExists.into()),
            Err(_) => fs::rename(&self.path, to)?,
            Ok(()) => {}
        }
        // The new name lasts only once the folder is on the disk too.
        File::open(folder_of(to))?.sync_all()
    }
}

impl Drop for Temporary {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.path);
    }
}

/// Removes the files with this prefix and a number that no process has locked. What cannot be removed stays.
fn remove_abandoned(folder: &Path, prefix: &str) {
    let Ok(files) = fs::read_dir(folder) else { return };
    let is_ours = |name: &str| name.strip_prefix(prefix).is_some_and(|rest| rest.parse::<u32>().is_ok());
    for file in files.take(MOST_FILES).flatten() {
        if file.file_name().to_str().is_some_and(is_ours) && is_abandoned(&file.path()) {
            let _ = fs::remove_file(file.path());
        }
    }
}

fn is_abandoned(path: &Path) -> bool {
    fs::symlink_metadata(path).is_ok_and(|data| data.is_file())
        && File::open(path).is_ok_and(|file| file.try_lock().is_ok())
}

/// The folder of a file.
pub(super) fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or_else(|| Path::new("."))
}
