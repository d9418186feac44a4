//! The state of the skill at Amazon, and of the sign-in to the developer account.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::account::Revoked;
use crate::clock::Timestamp;
use crate::config::SkillId;

/// The state of the sign-in to the developer account.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DeveloperStatus {
    /// Whether a person signed in.
    pub signed_in: bool,
    /// The client id of the security profile, once one was entered.
    pub client_id: Option<String>,
    /// Reason and time of the revocation by Amazon.
    pub ended: Option<Revoked>,
    /// Time of the last refresh of the access token.
    pub renewed_at: Option<Timestamp>,
    /// Time at which the pending sign-in began.
    pub login_began_at: Option<Timestamp>,
}

/// The skill in its development stage.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SkillStatus {
    /// The id of the skill.
    pub id: SkillId,
    /// The endpoint as the manifest names it: an ARN or an https address.
    pub endpoint: Option<String>,
    /// The certificate's type, where the endpoint is an address: `Trusted`, `Wildcard` or `SelfSigned`.
    pub certificate: Option<String>,
    /// Whether the account's Echos may use it.
    pub testing: bool,
    /// The locales of the skill, by name.
    pub locales: BTreeMap<String, LocaleStatus>,
}

/// One locale of the skill.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LocaleStatus {
    /// The build of its interaction model.
    pub build: BuildStatus,
    /// The name by which people call the skill.
    pub invocation_name: Option<String>,
}

/// The build of an interaction model.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BuildStatus {
    /// There is no model.
    Missing,
    /// Amazon builds the model.
    InProgress,
    /// The model serves.
    Succeeded,
    /// The model does not serve, for Amazon's reasons.
    Failed(Vec<String>),
}
