//! The permission that lets Alexa invoke the function.

use std::fmt;

use async_trait::async_trait;

use crate::config::SkillId;

/// Why the function does not let Alexa in.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PermissionError {
    /// This deployment may not change it.
    #[error("this deployment may not let Alexa invoke the function: {0}")]
    Denied(String),
    /// AWS does not answer, or not now.
    #[error("AWS does not say whether Alexa may invoke the function: {0}")]
    Unavailable(String),
}

/// Lets Alexa invoke a function, for one skill alone.
#[async_trait]
pub trait InvokePermission: fmt::Debug + Send + Sync {
    /// Whether requests of this skill are let in.
    async fn admits(&self, function: &str, skill: &SkillId) -> Result<bool, PermissionError>;

    /// Lets the requests of this skill in, and no other's; nothing where they are let in already.
    async fn admit(&self, function: &str, skill: &SkillId) -> Result<(), PermissionError>;
}

/// AWS Lambda's own permissions.
#[cfg(feature = "lambda")]
#[derive(Clone, Debug)]
pub struct LambdaPermission {
    client: aws_sdk_lambda::Client,
}

#[cfg(feature = "lambda")]
impl LambdaPermission {
    /// With the credentials of the environment; none where the environment has none, as at home.
    ///
    /// # Errors
    /// When a variable of AWS is malformed.
    pub fn where_deployed(
        env: &crate::config::Env,
    ) -> Result<Option<std::sync::Arc<dyn InvokePermission>>, crate::aws::AwsError> {
        use aws_sdk_lambda::config::{BehaviorVersion, Builder};
        if env.get("AWS_ACCESS_KEY_ID").is_none() {
            return Ok(None);
        }
        let config = Builder::from(&crate::aws::sdk_config("LAMBDA", &|name| env.get(name))?)
            .behavior_version(BehaviorVersion::latest())
            .build();
        Ok(Some(std::sync::Arc::new(Self { client: aws_sdk_lambda::Client::from_conf(config) })))
    }
}

#[cfg(feature = "lambda")]
#[async_trait]
impl InvokePermission for LambdaPermission {
    async fn admits(&self, function: &str, skill: &SkillId) -> Result<bool, PermissionError> {
        let _ = (&self.client, function, skill);
        todo!()
    }

    async fn admit(&self, function: &str, skill: &SkillId) -> Result<(), PermissionError> {
        let _ = (function, skill);
        todo!()
    }
}
