//! The permission of a function that lets Alexa invoke it.

#[cfg(not(feature = "lambda"))]
use std::convert::Infallible;
use std::fmt;
#[cfg(not(feature = "lambda"))]
use std::sync::Arc;

use async_trait::async_trait;

#[cfg(not(feature = "lambda"))]
use crate::config::Env;
use crate::config::SkillId;

/// Reason why a permission cannot be read or granted. Each holds AWS's error code.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PermissionError {
    /// This deployment may not read or change it.
    #[error("this deployment may not let Alexa invoke the function: {0}")]
    Denied(String),
    /// AWS knows no such function, or not the keys of this deployment. Another attempt fails as well.
    #[error("AWS knows no such function, or not the keys of this deployment: {0}")]
    Unknown(String),
    /// AWS does not answer, or not now.
    #[error("AWS does not say whether Alexa may invoke the function: {0}")]
    Unavailable(String),
}

/// Always none: this build has no client of AWS Lambda.
///
/// # Errors
/// Never.
#[cfg(not(feature = "lambda"))]
pub fn from_env(_: &Env) -> Result<Option<Arc<dyn InvokePermission>>, Infallible> {
    Ok(None)
}

/// Lets Alexa invoke a function, for one skill alone.
#[async_trait]
pub trait InvokePermission: fmt::Debug + Send + Sync {
    /// Whether the function accepts requests of this skill.
    async fn is_granted(&self, function: &str, skill: &SkillId) -> Result<bool, PermissionError>;

    /// Makes the function accept requests of this skill, and of no other. Idempotent.
    async fn grant(&self, function: &str, skill: &SkillId) -> Result<(), PermissionError>;
}
