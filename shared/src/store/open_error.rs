//! Why a store cannot be opened.

use std::path::PathBuf;

/// Reason why a store cannot be opened. Each is a sentence for the person who sets `STORE_URL`.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The address is of no known kind.
    #[error(
        "STORE_URL={0} names no store: it has to be sqlite:PATH, such as sqlite:data/state.db, \
         or dynamodb://TABLE"
    )]
    UnknownUrl(String),
    /// This binary was built without that store.
    #[error(
        "STORE_URL={url} needs a program that was built with the feature `{feature}`; at home, take the one \
         of a release, or build it with `cargo install --locked --path functions/local --features aws`"
    )]
    NotBuilt {
        /// The address.
        url: String,
        /// The Cargo feature.
        feature: &'static str,
    },
    /// The file cannot be created, opened or written.
    #[error(
        "the state file {path} cannot be used: {reason}. Let the user of this program write there, or name another place in \
         STORE_URL or DATA_DIR"
    )]
    File {
        /// The file.
        path: PathBuf,
        /// Error of the system.
        reason: String,
    },
    /// The file is something else, or damaged.
    #[error("{path} is not a state file of this program: {reason}. Name another file in STORE_URL")]
    Foreign {
        /// The file.
        path: PathBuf,
        /// Actual kind of the file.
        reason: String,
    },
    /// A newer release laid the file out.
    #[error(
        "the state file {path} has layout {found}, this release knows up to {known}: install the newer release"
    )]
    Newer {
        /// The file.
        path: PathBuf,
        /// Number of the layout that the file has.
        found: u32,
        /// The newest that this release knows.
        known: u32,
    },
    /// There can be no client of DynamoDB.
    #[cfg(feature = "aws")]
    #[error(transparent)]
    Aws(#[from] crate::aws::AwsError),
}
