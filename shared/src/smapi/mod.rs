//! Managing the skill itself: Login with Amazon, the skill management API, and the permission that lets Alexa invoke
//! the function (Alexa Skills Kit, SMAPI).

mod client;
mod error;
mod facts;
mod inspect;
mod manager;
mod permission;
mod profile;
mod sign_in;
mod tokens;
mod update;
mod wish;

pub use error::SmapiError;
pub use facts::{Build, DeveloperStatus, LocaleFacts, SkillFacts};
pub use manager::{SkillManager, SkillParts};
#[cfg(feature = "lambda")]
pub use permission::LambdaPermission;
pub use permission::{InvokePermission, PermissionError};
pub use profile::SecurityProfile;
pub use wish::SkillWish;
