//! Connections over TLS: a host has to prove that it is the right one, and to speak HTTP/2.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::sync::Arc;

use ma_alexa::account::AmazonHost;
use ma_alexa::amazon::live::{Dial as _, DialError, Dialer};
use ma_alexa::config::{AmazonEndpoint, Env};
use rcgen::{CertificateParams, KeyPair};
use rustls::crypto::ring::default_provider;
use rustls::{RootCertStore, ServerConfig};
use rustls_pki_types::PrivatePkcs8KeyDer;
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

/// What comes of a connection to a server that offers these protocols, for a client that trusts it or not.
async fn dialed(protocols: &[&str], is_trusted: bool) -> Result<(), DialError> {
    let key = KeyPair::generate().unwrap();
    let certificate = CertificateParams::new(["localhost".to_owned()]).unwrap().self_signed(&key).unwrap();
    let key = PrivatePkcs8KeyDer::from(key.serialize_der()).into();
    let mut config = ServerConfig::builder_with_provider(Arc::new(default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate.der().clone()], key)
        .unwrap();
    config.alpn_protocols = protocols.iter().map(|protocol| protocol.as_bytes().to_vec()).collect();
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let url = format!("https://localhost:{}", listener.local_addr().unwrap().port());
    let server = tokio::spawn(async move {
        let (stream, _) = listener.accept().await.unwrap();
        // A client that refuses the certificate ends the handshake.
        let _ = TlsAcceptor::from(Arc::new(config)).accept(stream).await;
    });
    let mut roots = RootCertStore::empty();
    if is_trusted {
        roots.add(certificate.der().clone()).unwrap();
    }
    let dialed = Dialer::trusting(roots, endpoint(&url)).unwrap().dial(&AmazonHost::api()).await;
    server.await.unwrap();
    dialed.map(drop)
}

fn endpoint(url: &str) -> Option<AmazonEndpoint> {
    let url = url.to_owned();
    AmazonEndpoint::from_env(&Env::new(move |name| (name == "AMAZON_ENDPOINT").then(|| url.clone()))).unwrap()
}

#[tokio::test]
async fn only_http2_is_taken() {
    assert_eq!(dialed(&["h2", "http/1.1"], true).await, Ok(()));
    assert_eq!(dialed(&["http/1.1"], true).await, Err(DialError::NoHttp2));
    assert_eq!(dialed(&["http/1.0"], true).await, Err(DialError::NoHttp2), "an alert refuses both");
    assert_eq!(dialed(&[], true).await, Err(DialError::NoHttp2));
}

#[tokio::test]
async fn a_host_that_is_not_trusted_gets_nothing() {
    assert_eq!(dialed(&["h2"], false).await, Err(DialError::Untrusted));
}

#[tokio::test]
async fn where_none_listens_nothing_is_reached() {
    let port = TcpListener::bind(("127.0.0.1", 0)).await.unwrap().local_addr().unwrap().port();
    let dialer = Dialer::new(endpoint(&format!("http://127.0.0.1:{port}"))).unwrap();
    assert_eq!(dialer.dial(&AmazonHost::api()).await.map(drop), Err(DialError::Unreachable));
}
