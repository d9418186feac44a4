//! Records of the door's name: at a provider, and as resolvers show them.

mod address;
mod command;
mod desec;
mod duck_dns;
mod lookup;

use std::fmt;
use std::net::IpAddr;
use std::time::Duration;

use async_trait::async_trait;

use super::{FailureCode, OrderError};

pub use address::{AddressChange, DynamicAddress};
pub use command::CommandRecords;
pub use desec::Desec;
pub use duck_dns::DuckDns;
pub use lookup::HttpsLookup;

/// The provider that keeps the records of a name.
#[async_trait]
pub trait DnsRecords: fmt::Debug + Send + Sync {
    /// Makes `value` the TXT record of `name`.
    async fn set_txt(&self, name: &str, value: &str) -> Result<(), RecordsError>;

    /// Removes the TXT record of `name`.
    async fn remove_txt(&self, name: &str, value: &str) -> Result<(), RecordsError>;

    /// Makes `address` the A or AAAA record of `name`.
    async fn set_address(&self, name: &str, address: IpAddr) -> Result<(), RecordsError>;
}

/// A look at TXT records from outside.
#[async_trait]
pub trait TxtLookup: fmt::Debug + Send + Sync {
    /// Whether all resolvers that answer show `value` as a TXT record of `name`.
    async fn shows(&self, name: &str, value: &str) -> Result<bool, RecordsError>;
}

/// The reason why a record cannot be changed or looked at. No token is in it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{cause}")]
pub struct RecordsError {
    cause: String,
    /// Time for which the provider wants no request.
    pub retry_after: Option<Duration>,
}

impl RecordsError {
    /// An error with its cause, for people.
    pub fn new(cause: impl Into<String>) -> Self {
        Self { cause: cause.into(), retry_after: None }
    }

    /// The same error, not to be followed by a request before `retry_after` is over.
    #[must_use]
    pub fn with_retry_after(self, retry_after: Option<Duration>) -> Self {
        Self { retry_after, ..self }
    }
}

impl From<RecordsError> for OrderError {
    fn from(error: RecordsError) -> Self {
        Self::new(FailureCode::Records, &error.cause).with_retry_after(error.retry_after)
    }
}
