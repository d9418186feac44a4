//! The services that skill management uses.

use std::sync::Arc;

use super::permission::InvokePermission;
use crate::amazon::Transport;
use crate::clock::{Clock, Random};
use crate::config::SkillIds;
use crate::probe::Prober;
use crate::secrets::SecretStore;
use crate::store::Store;

/// The services that skill management uses.
#[derive(Clone, Debug)]
pub struct SmapiDeps {
    /// Sends requests to Amazon.
    pub transport: Transport,
    /// Reads the certificate of the skill's endpoint.
    pub prober: Arc<dyn Prober>,
    /// Keeps the session of the developer account.
    pub secrets: Arc<dyn SecretStore>,
    /// Keeps the provisioning and the settings.
    pub store: Arc<dyn Store>,
    /// The skills that the environment names.
    pub skill_ids: SkillIds,
    /// Lets Alexa invoke the function; none where there is no function.
    pub permission: Option<Arc<dyn InvokePermission>>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// For the state of a sign-in, names of lease holders, and jitter.
    pub random: Arc<dyn Random>,
}
