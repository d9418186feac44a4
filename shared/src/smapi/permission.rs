//! The permission that lets Alexa invoke the function.

#[cfg(not(feature = "lambda"))]
use std::convert::Infallible;
use std::fmt;
#[cfg(not(feature = "lambda"))]
use std::sync::Arc;

use async_trait::async_trait;

#[cfg(not(feature = "lambda"))]
use crate::config::Env;
use crate::config::SkillId;

/// Why the function does not let Alexa in.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PermissionError {
    /// This deployment may not change it.
    #[error("this deployment may not let Alexa invoke the function: {0}")]
    Denied(String),
    /// AWS does not know the function, or not the keys of this deployment; its word for it. That stays so.
    #[error("AWS knows no such function, or not the keys of this deployment: {0}")]
    Unknown(String),
    /// AWS does not answer, or not now.
    #[error("AWS does not say whether Alexa may invoke the function: {0}")]
    Unavailable(String),
}

/// None: this build has no client of AWS Lambda.
///
/// # Errors
/// Never.
#[cfg(not(feature = "lambda"))]
pub fn invoke_permission(_: &Env) -> Result<Option<Arc<dyn InvokePermission>>, Infallible> {
    Ok(None)
}

/// Lets Alexa invoke a function, for one skill alone.
#[async_trait]
pub trait InvokePermission: fmt::Debug + Send + Sync {
    /// Whether requests of this skill are let in.
    async fn admits(&self, function: &str, skill: &SkillId) -> Result<bool, PermissionError>;

    /// Lets the requests of this skill in, and no other's; nothing where they are let in already.
    async fn admit(&self, function: &str, skill: &SkillId) -> Result<(), PermissionError>;
}
