//! Secrets in AWS Secrets Manager.

use async_trait::async_trait;
use aws_sdk_secretsmanager::Client;
use aws_sdk_secretsmanager::config::{BehaviorVersion, Builder};
use aws_sdk_secretsmanager::error::ProvideErrorMetadata as _;
use aws_sdk_secretsmanager::operation::get_secret_value::GetSecretValueError;

use super::{Credentials, SecretStore, SecretsError};
use crate::aws::{AwsError, Lookup, sdk_config};

/// The secret `PREFIX/credentials`, which the owner writes.
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
        let answer = self.client.get_secret_value().secret_id(&id).send().await;
        let value = match answer {
            Ok(value) => value,
            Err(err)
                if err
                    .as_service_error()
                    .is_some_and(GetSecretValueError::is_resource_not_found_exception) =>
            {
                return Ok(None);
            }
            Err(err) => {
                // The code says whether permission, key or network is missing; a message may quote the request.
                let code = err.code().unwrap_or("no answer").to_owned();
                return Err(SecretsError::Unavailable { place: id, reason: code });
            }
        };
        // A secret that was made without a value yet.
        let Some(json) = value.secret_string() else {
            return Ok(None);
        };
        Credentials::from_json(json, &id).map(Some)
    }

    fn place(&self) -> String {
        format!("{}/credentials", self.prefix)
    }
}
