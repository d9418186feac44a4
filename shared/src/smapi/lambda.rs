//! The permission of a function on AWS Lambda: one statement of its policy for each skill.

use std::sync::Arc;

use async_trait::async_trait;
use aws_sdk_lambda::Client;
use aws_sdk_lambda::config::{BehaviorVersion, Builder};
use aws_sdk_lambda::error::ProvideErrorMetadata;
use serde_json::Value;

use super::permission::{InvokePermission, PermissionError};
use crate::aws::{AwsError, sdk_config};
use crate::config::{Env, SkillId};

/// Who invokes the functions of skills (Alexa Skills Kit, host a custom skill as an AWS Lambda function).
const ALEXA: &str = "alexa-appkit.amazon.com";

/// What Alexa may do.
const INVOKE: &str = "lambda:InvokeFunction";

/// The member of a condition that names the skill.
const TOKEN: &str = "lambda:EventSourceToken";

/// What AWS says of a function that there is not, or of keys that are not valid (any longer): it says the same each
/// time (AWS Lambda, errors of `AddPermission` and common errors).
const LASTING: [&str; 7] = [
    "ResourceNotFoundException",
    "InvalidParameterValueException",
    "ValidationException",
    "UnrecognizedClientException",
    "InvalidSignatureException",
    "ExpiredTokenException",
    "InvalidClientTokenId",
];

/// AWS Lambda's own permissions.
#[derive(Clone, Debug)]
struct LambdaPermission {
    client: Client,
}

/// With the credentials of the environment; none where the environment has none, as at home, or where it has keys for
/// something else and no region.
///
/// # Errors
/// When a variable of AWS is malformed.
pub fn invoke_permission(env: &Env) -> Result<Option<Arc<dyn InvokePermission>>, AwsError> {
    if env.get("AWS_ACCESS_KEY_ID").is_none() {
        return Ok(None);
    }
    let config = match sdk_config("LAMBDA", &|name| env.get(name)) {
        Err(error @ AwsError::Missing { name: "AWS_REGION", .. }) => {
            tracing::warn!(%error, "Alexa cannot be let in to a function from here");
            return Ok(None);
        }
        config => config?,
    };
    let config = Builder::from(&config).behavior_version(BehaviorVersion::latest()).build();
    Ok(Some(Arc::new(LambdaPermission { client: Client::from_conf(config) })))
}

#[async_trait]
impl InvokePermission for LambdaPermission {
    async fn admits(&self, function: &str, skill: &SkillId) -> Result<bool, PermissionError> {
        match self.client.get_policy().function_name(function).send().await {
            Ok(answer) => Ok(answer.policy().is_some_and(|policy| lets_in(policy, function, skill))),
            // A function without any statement has no policy.
            Err(error) if error.code() == Some("ResourceNotFoundException") => Ok(false),
            Err(error) => Err(refusal(&error)),
        }
    }

    async fn admit(&self, function: &str, skill: &SkillId) -> Result<(), PermissionError> {
        let added = self
            .client
            .add_permission()
            .function_name(function)
            .statement_id(statement_id(skill))
            .action(INVOKE)
            .principal(ALEXA)
            // Without it, any skill of anybody could invoke the function.
            .event_source_token(skill.as_str())
            .send()
            .await;
        let Err(error) = added else {
            return Ok(());
        };
        // A statement of this name is there, which has to be the one that was to be added.
        if error.code() == Some("ResourceConflictException") && self.admits(function, skill).await? {
            return Ok(());
        }
        Err(refusal(&error))
    }
}

/// The same for a skill each time, so that it has one statement however often it is added.
fn statement_id(skill: &SkillId) -> String {
    let uuid = skill.as_str().rsplit('.').next().unwrap_or_default();
    format!("alexa-skill-{uuid}")
}

fn refusal(error: &impl ProvideErrorMetadata) -> PermissionError {
    let code = error.code().unwrap_or("no answer").to_owned();
    if code.starts_with("AccessDenied") {
        PermissionError::Denied(code)
    } else if LASTING.contains(&code.as_str()) {
        PermissionError::Unknown(code)
    } else {
        PermissionError::Unavailable(code)
    }
}

/// Whether a statement of a policy lets Alexa invoke the function for this skill, on no other condition.
fn lets_in(policy: &str, function: &str, skill: &SkillId) -> bool {
    let policy: Value = serde_json::from_str(policy).unwrap_or_default();
    let statements = policy["Statement"].as_array().map_or(&[][..], Vec::as_slice);
    statements.iter().any(|statement| {
        let condition = statement["Condition"].as_object().filter(|condition| condition.len() == 1);
        let equals = condition.and_then(|condition| {
            let (test, members) = condition.iter().next()?;
            let members = members.as_object().filter(|members| members.len() == 1)?;
            let (name, value) = members.iter().next()?;
            let is_test = test == "StringEquals" || test == "StringLike";
            (is_test && name.eq_ignore_ascii_case(TOKEN)).then_some(value)
        });
        statement["Effect"] == "Allow"
            && holds(&statement["Principal"]["Service"], ALEXA)
            && (holds(&statement["Action"], INVOKE) || holds(&statement["Action"], "lambda:*"))
            && holds(&statement["Resource"], function)
            && equals.is_some_and(|value| holds(value, skill.as_str()))
    })
}

/// Whether a text, or a list of texts, has this one.
fn holds(value: &Value, text: &str) -> bool {
    value == text || value.as_array().is_some_and(|values| values.iter().any(|value| value == text))
}
