//! Choice of the store, by one address.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use super::Store;
use crate::clock::{Clock, Random};

/// Parts of the machine that a store, of state or of secrets, needs.
pub struct Environment<'a> {
    /// Tells when to clear away what has expired.
    pub clock: Arc<dyn Clock>,
    /// Tells apart what happens in one moment.
    pub random: Arc<dyn Random>,
    /// Looks up the variables of AWS.
    pub lookup: &'a dyn Fn(&str) -> Option<String>,
}

impl fmt::Debug for Environment<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Environment").finish_non_exhaustive()
    }
}

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
        "STORE_URL={url} needs a program that was built with the feature `{feature}`; for DynamoDB at home: \
         cargo run -p local --features aws"
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

/// Opens the store that `url` names: `sqlite:PATH`, or `dynamodb://TABLE`. A relative path begins at the
/// working directory. A file is created where there is none; a table has to exist, which is first noticed
/// when it is used.
///
/// # Errors
/// See [`OpenError`].
pub fn open(url: &str, machine: &Environment<'_>) -> Result<Arc<dyn Store>, OpenError> {
    let filled = |rest: &&str| !rest.is_empty();
    if let Some(path) = url.strip_prefix("sqlite:").filter(filled) {
        return sqlite(url, path, machine);
    }
    if let Some(table) = url.strip_prefix("dynamodb://").filter(filled) {
        return dynamodb(url, table.trim_end_matches('/'), machine);
    }
    Err(OpenError::UnknownUrl(url.to_owned()))
}

#[cfg(feature = "sqlite")]
fn sqlite(_: &str, path: &str, machine: &Environment<'_>) -> Result<Arc<dyn Store>, OpenError> {
    let (clock, random) = (Arc::clone(&machine.clock), Arc::clone(&machine.random));
    Ok(Arc::new(super::sqlite::SqliteStore::open(path, clock, random)?))
}

#[cfg(not(feature = "sqlite"))]
fn sqlite(url: &str, _: &str, _: &Environment<'_>) -> Result<Arc<dyn Store>, OpenError> {
    let url = url.to_owned();
    Err(OpenError::NotBuilt { url, feature: "sqlite" })
}

#[cfg(feature = "dynamodb")]
fn dynamodb(_: &str, table: &str, machine: &Environment<'_>) -> Result<Arc<dyn Store>, OpenError> {
    let client = super::dynamodb::client(machine.lookup)?;
    Ok(Arc::new(super::dynamodb::DynamoStore::new(client, table, Arc::clone(&machine.random))))
}

#[cfg(not(feature = "dynamodb"))]
fn dynamodb(url: &str, _: &str, _: &Environment<'_>) -> Result<Arc<dyn Store>, OpenError> {
    let url = url.to_owned();
    Err(OpenError::NotBuilt { url, feature: "dynamodb" })
}
