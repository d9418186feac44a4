//! The Skill Management API (SMAPI) of Amazon: creates and updates the person's Alexa skill.
//!
//! - [`DeveloperLogin`]: the sign-in to the developer account, by Login with Amazon.
//! - `SmapiClient`: one method for each call, with a fresh access token.
//! - [`Provisioning`]: the state machine that brings the skill to its [`SkillSpec`], step by step.
//! - [`SkillManager`]: all of it, over the store and the secret.
//! - [`InvokePermission`]: the permission that lets Alexa invoke the function.

mod client;
mod compare;
mod developer_login;
mod error;
mod inspect;
#[cfg(feature = "lambda")]
mod lambda;
mod manager;
mod manifest;
mod permission;
mod problem_code;
mod profile;
mod provisioning;
mod random;
mod return_address;
mod search;
mod secret;
mod sentences;
mod services;
mod spec;
mod status;
pub mod testing;
mod tokens;
mod update;

pub use developer_login::{DeveloperLogin, PendingConsent};
pub use error::{AddressProblem, ProfileProblem, SmapiError};
#[cfg(feature = "lambda")]
pub use lambda::from_env as invoke_permission_from_env;
pub use manager::SkillManager;
#[cfg(not(feature = "lambda"))]
pub use permission::from_env as invoke_permission_from_env;
pub use permission::{InvokePermission, PermissionError};
pub(crate) use problem_code::ProblemCode;
pub use profile::SecurityProfile;
pub use provisioning::{
    Change, ChangeKind, Plan, Problem, Provisioning, Retry, Step, StepKind, StepState, Target,
};
pub use spec::SkillSpec;
pub use status::{BuildStatus, DeveloperStatus, LocaleStatus, SkillStatus};
