//! Parts of every HTTP client: its TLS, and bodies of bounded size.

use std::sync::Arc;

use futures_util::future::BoxFuture;
use reqwest::{RequestBuilder, Response};
use rustls::crypto::ring::default_provider;
use rustls::{ClientConfig, RootCertStore};

/// The reason why a body is not read.
#[derive(Debug, thiserror::Error)]
pub enum BodyError {
    /// It broke off, or took too long. The error has no address, which may have a token in it.
    #[error(transparent)]
    Transport(reqwest::Error),
    /// It is longer than this many bytes.
    #[error("the answer has more than {0} bytes")]
    TooLarge(usize),
}

/// The roots that browsers trust.
#[must_use]
pub fn web_roots() -> RootCertStore {
    RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() }
}

/// The TLS of a client that trusts `roots` and has no certificate of its own.
///
/// # Errors
/// When the provider has none of the protocol versions.
pub fn tls(roots: RootCertStore) -> Result<ClientConfig, rustls::Error> {
    let config = ClientConfig::builder_with_provider(Arc::new(default_provider()))
        .with_safe_default_protocol_versions()?;
    Ok(config.with_root_certificates(roots).with_no_client_auth())
}

/// Sends a request. The future is boxed, as that of [`body`]: the compiler would look through all of the client again for
/// each function that waits for it.
///
/// # Errors
/// When there is no response in time.
pub fn send(request: RequestBuilder) -> BoxFuture<'static, reqwest::Result<Response>> {
    Box::pin(request.send())
}

/// The body of a response, at most `most` bytes of it.
///
/// # Errors
/// When it breaks off, takes too long or is longer.
#[must_use]
pub fn body(mut response: Response, most: usize) -> BoxFuture<'static, Result<Vec<u8>, BodyError>> {
    let broken = |error: reqwest::Error| BodyError::Transport(error.without_url());
    Box::pin(async move {
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(broken)? {
            if body.len() + chunk.len() > most {
                return Err(BodyError::TooLarge(most));
            }
            body.extend_from_slice(&chunk);
        }
        Ok(body)
    })
}
