//! The question for the newest release. Nothing but the question is sent.

use std::time::Duration;

use reqwest::Client;
use reqwest::header::{ACCEPT, HeaderMap, HeaderValue, USER_AGENT};
use reqwest::redirect::Policy;
use serde::Deserialize;
use url::Url;

use super::Updates;
use super::record::Record;
use super::release::Release;
use crate::clock::Timestamp;
use crate::config::UpdateConfig;
use crate::http_client::{self, BodyError};
use crate::store::{Document, SetupStore, StoreError, VersionedDocument, written};

/// Time limit of the answer as a whole.
const PATIENCE: Duration = Duration::from_secs(10);

/// Largest answer that is read, in bytes.
const MOST: usize = 64 * 1024;

/// Reason why no question can be asked.
#[derive(Debug, thiserror::Error)]
#[error("no client for the question for a newer release can be built: {0}")]
pub struct NoQuestion(String);

/// Reason why a question has no answer.
#[derive(Debug, thiserror::Error)]
enum NoAnswer {
    #[error("{0}")]
    Transport(reqwest::Error),
    #[error("the status is {0}")]
    Status(u16),
    #[error("the answer has more than {MOST} bytes")]
    TooLarge,
    #[error("the answer is no release")]
    NoRelease,
}

/// The answer, as far as it is read (GitHub REST API, "Get the latest release").
#[derive(Deserialize)]
struct Latest {
    tag_name: String,
    #[serde(default)]
    draft: bool,
    #[serde(default)]
    prerelease: bool,
}

/// Asks for the newest release.
#[derive(Debug)]
pub struct ReleaseQuery {
    client: Client,
    url: Url,
}

impl ReleaseQuery {
    pub(super) fn new(config: &UpdateConfig) -> Result<Self, NoQuestion> {
        let failed = |error: &dyn std::fmt::Display| NoQuestion(error.to_string());
        let url = config.question.clone().ok_or_else(|| failed(&"there is no address"))?;
        let tls = http_client::tls(http_client::web_roots()).map_err(|error| failed(&error))?;
        // GitHub refuses a request without a name. This one says neither the release nor the machine.
        let headers = HeaderMap::from_iter([
            (USER_AGENT, HeaderValue::from_static("ma-alexa")),
            (ACCEPT, HeaderValue::from_static("application/vnd.github+json")),
        ]);
        let builder = Client::builder()
            .tls_backend_preconfigured(tls)
            .redirect(Policy::none())
            .timeout(PATIENCE)
            .default_headers(headers);
        let builder = if config.is_loopback { builder.no_proxy() } else { builder };
        Ok(Self { client: builder.build().map_err(|error| failed(&error))?, url })
    }

    /// Asks where it is time to. What is known is kept over a restart.
    ///
    /// # Errors
    /// When the store does not answer. Nothing is asked then.
    pub async fn ask_if_due(
        &self,
        updates: &Updates,
        store: &(impl SetupStore + ?Sized),
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let held = store.document(Document::NewestRelease).await?;
        let revision = held.as_ref().map(|held| held.revision);
        let mut record = read(held);
        updates.know(record.newest.as_deref().and_then(Release::parse));
        if !record.is_due(now) {
            return Ok(());
        }
        record.begin(now);
        if !store
            .put_document(Document::NewestRelease, &written(Document::NewestRelease, &record)?, revision)
            .await?
        {
            // Another process over the same store asks.
            return Ok(());
        }
        match self.ask().await {
            Ok(newest) => {
                record.failures = 0;
                record.newest = newest.map(|newest| newest.to_string());
                updates.know(newest);
                if let Some(newer) = updates.newer() {
                    tracing::info!(%newer, "a newer release is there");
                }
            }
            Err(error) => {
                tracing::info!(%error, "the newest release is not known");
                return Ok(());
            }
        }
        let begun = store.document(Document::NewestRelease).await?.map(|held| held.revision);
        store
            .put_document(Document::NewestRelease, &written(Document::NewestRelease, &record)?, begun)
            .await
            .map(drop)
    }

    /// The newest release; none where what is there is a pre-release, or has no number.
    async fn ask(&self) -> Result<Option<Release>, NoAnswer> {
        let broken = |error: reqwest::Error| NoAnswer::Transport(error.without_url());
        let response = http_client::send(self.client.get(self.url.clone())).await.map_err(broken)?;
        if response.status().as_u16() != 200 {
            return Err(NoAnswer::Status(response.status().as_u16()));
        }
        let body = http_client::body(response, MOST).await.map_err(|error| match error {
            BodyError::Transport(error) => NoAnswer::Transport(error),
            BodyError::TooLarge(_) => NoAnswer::TooLarge,
        })?;
        let latest: Latest = serde_json::from_slice(&body).map_err(|_| NoAnswer::NoRelease)?;
        let is_release = !latest.draft && !latest.prerelease;
        Ok(Release::parse(&latest.tag_name).filter(|_| is_release))
    }
}

/// The record; a new one where another release wrote something else.
fn read(held: Option<VersionedDocument>) -> Record {
    held.and_then(|held| serde_json::from_value(held.content).ok()).unwrap_or_default()
}
