//! Managing the skill itself: Login with Amazon, the skill management API, and the permission that lets Alexa invoke
//! the function (Alexa Skills Kit, SMAPI).

mod error;
mod facts;
mod manager;
mod permission;

pub use error::SmapiError;
pub use facts::{Build, DeveloperStatus, LocaleFacts, SkillFacts};
pub use manager::{SkillManager, SkillParts};
#[cfg(feature = "lambda")]
pub use permission::LambdaPermission;
pub use permission::{InvokePermission, PermissionError};
