//! The HTTP client for the authority, the provider of records and resolvers.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use reqwest::redirect::Policy;
use reqwest::{Client, Response};
use rustls::crypto::ring::default_provider;
use rustls::{ClientConfig, RootCertStore};
use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject as _;

use super::error::causes;

/// Time limit of one request as a whole, unless a test takes another.
pub(super) const TIMEOUT: Duration = Duration::from_secs(15);

/// The reason why a client cannot be built.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CertificateSetupError {
    /// The file of roots holds no certificates.
    #[error("ACME_CA_BUNDLE: {0}")]
    Bundle(String),
    /// The TLS library refuses its configuration.
    #[error("the certificate of the door cannot be looked after: {0}")]
    Tls(String),
}

/// The roots of the web, or those in a file.
///
/// # Errors
/// When the file holds no certificates.
pub(super) fn roots(bundle: Option<&Path>) -> Result<RootCertStore, CertificateSetupError> {
    let Some(path) = bundle else {
        return Ok(RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() });
    };
    let wrong = |reason: &dyn std::fmt::Display| {
        CertificateSetupError::Bundle(format!("{}: {reason}", path.display()))
    };
    let pem = std::fs::read(path).map_err(|error| wrong(&error))?;
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_slice_iter(&pem) {
        let certificate = certificate.map_err(|error| wrong(&error))?;
        roots.add(certificate).map_err(|error| wrong(&error))?;
    }
    if roots.is_empty() {
        return Err(wrong(&"no certificate in it"));
    }
    Ok(roots)
}

/// A client that trusts `roots` and follows no redirect. No proxy stands between it and a stand-in on this machine.
///
/// # Errors
/// When it cannot be built.
pub(super) fn client(
    roots: RootCertStore,
    is_loopback: bool,
    timeout: Duration,
) -> Result<Client, CertificateSetupError> {
    let failed = |error: &dyn std::fmt::Display| CertificateSetupError::Tls(error.to_string());
    let tls = ClientConfig::builder_with_provider(Arc::new(default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|error| failed(&error))?
        .with_root_certificates(roots)
        .with_no_client_auth();
    let builder = Client::builder().tls_backend_preconfigured(tls).redirect(Policy::none()).timeout(timeout);
    let builder = if is_loopback { builder.no_proxy() } else { builder };
    builder.build().map_err(|error| failed(&error))
}

/// The reason why a body is not read.
#[derive(Debug, thiserror::Error)]
pub(super) enum BodyError {
    #[error("{}", causes(_0))]
    Transport(reqwest::Error),
    #[error("the answer has more than {0} bytes")]
    TooLarge(usize),
}

/// The body, at most `most` bytes of it.
///
/// # Errors
/// When it breaks off, takes too long or is longer.
pub(super) async fn body(mut response: Response, most: usize) -> Result<Vec<u8>, BodyError> {
    let broken = |error: reqwest::Error| BodyError::Transport(error.without_url());
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(broken)? {
        if body.len() + chunk.len() > most {
            return Err(BodyError::TooLarge(most));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

/// An error with its causes and without the address, which may have a token in it.
pub(super) fn describe(error: reqwest::Error) -> String {
    causes(&error.without_url())
}
