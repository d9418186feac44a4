//! The HTTP client for the authority, the provider of records and resolvers.

use std::path::Path;
use std::time::Duration;

use reqwest::Client;
use reqwest::redirect::Policy;
use rustls::RootCertStore;
use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject as _;

use super::error::causes;
use crate::http_client;

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
        return Ok(http_client::web_roots());
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
    let tls = http_client::tls(roots).map_err(|error| failed(&error))?;
    let builder = Client::builder().tls_backend_preconfigured(tls).redirect(Policy::none()).timeout(timeout);
    let builder = if is_loopback { builder.no_proxy() } else { builder };
    builder.build().map_err(|error| failed(&error))
}

/// An error with its causes and without the address, which may have a token in it.
pub(super) fn describe(error: reqwest::Error) -> String {
    causes(&error.without_url())
}
