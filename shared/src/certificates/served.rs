//! The certificate that TLS shows, which changes while connections go on.

use std::fmt;
use std::sync::{Arc, PoisonError, RwLock};

use rustls::ServerConfig;
use rustls::crypto::ring::default_provider;
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use rustls::version::{TLS12, TLS13};

/// The protocol of the proof by TLS (RFC 8737, section 6.2).
const PROOF: &[u8] = b"acme-tls/1";
const HTTP: &[u8] = b"http/1.1";

/// The certificates of a listener: that of the door, and during an order that of its proof.
#[derive(Default)]
pub(super) struct ListenerCertificates {
    current: RwLock<Option<Arc<CertifiedKey>>>,
    proof: RwLock<Option<Arc<CertifiedKey>>>,
}

impl fmt::Debug for ListenerCertificates {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ListenerCertificates").finish_non_exhaustive()
    }
}

impl ListenerCertificates {
    /// Shows `key` from the next handshake on.
    pub(super) fn show(&self, key: Arc<CertifiedKey>) {
        *self.current.write().unwrap_or_else(PoisonError::into_inner) = Some(key);
    }

    /// Shows the certificate of a proof to who asks for that, or ends it.
    pub(super) fn show_proof(&self, key: Option<Arc<CertifiedKey>>) {
        *self.proof.write().unwrap_or_else(PoisonError::into_inner) = key;
    }
}

impl ResolvesServerCert for ListenerCertificates {
    fn resolve(&self, hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        // A proof is asked for by this one protocol alone (RFC 8737, section 3).
        let is_proof = hello.alpn().is_some_and(|mut offered| {
            offered.next().is_some_and(|first| first == PROOF) && offered.next().is_none()
        });
        let shown = if is_proof { &self.proof } else { &self.current };
        shown.read().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// TLS 1.2, which Echos need, and 1.3, with what `served` shows.
///
/// # Errors
/// When the library refuses its own versions.
pub(super) fn server_config(served: Arc<ListenerCertificates>) -> Result<ServerConfig, rustls::Error> {
    let mut config = ServerConfig::builder_with_provider(Arc::new(default_provider()))
        .with_protocol_versions(&[&TLS12, &TLS13])?
        .with_no_client_auth()
        .with_cert_resolver(served);
    config.alpn_protocols = vec![HTTP.to_owned(), PROOF.to_owned()];
    Ok(config)
}
