//! Managing the skill itself: Login with Amazon, the skill management API, and the permission that lets Alexa invoke
//! the function (Alexa Skills Kit, SMAPI).

mod client;
mod compare;
mod error;
mod facts;
mod find;
mod inspect;
mod job;
#[cfg(feature = "lambda")]
mod lambda;
mod manager;
mod manifest;
mod permission;
mod plan;
mod profile;
mod run;
mod sentences;
mod sign_in;
mod steps;
pub mod testing;
mod tokens;
mod update;
mod wish;

pub use error::SmapiError;
pub use facts::{Build, DeveloperStatus, LocaleFacts, SkillFacts};
pub use job::{Job, Problem, Task, TaskKind, TaskState};
#[cfg(feature = "lambda")]
pub use lambda::invoke_permission;
pub use manager::{SkillManager, SkillParts};
#[cfg(not(feature = "lambda"))]
pub use permission::invoke_permission;
pub use permission::{InvokePermission, PermissionError};
pub use plan::{Change, ChangeKind, Plan, Target};
pub use profile::{ProfileProblem, SecurityProfile};
pub use sign_in::AddressProblem;
pub use wish::SkillWish;
