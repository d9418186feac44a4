//! The services of skill management.

use std::sync::Arc;

use super::permission::InvokePermission;
use crate::amazon::AmazonTransport;
use crate::deps::Deps;
use crate::probe::Prober;
use crate::secrets::SecretStore;

/// The services of skill management.
#[derive(Debug)]
pub(super) struct Services {
    pub(super) deps: Deps,
    /// Keeps the session of the developer account.
    pub(super) secrets: Arc<dyn SecretStore>,
    /// Sends requests to Amazon.
    pub(super) transport: AmazonTransport,
    /// Reads the certificate of the skill's endpoint.
    pub(super) prober: Arc<dyn Prober>,
    /// Lets Alexa invoke the function; none where there is no function.
    pub(super) permission: Option<Arc<dyn InvokePermission>>,
}
