//! Secrets in AWS Secrets Manager.

use std::fmt::Write as _;
use std::sync::Arc;

use async_trait::async_trait;
use aws_sdk_secretsmanager::Client;
use aws_sdk_secretsmanager::config::{BehaviorVersion, Builder};
use aws_sdk_secretsmanager::error::ProvideErrorMetadata;
use aws_sdk_secretsmanager::operation::get_secret_value::GetSecretValueError;
use aws_sdk_secretsmanager::operation::put_secret_value::PutSecretValueError;
use secrecy::ExposeSecret as _;

use super::{Credentials, PutResult, SecretStore, SecretVersion, SecretsError, VersionedSession};
use crate::account::AmazonSession;
use crate::aws::{AwsError, Lookup, sdk_config};
use crate::clock::{NoRandomness, Random};

/// The version that every process reads has this label.
const CURRENT: &str = "AWSCURRENT";

/// The version that every process read before that one.
const PREVIOUS: &str = "AWSPREVIOUS";

/// The newest version that was put there; the next one takes the label over.
const PENDING: &str = "AWSPENDING";

/// The secrets `PREFIX/credentials`, which the owner writes, and `PREFIX/amazon`.
#[derive(Clone, Debug)]
pub struct SecretsManagerStore {
    client: Client,
    prefix: String,
    random: Arc<dyn Random>,
}

/// Current content of a secret.
struct Current {
    /// Empty where none was written yet: a deployment may make secrets without any.
    text: String,
    version: SecretVersion,
}

impl SecretsManagerStore {
    /// The secrets whose names begin with `prefix` and a slash; `random` names what is written.
    pub fn new(client: Client, prefix: impl Into<String>, random: Arc<dyn Random>) -> Self {
        Self { client, prefix: prefix.into(), random }
    }

    fn amazon_id(&self) -> String {
        format!("{}/amazon", self.prefix)
    }

    /// Content of a secret; `None` where there is none, or no version of it.
    async fn read(&self, id: &str) -> Result<Option<Current>, SecretsError> {
        match self.client.get_secret_value().secret_id(id).send().await {
            Ok(value) => Ok(Some(Current {
                text: value.secret_string.unwrap_or_default(),
                version: SecretVersion::new(value.version_id.unwrap_or_default()),
            })),
            Err(err)
                if err
                    .as_service_error()
                    .is_some_and(GetSecretValueError::is_resource_not_found_exception) =>
            {
                Ok(None)
            }
            Err(err) => Err(unavailable(id, &err)),
        }
    }

    /// Adds a version that is not read yet, but for the first of all, which is the current one at once; whether it is.
    async fn put_pending(
        &self,
        id: &str,
        session: &AmazonSession,
    ) -> Result<(SecretVersion, bool), SecretsError> {
        // By its name AWS knows the same version when the client sends it again.
        let version = version_id(self.random.as_ref())?;
        let put = self
            .client
            .put_secret_value()
            .secret_id(id)
            .client_request_token(&version)
            .secret_string(session.to_json().expose_secret())
            .version_stages(PENDING)
            .send()
            .await
            .map_err(|err| {
                if err.as_service_error().is_some_and(PutSecretValueError::is_resource_not_found_exception) {
                    let reason = "there is no such secret: deploy again, which makes it".to_owned();
                    return SecretsError::Unavailable { place: id.to_owned(), reason };
                }
                unavailable(id, &err)
            })?;
        let is_current = put.version_stages().iter().any(|label| label == CURRENT);
        Ok((SecretVersion::new(version), is_current))
    }

    /// Whether every process reads `version`, or did until the last move.
    async fn was_current(&self, id: &str, version: &SecretVersion) -> Result<bool, SecretsError> {
        match self.client.get_secret_value().secret_id(id).version_id(version.as_str()).send().await {
            Ok(value) => {
                Ok(value.version_stages().iter().any(|label| [CURRENT, PREVIOUS].contains(&label.as_str())))
            }
            Err(err) => Err(unavailable(id, &err)),
        }
    }

    /// Has every process read `version` from now on, if they read the version `read` until now. AWS refuses it when
    /// the label is not on `read` any more (Secrets Manager, `UpdateSecretVersionStage`).
    async fn make_current(
        &self,
        id: &str,
        version: &SecretVersion,
        read: &SecretVersion,
    ) -> Result<(), SecretsError> {
        let read = (!read.is_unwritten()).then(|| read.as_str().to_owned());
        self.client
            .update_secret_version_stage()
            .secret_id(id)
            .version_stage(CURRENT)
            .move_to_version_id(version.as_str())
            .set_remove_from_version_id(read)
            .send()
            .await
            .map(drop)
            .map_err(|err| unavailable(id, &err))
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
        let id = self.location();
        let current = self.read(&id).await?.filter(|current| !current.text.is_empty());
        current.map(|current| Credentials::from_json(&current.text, &id)).transpose()
    }

    async fn amazon(&self) -> Result<VersionedSession, SecretsError> {
        let id = self.amazon_id();
        match self.read(&id).await? {
            None => Ok(VersionedSession::default()),
            // The empty version is one, too: it is what a write has to replace.
            Some(Current { text, version }) if text.is_empty() => {
                Ok(VersionedSession { version, ..VersionedSession::default() })
            }
            Some(Current { text, version }) => VersionedSession::from_json(&text, version, &id),
        }
    }

    async fn put_amazon(
        &self,
        session: &AmazonSession,
        read: &SecretVersion,
    ) -> Result<PutResult, SecretsError> {
        let id = self.amazon_id();
        let (version, is_current) = self.put_pending(&id, session).await?;
        if is_current {
            return Ok(PutResult::Stored(version));
        }
        let Err(refusal) = self.make_current(&id, &version, read).await else {
            return Ok(PutResult::Stored(version));
        };
        // What was refused may have been made before, and its answer lost; others may even have written since.
        if self.was_current(&id, &version).await? {
            return Ok(PutResult::Stored(version));
        }
        let current = self.read(&id).await?.map(|current| current.version).unwrap_or_default();
        if current == *read { Err(refusal) } else { Ok(PutResult::Conflict) }
    }

    fn location(&self) -> String {
        format!("{}/credentials", self.prefix)
    }
}

/// The code says whether permission, key or network is missing; a message may quote the request.
fn unavailable(id: &str, error: &impl ProvideErrorMetadata) -> SecretsError {
    SecretsError::Unavailable { place: id.to_owned(), reason: error.code().unwrap_or("no answer").to_owned() }
}

/// A random UUID, version 4 (RFC 9562, §5.4).
fn version_id(random: &dyn Random) -> Result<String, NoRandomness> {
    let mut bytes = [0; 16];
    random.fill(&mut bytes)?;
    bytes[6] = bytes[6] & 0x0F | 0x40;
    bytes[8] = bytes[8] & 0x3F | 0x80;
    let mut id = String::with_capacity(36);
    for (at, byte) in bytes.iter().enumerate() {
        if matches!(at, 4 | 6 | 8 | 10) {
            id.push('-');
        }
        // A string takes all that is written to it.
        let _ = write!(id, "{byte:02x}");
    }
    Ok(id)
}
