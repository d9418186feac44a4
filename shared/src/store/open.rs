//! Choice of the store, by one address.

use std::fmt;
use std::sync::Arc;

use super::{OpenError, Store};
use crate::clock::{Clock, Random};

/// Parts of the machine that a store, of state or of secrets, needs.
pub struct Environment<'a> {
    /// Says when to clear away what has expired.
    pub clock: Arc<dyn Clock>,
    /// Distinguishes what happens in one moment.
    pub random: Arc<dyn Random>,
    /// Looks up the variables of AWS.
    pub lookup: &'a dyn Fn(&str) -> Option<String>,
}

impl fmt::Debug for Environment<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Environment").finish_non_exhaustive()
    }
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
