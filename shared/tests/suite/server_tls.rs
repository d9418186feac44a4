//! The listener with TLS: handshakes that strangers hold open, and protocols that are not served.
#![expect(clippy::unwrap_used, reason = "what helpers need is there, or the test fails")]

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::Router;
use axum::routing::get;
use ma_alexa::clock::SystemClock;
use ma_alexa::config::TrustedProxies;
use ma_alexa::server::{self, Limits, Listener, ServerOptions};
use rustls::crypto::ring::default_provider;
use rustls::{ClientConfig, RootCertStore, ServerConfig};
use rustls_pki_types::{PrivateKeyDer, ServerName};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

/// Longest that a test waits for what is to happen soon.
const SOON: Duration = Duration::from_secs(10);
/// The beginning of a handshake: a record of 512 bytes that never comes whole.
const HALF: &[u8] = &[22, 3, 1, 2, 0, 1];

struct Running {
    address: SocketAddr,
    roots: RootCertStore,
    stop: mpsc::Sender<()>,
    server: JoinHandle<()>,
}

impl Running {
    async fn start(limits: Limits) -> Self {
        let made = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
        let mut roots = RootCertStore::empty();
        roots.add(made.cert.der().clone()).unwrap();
        let mut config = ServerConfig::builder_with_provider(Arc::new(default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![made.cert.der().clone()], PrivateKeyDer::from(made.signing_key))
            .unwrap();
        config.alpn_protocols = [&b"http/1.1"[..], b"acme-tls/1"].map(<[u8]>::to_vec).to_vec();
        let socket = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = socket.local_addr().unwrap();
        let routes = Router::new().route("/", get(async || "whole"));
        let options = ServerOptions {
            limits,
            proxies: TrustedProxies::default(),
            log_limiter: Arc::default(),
            clock: Arc::new(SystemClock),
        };
        let (stop, stops) = mpsc::channel(2);
        let listener = Listener::with_tls(socket, Arc::new(config));
        let server = tokio::spawn(server::serve(listener, routes, options, stops));
        Self { address, roots, stop, server }
    }

    async fn half(&self) -> TcpStream {
        let mut stream = TcpStream::connect(self.address).await.unwrap();
        stream.write_all(HALF).await.unwrap();
        stream
    }

    async fn connect(&self, protocols: &[&[u8]]) -> std::io::Result<TlsStream<TcpStream>> {
        let mut config = ClientConfig::builder_with_provider(Arc::new(default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_root_certificates(self.roots.clone())
            .with_no_client_auth();
        config.alpn_protocols = protocols.iter().map(|protocol| protocol.to_vec()).collect();
        let stream = TcpStream::connect(self.address).await?;
        let name = ServerName::try_from("localhost").unwrap();
        TlsConnector::from(Arc::new(config)).connect(name, stream).await
    }

    /// What a request is answered; nothing where the connection is closed before.
    async fn get(&self, protocols: &[&[u8]]) -> String {
        let mut answer = Vec::new();
        if let Ok(mut stream) = self.connect(protocols).await {
            let request = b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
            // A connection that is closed takes nothing.
            let _ = stream.write_all(request).await;
            let _ = tokio::time::timeout(SOON, stream.read_to_end(&mut answer)).await.unwrap();
        }
        String::from_utf8_lossy(&answer).into_owned()
    }
}

/// Waits until the server closes the connection.
async fn closed(mut stream: TcpStream) {
    let mut rest = Vec::new();
    // A reset ends it as well.
    let _ = tokio::time::timeout(SOON, stream.read_to_end(&mut rest)).await.unwrap();
}

#[tokio::test]
async fn http_is_served_and_no_other_protocol() {
    let server = Running::start(Limits::default()).await;
    for (protocols, is_served) in [
        (&[][..], true),
        (&[&b"http/1.1"[..]], true),
        (&[&b"h2"[..], b"http/1.1"], true),
        (&[&b"acme-tls/1"[..]], false),
        (&[&b"h2"[..]], false),
    ] {
        assert_eq!(server.get(protocols).await.ends_with("whole"), is_served, "{protocols:?}");
    }
    let mut plain = TcpStream::connect(server.address).await.unwrap();
    plain.write_all(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n").await.unwrap();
    closed(plain).await;
}

#[tokio::test]
async fn a_handshake_that_never_ends_is_ended() {
    let limits = Limits { handshake: Duration::from_millis(200), ..Limits::default() };
    let server = Running::start(limits).await;
    for bytes in [&b""[..], &HALF[..1], HALF] {
        let mut stream = TcpStream::connect(server.address).await.unwrap();
        stream.write_all(bytes).await.unwrap();
        closed(stream).await;
    }
    assert!(server.get(&[]).await.ends_with("whole"));
}

#[tokio::test]
async fn handshakes_give_way_to_whole_requests_and_hold_up_no_other() {
    let server = Running::start(Limits { connections: 16, per_proxy: 12, ..Limits::default() }).await;
    let mut half = Vec::new();
    for _ in 0..100 {
        half.push(server.half().await);
    }
    for _ in 0..3 {
        let began = Instant::now();
        assert!(server.get(&[]).await.ends_with("whole"));
        assert!(began.elapsed() < Duration::from_secs(2), "{:?}", began.elapsed());
    }
    closed(half.remove(0)).await;
}

#[tokio::test]
async fn handshakes_do_not_keep_the_end_up() {
    let server = Running::start(Limits::default()).await;
    let _half = [server.half().await, server.half().await];
    assert!(server.get(&[]).await.ends_with("whole"));
    let began = Instant::now();
    server.stop.send(()).await.unwrap();
    tokio::time::timeout(SOON, server.server).await.unwrap().unwrap();
    assert!(began.elapsed() < Duration::from_secs(2), "{:?}", began.elapsed());
}
