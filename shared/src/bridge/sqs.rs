//! Both ends of a queue in Amazon SQS.

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use async_trait::async_trait;
use aws_sdk_sqs::Client;
use aws_sdk_sqs::config::{BehaviorVersion, Builder};
use aws_sdk_sqs::error::{ProvideErrorMetadata, SdkError};
use aws_types::sdk_config::{RetryConfig, TimeoutConfig};
use secrecy::ExposeSecret as _;

use super::queue::{Delivery, Inbox, OpenInbox, Outbox, QueueError};
use super::ticket::Ticket;
use crate::aws::{AwsError, sdk_config};
use crate::config::Env;

/// The variables of a client; see [`sdk_config`].
const VARIABLES: [&str; 9] = [
    "AWS_REGION",
    "AWS_DEFAULT_REGION",
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "AWS_ENDPOINT_URL_SQS",
    "AWS_ENDPOINT_URL",
    "AWS_CA_BUNDLE",
    "AWS_LAMBDA_FUNCTION_NAME",
];

/// Time that an answer may take beyond the wait that was asked for.
const BEYOND_WAIT: Duration = Duration::from_secs(5);

/// Codes of keys that have ended or do not open the queue (Amazon SQS, "Common errors"), and of a queue that is not there.
const REFUSALS: [&str; 9] = [
    "AccessDenied",
    "AccessDeniedException",
    "ExpiredToken",
    "ExpiredTokenException",
    "InvalidClientTokenId",
    "UnrecognizedClientException",
    "InvalidSecurity",
    "AWS.SimpleQueueService.NonExistentQueue",
    "QueueDoesNotExist",
];

/// The end at which a function sends. Its client is made at the first request, since a play needs none.
#[derive(Debug)]
pub struct SqsOutbox {
    queue: String,
    variables: BTreeMap<&'static str, String>,
    client: OnceLock<Client>,
}

impl SqsOutbox {
    /// The queue at the address `queue`, with the credentials of the environment.
    #[must_use]
    pub fn new(queue: &str, env: &Env) -> Self {
        Self { queue: queue.to_owned(), variables: variables(env), client: OnceLock::new() }
    }

    fn client(&self) -> Result<&Client, QueueError> {
        if let Some(client) = self.client.get() {
            return Ok(client);
        }
        let config =
            sdk_config("SQS", &|name| self.variables.get(name).cloned()).map_err(|error| unset(&error))?;
        let config = Builder::from(&config).behavior_version(BehaviorVersion::latest()).build();
        Ok(self.client.get_or_init(|| Client::from_conf(config)))
    }
}

#[async_trait]
impl Outbox for SqsOutbox {
    async fn send(&self, body: String) -> Result<(), QueueError> {
        let sent = self.client()?.send_message().queue_url(&self.queue).message_body(body).send().await;
        sent.map(drop).map_err(|error| failure(&error))
    }
}

/// Opens the queues of tickets, with the endpoint of the environment.
#[derive(Debug)]
pub struct SqsInboxes(BTreeMap<&'static str, String>);

impl SqsInboxes {
    /// Takes the endpoint of an emulator from `env`; without one, AWS is asked.
    #[must_use]
    pub fn new(env: &Env) -> Self {
        Self(variables(env))
    }
}

impl OpenInbox for SqsInboxes {
    fn open(&self, ticket: &Ticket, queue: &str) -> Result<Arc<dyn Inbox>, QueueError> {
        Ok(Arc::new(SqsInbox::new(ticket, queue, &self.0)?))
    }
}

/// The end at which the home receives, with the keys of a ticket.
#[derive(Clone, Debug)]
struct SqsInbox {
    client: Client,
    queue: String,
}

impl SqsInbox {
    fn new(
        ticket: &Ticket,
        queue: &str,
        variables: &BTreeMap<&'static str, String>,
    ) -> Result<Self, QueueError> {
        let of_ticket = |name: &str| match name {
            "AWS_REGION" => Some(ticket.region.clone()),
            "AWS_ACCESS_KEY_ID" => Some(ticket.access_key_id.clone()),
            "AWS_SECRET_ACCESS_KEY" => Some(ticket.secret_access_key.expose_secret().to_owned()),
            "AWS_SESSION_TOKEN" => Some(ticket.session_token.expose_secret().to_owned()),
            name => variables.get(name).cloned(),
        };
        let config = sdk_config("SQS", &of_ticket).map_err(|error| unset(&error))?;
        let config = Builder::from(&config).behavior_version(BehaviorVersion::latest()).build();
        Ok(Self { client: Client::from_conf(config), queue: queue.to_owned() })
    }
}

#[async_trait]
impl Inbox for SqsInbox {
    async fn receive(&self, count: usize, wait: Duration) -> Result<Vec<Delivery>, QueueError> {
        let timeouts = TimeoutConfig::builder().operation_attempt_timeout(wait + BEYOND_WAIT).build();
        let received = self
            .client
            .receive_message()
            .queue_url(&self.queue)
            .max_number_of_messages(i32::try_from(count.clamp(1, 10)).unwrap_or(1))
            .wait_time_seconds(i32::try_from(wait.as_secs().min(20)).unwrap_or(20))
            .customize()
            // The one who receives has pauses of its own.
            .config_override(Builder::new().timeout_config(timeouts).retry_config(RetryConfig::disabled()))
            .send()
            .await
            .map_err(|error| failure(&error))?;
        let messages = received.messages.unwrap_or_default().into_iter();
        let deliveries = messages.filter_map(|message| {
            Some(Delivery { body: message.body.unwrap_or_default(), receipt: message.receipt_handle? })
        });
        Ok(deliveries.collect())
    }

    async fn delete(&self, receipt: &str) -> Result<(), QueueError> {
        let deleted =
            self.client.delete_message().queue_url(&self.queue).receipt_handle(receipt).send().await;
        deleted.map(drop).map_err(|error| failure(&error))
    }
}

fn variables(env: &Env) -> BTreeMap<&'static str, String> {
    VARIABLES.iter().filter_map(|name| Some((*name, env.get(name)?))).collect()
}

fn unset(error: &AwsError) -> QueueError {
    QueueError::Refused(error.to_string())
}

fn failure<E: ProvideErrorMetadata>(error: &SdkError<E>) -> QueueError {
    match error.code() {
        Some(code) if REFUSALS.contains(&code) => QueueError::Refused(code.to_owned()),
        Some(code) => QueueError::Unavailable(code.to_owned()),
        None => QueueError::Unavailable("no answer".to_owned()),
    }
}
