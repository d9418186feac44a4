//! Backups of a server at home: its state and its secrets in one file.
//!
//! The file is a SQLite database: the copy that `VACUUM INTO` makes of the state at one moment, beside a server that goes
//! on writing, with a table of the secrets. SQLite brings the check for damage and the number of the layout, so there is
//! no archive format, and no crate for one. Its own `application_id` keeps a backup from being opened as a state.

mod error;
mod file;
mod make;
mod places;
mod restore;
mod temporary;

pub use error::{BackupError, MAX_DOWNLOAD};
pub use make::{make, to_bytes};
pub use places::StatePlaces;
pub use restore::{Restored, restore, restore_from};
