//! Secrets in AWS Secrets Manager.

use async_trait::async_trait;
use aws_sdk_secretsmanager::Client;
use aws_sdk_secretsmanager::config::{BehaviorVersion, Builder};
use aws_sdk_secretsmanager::error::ProvideErrorMetadata as _;
use aws_sdk_secretsmanager::operation::get_secret_value::GetSecretValueError;

use super::{AmazonSession, Credentials, SecretStore, SecretsError};
use crate::aws::{AwsError, Lookup, sdk_config};

/// The secrets `PREFIX/credentials`, which the owner writes, and `PREFIX/amazon`.
#[derive(Clone, Debug)]
pub struct SecretsManagerStore {
    client: Client,
    prefix: String,
}

impl SecretsManagerStore {
    /// The secrets whose names begin with `prefix` and a slash.
    pub fn new(client: Client, prefix: impl Into<String>) -> Self {
        Self { client, prefix: prefix.into() }
    }

    /// The text of a secret; `None` where there is none, or none was written yet.
    async fn read(&self, id: &str) -> Result<Option<String>, SecretsError> {
        match self.client.get_secret_value().secret_id(id).send().await {
            // An empty text was never written: the deployment makes secrets without any.
            Ok(value) => Ok(value.secret_string.filter(|text| !text.is_empty())),
            Err(err)
                if err
                    .as_service_error()
                    .is_some_and(GetSecretValueError::is_resource_not_found_exception) =>
            {
                Ok(None)
            }
            Err(err) => {
                // The code says whether permission, key or network is missing; a message may quote the request.
                let reason = err.code().unwrap_or("no answer").to_owned();
                Err(SecretsError::Unavailable { place: id.to_owned(), reason })
            }
        }
    }
}

/// A client of AWS Secrets Manager from the variables of AWS.
///
/// # Errors
/// When a variable that is needed is missing, or one is malformed.
pub(super) fn client(lookup: Lookup<'_>) -> Result<Client, AwsError> {
    let config = Builder::from(&sdk_config("SECRETS_MANAGER", lookup)?)
        .behavior_version(BehaviorVersion::latest())
        .build();
    Ok(Client::from_conf(config))
}

#[async_trait]
impl SecretStore for SecretsManagerStore {
    async fn credentials(&self) -> Result<Option<Credentials>, SecretsError> {
        let id = self.place();
        self.read(&id).await?.map(|json| Credentials::from_json(&json, &id)).transpose()
    }

    async fn amazon(&self) -> Result<Option<AmazonSession>, SecretsError> {
        let id = format!("{}/amazon", self.prefix);
        self.read(&id).await?.map(|json| AmazonSession::from_json(&json, &id)).transpose()
    }

    fn place(&self) -> String {
        format!("{}/credentials", self.prefix)
    }
}
