//! Keys and certificates as they are kept.

use std::fmt;

use async_trait::async_trait;
use secrecy::{ExposeSecret as _, SecretString};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::schedule::Attempts;
use super::{FailureCode, OrderError};
use crate::secrets::{FileSecrets, SecretsError};

/// The items of a certificate store.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CertificateItem {
    /// The account at the authority, with its key.
    Account,
    /// The certificate, with its key.
    Certificate,
    /// When orders were made. It is no secret, and belongs to the others.
    Attempts,
}

impl CertificateItem {
    /// The name of its file.
    #[must_use]
    pub fn file_name(self) -> &'static str {
        match self {
            Self::Account => "certificate-account.json",
            Self::Certificate => "certificate.json",
            Self::Attempts => "certificate-attempts.json",
        }
    }
}

/// A place for keys and certificates, which only their owner reads.
#[async_trait]
pub trait CertificateStore: fmt::Debug + Send + Sync {
    /// The content of an item; `None` where it was never saved.
    async fn load(&self, item: CertificateItem) -> Result<Option<SecretString>, SecretsError>;

    /// Replaces an item: a reader finds the old content or the new one.
    async fn save(&self, item: CertificateItem, content: SecretString) -> Result<(), SecretsError>;
}

#[async_trait]
impl CertificateStore for FileSecrets {
    async fn load(&self, item: CertificateItem) -> Result<Option<SecretString>, SecretsError> {
        self.load_named(item.file_name()).await
    }

    async fn save(&self, item: CertificateItem, content: SecretString) -> Result<(), SecretsError> {
        self.save_named(item.file_name(), content).await
    }
}

/// The account at the authority.
#[derive(Serialize, Deserialize)]
pub(super) struct StoredAccount {
    pub(super) directory: String,
    /// As the client of ACME writes them; the key is in it.
    pub(super) credentials: instant_acme::AccountCredentials,
}

/// A certificate with its key, both in PEM.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct StoredCertificate {
    pub(super) name: String,
    pub(super) directory: String,
    pub(super) chain: String,
    pub(super) key: String,
}

/// Reads an item. One that cannot be understood counts as none, since a new order makes it again.
async fn load<T: DeserializeOwned>(
    store: &dyn CertificateStore,
    item: CertificateItem,
) -> Result<Option<T>, OrderError> {
    let content = store.load(item).await.map_err(|error| unavailable(&error))?;
    Ok(content.and_then(|json| {
        // The error would quote what is there.
        let read = serde_json::from_str(json.expose_secret());
        read.inspect_err(|_| tracing::warn!(file = item.file_name(), "it is malformed, and is made again"))
            .ok()
    }))
}

async fn save<T: Serialize>(
    store: &dyn CertificateStore,
    item: CertificateItem,
    content: &T,
) -> Result<(), OrderError> {
    let json = serde_json::to_string(content)
        .map_err(|error| OrderError::new(FailureCode::Store, &error.to_string()))?;
    store.save(item, SecretString::from(json)).await.map_err(|error| unavailable(&error))
}

fn unavailable(error: &SecretsError) -> OrderError {
    OrderError::new(FailureCode::Store, &error.to_string())
}

/// The items by their types.
#[derive(Debug)]
pub(super) struct Items<'a>(pub(super) &'a dyn CertificateStore);

impl Items<'_> {
    pub(super) async fn account(&self) -> Result<Option<StoredAccount>, OrderError> {
        load(self.0, CertificateItem::Account).await
    }

    pub(super) async fn save_account(&self, account: &StoredAccount) -> Result<(), OrderError> {
        save(self.0, CertificateItem::Account, account).await
    }

    pub(super) async fn certificate(&self) -> Result<Option<StoredCertificate>, OrderError> {
        load(self.0, CertificateItem::Certificate).await
    }

    pub(super) async fn save_certificate(&self, certificate: &StoredCertificate) -> Result<(), OrderError> {
        save(self.0, CertificateItem::Certificate, certificate).await
    }

    pub(super) async fn attempts(&self) -> Result<Attempts, OrderError> {
        Ok(load(self.0, CertificateItem::Attempts).await?.unwrap_or_default())
    }

    pub(super) async fn save_attempts(&self, attempts: &Attempts) -> Result<(), OrderError> {
        save(self.0, CertificateItem::Attempts, attempts).await
    }
}
