//! The fetcher that asks Amazon.
//!
//! This is the one place of [`verification`](super) that does I/O. It stands here, behind a feature, since its limits
//! (no redirect, no other scheme, little data, little time) are part of the verification. No other part fetches
//! certificates.

use std::time::Duration;

use async_trait::async_trait;
use reqwest::redirect::Policy;
use reqwest::{Client, ClientBuilder, StatusCode};
use rustls::RootCertStore;

use super::{CertificateFetcher, CertificateUrl, FetchError, MAX_CHAIN_BYTES, TrustAnchors};
use crate::http_client::{self, BodyError};

/// Time limit of a fetch as a whole; Alexa waits 8 s for the answer to the request that needs it.
pub const TIMEOUT: Duration = Duration::from_secs(3);

/// Fetches certificate chains over HTTPS.
#[derive(Clone, Debug)]
pub struct HttpsFetcher(Client);

impl HttpsFetcher {
    /// A fetcher that connects to servers with a certificate under one of `anchors` only. Proxy and user agent are
    /// those of `client`; what bounds a fetch is set here.
    ///
    /// # Errors
    /// When the client cannot be built.
    pub fn new(client: ClientBuilder, anchors: &TrustAnchors) -> Result<Self, FetcherSetupError> {
        let roots = RootCertStore { roots: anchors.as_slice().to_vec() };
        let tls = http_client::tls(roots).map_err(|error| FetcherSetupError(error.to_string()))?;
        client
            .tls_backend_preconfigured(tls)
            .https_only(true)
            .redirect(Policy::none())
            .timeout(TIMEOUT)
            .build()
            .map(Self)
            .map_err(|error| FetcherSetupError(error.to_string()))
    }
}

#[async_trait]
impl CertificateFetcher for HttpsFetcher {
    async fn fetch(&self, url: &CertificateUrl) -> Result<Vec<u8>, FetchError> {
        let request = self.0.get(AsRef::<url::Url>::as_ref(url).clone());
        let response = http_client::send(request).await.map_err(|error| transport_error(&error))?;
        if response.status() != StatusCode::OK {
            return Err(FetchError::Status(response.status().as_u16()));
        }
        http_client::body(response, MAX_CHAIN_BYTES).await.map_err(|error| match error {
            BodyError::Transport(error) => transport_error(&error),
            BodyError::TooLarge(_) => FetchError::TooLarge,
        })
    }
}

fn transport_error(error: &reqwest::Error) -> FetchError {
    if error.is_timeout() { FetchError::TimedOut } else { FetchError::Unreachable }
}

/// The HTTPS client could not be built.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the client that fetches certificates cannot be built: {0}")]
pub struct FetcherSetupError(String);
