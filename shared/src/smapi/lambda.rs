//! Permissions of functions on AWS Lambda: one policy statement for each skill.

use std::sync::Arc;

use async_trait::async_trait;
use aws_sdk_lambda::Client;
use aws_sdk_lambda::config::{BehaviorVersion, Builder};
use aws_sdk_lambda::error::ProvideErrorMetadata;
use serde_json::Value;

use super::permission::{InvokePermission, PermissionError};
use crate::aws::{AwsError, sdk_config};
use crate::config::{Env, SkillId};

/// The principal that invokes functions of skills (Alexa Skills Kit, host a custom skill as an AWS Lambda function).
const ALEXA: &str = "alexa-appkit.amazon.com";

/// The action that Alexa needs.
const INVOKE: &str = "lambda:InvokeFunction";

/// The condition key that names the skill.
const TOKEN: &str = "lambda:EventSourceToken";

/// Permanent errors: the function does not exist, or the keys are not valid (AWS Lambda, errors of `AddPermission` and
/// common errors).
const PERMANENT: [&str; 7] = [
    "ResourceNotFoundException",
    "InvalidParameterValueException",
    "ValidationException",
    "UnrecognizedClientException",
    "InvalidSignatureException",
    "ExpiredTokenException",
    "InvalidClientTokenId",
];

/// Permissions by the API of AWS Lambda.
#[derive(Clone, Debug)]
struct LambdaPermission {
    client: Client,
}

/// A client with the credentials of the environment. None where there are no credentials, as at home, or no region:
/// then the keys are for something else.
///
/// # Errors
/// When a variable of AWS is malformed.
pub fn from_env(env: &Env) -> Result<Option<Arc<dyn InvokePermission>>, AwsError> {
    if env.get("AWS_ACCESS_KEY_ID").is_none() {
        return Ok(None);
    }
    let config = match sdk_config("LAMBDA", &|name| env.get(name)) {
        Err(error @ AwsError::Missing { name: "AWS_REGION", .. }) => {
            tracing::warn!(%error, "no permission of a function can be granted from here");
            return Ok(None);
        }
        config => config?,
    };
    let config = Builder::from(&config).behavior_version(BehaviorVersion::latest()).build();
    Ok(Some(Arc::new(LambdaPermission { client: Client::from_conf(config) })))
}

#[async_trait]
impl InvokePermission for LambdaPermission {
    async fn is_granted(&self, function: &str, skill: &SkillId) -> Result<bool, PermissionError> {
        match self.client.get_policy().function_name(function).send().await {
            Ok(answer) => Ok(answer.policy().is_some_and(|policy| accepts(policy, function, skill))),
            // A function without any statement has no policy.
            Err(error) if error.code() == Some("ResourceNotFoundException") => Ok(false),
            Err(error) => Err(refusal(&error)),
        }
    }

    async fn grant(&self, function: &str, skill: &SkillId) -> Result<(), PermissionError> {
        let added = self
            .client
            .add_permission()
            .function_name(function)
            .statement_id(statement_id(skill))
            .action(INVOKE)
            .principal(ALEXA)
            // Without it, any skill of any developer could invoke the function.
            .event_source_token(skill.as_str())
            .send()
            .await;
        let Err(error) = added else {
            return Ok(());
        };
        // A statement of this name exists; it has to be the one that was to be added.
        if error.code() == Some("ResourceConflictException") && self.is_granted(function, skill).await? {
            return Ok(());
        }
        Err(refusal(&error))
    }
}

/// The id of a skill's statement: always the same, so that repeated grants make one statement.
fn statement_id(skill: &SkillId) -> String {
    let uuid = skill.as_str().rsplit('.').next().unwrap_or_default();
    format!("alexa-skill-{uuid}")
}

fn refusal(error: &impl ProvideErrorMetadata) -> PermissionError {
    let code = error.code().unwrap_or("no answer").to_owned();
    if code.starts_with("AccessDenied") {
        PermissionError::Denied(code)
    } else if PERMANENT.contains(&code.as_str()) {
        PermissionError::Unknown(code)
    } else {
        PermissionError::Unavailable(code)
    }
}

/// Whether a policy lets Alexa invoke the function for this skill, on no further condition.
fn accepts(policy: &str, function: &str, skill: &SkillId) -> bool {
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

/// Whether a value is this text, or a list with it.
fn holds(value: &Value, text: &str) -> bool {
    value == text || value.as_array().is_some_and(|values| values.iter().any(|value| value == text))
}
