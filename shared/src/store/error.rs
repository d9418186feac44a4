//! Errors of every store.

/// Reason why the store gave no answer.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// It cannot be reached, or did not answer in time; trying again may help.
    #[error("the store cannot be reached: {0}")]
    Unavailable(String),
    /// There is no room on the disk for what is to be kept.
    #[error("the disk is full: {0}")]
    Full(String),
    /// It holds an item that a newer release wrote.
    #[error(
        "the store holds an item of schema {found}, this release reads up to {known}: install the newer release"
    )]
    Newer {
        /// The item's schema.
        found: u32,
        /// The newest that this release reads.
        known: u32,
    },
    /// It holds an item that cannot be read, or refused the request. The fault is ours, or of the person who edited it.
    #[error("the store holds or was given something malformed: {0}")]
    Malformed(String),
}
