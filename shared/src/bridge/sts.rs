//! Tickets from the AWS Security Token Service.

use std::sync::Arc;

use async_trait::async_trait;
use aws_sdk_sts::Client;
use aws_sdk_sts::config::{BehaviorVersion, Builder};
use aws_sdk_sts::error::ProvideErrorMetadata;
use secrecy::SecretString;
use serde_json::json;

use super::ticket::{Ticket, TicketError, TicketOffice};
use crate::aws::{AwsError, sdk_config};
use crate::clock::Timestamp;
use crate::config::{BridgeConfig, Env};

/// Life of a ticket, in seconds: the longest that a role gives to another role (AWS IAM, "Role chaining").
const LASTS_SECONDS: i32 = 3600;

/// Name of the session, as AWS's own log has it.
const SESSION: &str = "bridge";

/// Codes of AWS that another attempt gives again (AWS STS, errors of `AssumeRole` and common errors).
const DENIALS: [&str; 6] = [
    "AccessDenied",
    "InvalidClientTokenId",
    "MalformedPolicyDocument",
    "PackedPolicyTooLarge",
    "RegionDisabledException",
    "ValidationError",
];

/// The settings of a ticket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TicketSettings {
    /// Address of the queue of what people say.
    pub queue: String,
    /// Address of the queue of what Echos report; none where the functions send none.
    pub reports: Option<String>,
    /// ARN of the role that may ask the queues.
    pub role: String,
    /// Region of all.
    pub region: String,
}

impl TicketSettings {
    /// The policy of one ticket: the three actions of a receiver, on these queues alone. The role allows no more, either.
    #[must_use]
    pub fn policy(&self) -> String {
        let queues: Vec<String> =
            std::iter::once(&self.queue).chain(&self.reports).map(|queue| self.arn(queue)).collect();
        json!({
            "Version": "2012-10-17",
            "Statement": [{
                "Effect": "Allow",
                "Action": ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"],
                "Resource": queues,
            }],
        })
        .to_string()
    }

    /// The ARN of a queue. The role's has the partition and the account, and the address ends with the name.
    fn arn(&self, queue: &str) -> String {
        let mut parts = self.role.split(':');
        let (partition, account) = (parts.nth(1).unwrap_or("aws"), parts.nth(2).unwrap_or_default());
        let name = queue.rsplit('/').next().unwrap_or_default();
        format!("arn:{partition}:sqs:{}:{account}:{name}", self.region)
    }
}

/// Tickets for the role that the settings name.
#[derive(Clone, Debug)]
struct StsOffice {
    client: Client,
    settings: TicketSettings,
}

/// The office of the environment; none where `BRIDGE_QUEUE` and `BRIDGE_ROLE` are unset.
///
/// # Errors
/// When a variable of AWS is missing or malformed.
pub fn office_from_env(env: &Env, config: &BridgeConfig) -> Result<Option<Arc<dyn TicketOffice>>, AwsError> {
    let BridgeConfig { queue: Some(queue), reports, role: Some(role) } = config.clone() else {
        return Ok(None);
    };
    let config = sdk_config("STS", &|name| env.get(name))?;
    let region = config.region().map(ToString::to_string).unwrap_or_default();
    let config = Builder::from(&config).behavior_version(BehaviorVersion::latest()).build();
    let settings = TicketSettings { queue, reports, role, region };
    Ok(Some(Arc::new(StsOffice { client: Client::from_conf(config), settings })))
}

#[async_trait]
impl TicketOffice for StsOffice {
    async fn issue(&self) -> Result<Ticket, TicketError> {
        let assumed = self
            .client
            .assume_role()
            .role_arn(&self.settings.role)
            .role_session_name(SESSION)
            .duration_seconds(LASTS_SECONDS)
            .policy(self.settings.policy())
            .send()
            .await
            .map_err(|error| refusal(&error))?;
        let missing = || TicketError::Unavailable("an answer without keys".to_owned());
        let keys = assumed.credentials.ok_or_else(missing)?;
        Ok(Ticket {
            queue: self.settings.queue.clone(),
            reports: self.settings.reports.clone(),
            region: self.settings.region.clone(),
            access_key_id: keys.access_key_id,
            secret_access_key: SecretString::from(keys.secret_access_key),
            session_token: SecretString::from(keys.session_token),
            expires_at: Timestamp::from_millis(keys.expiration.to_millis().map_err(|_| missing())?),
        })
    }
}

fn refusal(error: &impl ProvideErrorMetadata) -> TicketError {
    let code = error.code().unwrap_or("no answer").to_owned();
    if DENIALS.contains(&code.as_str()) { TicketError::Denied(code) } else { TicketError::Unavailable(code) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ticket_opens_the_two_queues_for_a_receiver() {
        let queue = |name: &str| format!("https://sqs.eu-west-1.amazonaws.com/123456789012/{name}");
        let settings = TicketSettings {
            queue: queue("home-bridge"),
            reports: Some(queue("home-reports")),
            role: "arn:aws-cn:iam::123456789012:role/home-BridgeRole-1A2B".to_owned(),
            region: "eu-west-1".to_owned(),
        };
        let policy: serde_json::Value = serde_json::from_str(&settings.policy()).unwrap_or_default();
        let [statement] = policy["Statement"].as_array().map_or(&[][..], Vec::as_slice) else {
            panic!("{policy}")
        };
        let arn = |name: &str| format!("arn:aws-cn:sqs:eu-west-1:123456789012:{name}");
        assert_eq!(statement["Resource"], json!([arn("home-bridge"), arn("home-reports")]));
        let receives = json!(["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"]);
        assert_eq!((&statement["Action"], &statement["Effect"]), (&receives, &json!("Allow")));
    }
}
