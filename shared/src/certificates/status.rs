//! The status of the certificate for pages and the doctor.

use serde::Serialize;

use super::{FailureCode, OrderError};
use crate::clock::Timestamp;

/// The state of a certificate: until when it is valid, and what happens next.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CertificateStatus {
    /// The DNS name or IP address.
    pub name: String,
    /// End of the certificate that is served; none before the first.
    pub not_after: Option<Timestamp>,
    /// The failure of the last order; none after one that succeeded.
    pub last_error: Option<LastError>,
    /// Time of the next order.
    pub next_attempt: Timestamp,
}

/// The failure of an order, as it is shown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LastError {
    /// The kind.
    pub code: FailureCode,
    /// The cause, for people.
    pub cause: String,
}

impl From<&OrderError> for LastError {
    fn from(error: &OrderError) -> Self {
        Self { code: error.code, cause: error.cause.clone() }
    }
}
