//! The skill as Amazon has it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::account::Revoked;
use crate::clock::Timestamp;
use crate::config::SkillId;

/// Who is signed in to the developer account.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DeveloperStatus {
    /// Whether a person signed in.
    pub signed_in: bool,
    /// The client id of the security profile, once one was entered.
    pub client_id: Option<String>,
    /// Amazon took the session back.
    pub ended: Option<Revoked>,
    /// When its token was last renewed.
    pub renewed_at: Option<Timestamp>,
    /// Since when a sign-in waits for its return.
    pub login_began_at: Option<Timestamp>,
}

/// The skill in its development stage.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SkillFacts {
    /// Its id.
    pub id: SkillId,
    /// What it points to, as the manifest names it: an ARN or an https address.
    pub endpoint: Option<String>,
    /// The certificate's type, where it points to an address: `Trusted`, `Wildcard` or `SelfSigned`.
    pub certificate: Option<String>,
    /// Whether it may be used on the account's Echos.
    pub testing: bool,
    /// Its locales, by name.
    pub locales: BTreeMap<String, LocaleFacts>,
}

/// One locale of the skill.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LocaleFacts {
    /// Whether its model is built.
    pub build: Build,
    /// The name by which people call it.
    pub invocation_name: Option<String>,
}

/// What became of the last model that was written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Build {
    /// There is no model.
    Missing,
    /// Amazon builds it.
    InProgress,
    /// It serves.
    Succeeded,
    /// It does not, for these reasons of Amazon's.
    Failed(Vec<String>),
}
