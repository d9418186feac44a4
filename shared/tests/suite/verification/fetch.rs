//! The fetcher that asks Amazon, with a TLS server in Amazon's place behind a proxy.

#![expect(clippy::unwrap_used, reason = "a test without its server cannot go on")]

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use ma_alexa::clock::{Clock, SystemClock};
use ma_alexa::verification::fetch::HttpsFetcher;
use ma_alexa::verification::{
    CertificateFetcher, CertificateUrl, FetchError, MAX_CHAIN_BYTES, SignatureHeaders, TrustAnchors, Verifier,
};
use reqwest::{Client, ClientBuilder, Proxy};
use rustls::crypto::ring::default_provider;
use rustls::{ServerConfig, ServerConnection, StreamOwned};
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, PrivatePkcs8KeyDer};

use super::harness::body;
use super::signing::{CERTIFICATE_URL, TestAuthority, Validity, leaf_key_der, sign};

/// A proxy through which every host is one server with a certificate for S3, which always answers the same.
struct S3 {
    address: SocketAddr,
    requests: Arc<AtomicUsize>,
}

impl S3 {
    fn answering(authority: &TestAuthority, answer: Vec<u8>) -> Self {
        let chain = authority.chain_pem("s3.amazonaws.com", Validity::around(SystemClock.now()));
        let chain = CertificateDer::pem_slice_iter(chain.as_bytes()).collect::<Result<_, _>>().unwrap();
        let config = ServerConfig::builder_with_provider(Arc::new(default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(chain, PrivatePkcs8KeyDer::from(leaf_key_der()).into())
            .unwrap();
        let config = Arc::new(config);
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let requests = Arc::new(AtomicUsize::new(0));
        let counter = Arc::clone(&requests);
        std::thread::spawn(move || {
            for connection in listener.incoming().flatten() {
                // A client that hangs up half-way is what some tests are about.
                let _ = answer_one(connection, &config, &counter, &answer);
            }
        });
        Self { address, requests }
    }

    fn client(&self) -> ClientBuilder {
        Client::builder().proxy(Proxy::all(format!("http://{}", self.address)).unwrap())
    }

    fn requests(&self) -> usize {
        self.requests.load(Ordering::SeqCst)
    }
}

fn answer_one(
    mut connection: TcpStream,
    config: &Arc<ServerConfig>,
    requests: &AtomicUsize,
    answer: &[u8],
) -> std::io::Result<()> {
    let connect = read_head(&mut connection)?;
    assert!(connect.starts_with("CONNECT s3.amazonaws.com:443 "), "{connect}");
    connection.write_all(b"HTTP/1.1 200 OK\r\n\r\n")?;
    let tls = ServerConnection::new(Arc::clone(config)).map_err(std::io::Error::other)?;
    let mut stream = StreamOwned::new(tls, connection);
    let request = read_head(&mut stream)?;
    assert!(request.starts_with("GET /echo.api/echo-api-cert-test.pem HTTP/1.1\r\n"), "{request}");
    requests.fetch_add(1, Ordering::SeqCst);
    stream.write_all(answer)?;
    stream.conn.send_close_notify();
    stream.flush()
}

fn read_head(stream: &mut impl Read) -> std::io::Result<String> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        stream.read_exact(&mut byte)?;
        head.push(byte[0]);
    }
    String::from_utf8(head).map_err(std::io::Error::other)
}

fn answer(status: &str, headers: &str, body: &[u8]) -> Vec<u8> {
    let mut answer = format!("HTTP/1.1 {status}\r\nConnection: close\r\n{headers}\r\n").into_bytes();
    answer.extend_from_slice(body);
    answer
}

async fn fetch(client: ClientBuilder, anchors: &TrustAnchors) -> Result<Vec<u8>, FetchError> {
    let url = CertificateUrl::parse(CERTIFICATE_URL).unwrap();
    HttpsFetcher::new(client, anchors).unwrap().fetch(&url).await
}

#[tokio::test]
async fn a_request_is_verified_with_what_it_fetches() {
    let authority = TestAuthority::new();
    let now = SystemClock.now();
    let chain = authority.good_chain_pem(now);
    let s3 = S3::answering(&authority, answer("200 OK", "", chain.as_bytes()));
    let fetcher = HttpsFetcher::new(s3.client(), &authority.anchors()).unwrap();
    let verifier = Verifier::new(authority.anchors(), Arc::new(fetcher), Arc::new(SystemClock));
    let body = body("LaunchRequest", now);
    let signature = sign(body.as_bytes());
    let headers = SignatureHeaders { certificate_url: Some(CERTIFICATE_URL), signature: Some(&signature) };
    let proof = verifier.verify(headers, body.as_bytes(), std::future::ready(true)).await.unwrap();
    assert_eq!(proof.timestamp().seconds(), now.seconds());
    assert_eq!(s3.requests(), 1);
}

#[tokio::test]
async fn follows_no_redirect() {
    let authority = TestAuthority::new();
    for status in ["301 Moved Permanently", "302 Found", "307 Temporary Redirect"] {
        let location = format!("Location: {CERTIFICATE_URL}\r\nContent-Length: 0\r\n");
        let s3 = S3::answering(&authority, answer(status, &location, b""));
        let refused = fetch(s3.client(), &authority.anchors()).await;
        assert_eq!(refused, Err(FetchError::Status(status[..3].parse().unwrap())));
        assert_eq!(s3.requests(), 1);
    }
}

#[tokio::test]
async fn takes_no_answer_but_200() {
    let authority = TestAuthority::new();
    for status in ["403 Forbidden", "404 Not Found", "206 Partial Content", "500 Broken"] {
        let s3 = S3::answering(&authority, answer(status, "Content-Length: 4\r\n", b"text"));
        let refused = fetch(s3.client(), &authority.anchors()).await;
        assert_eq!(refused, Err(FetchError::Status(status[..3].parse().unwrap())));
    }
}

#[tokio::test]
async fn stops_reading_at_the_limit() {
    let authority = TestAuthority::new();
    let largest = vec![b'a'; MAX_CHAIN_BYTES];
    let s3 = S3::answering(&authority, answer("200 OK", "", &largest));
    assert_eq!(fetch(s3.client(), &authority.anchors()).await, Ok(largest));

    let too_large = vec![b'a'; MAX_CHAIN_BYTES + 1];
    for headers in [String::new(), format!("Content-Length: {}\r\n", too_large.len())] {
        let s3 = S3::answering(&authority, answer("200 OK", &headers, &too_large));
        let refused = fetch(s3.client(), &authority.anchors()).await;
        assert_eq!(refused, Err(FetchError::TooLarge), "{headers}");
    }
}

#[tokio::test]
async fn takes_no_half_answer() {
    let authority = TestAuthority::new();
    let s3 = S3::answering(&authority, answer("200 OK", "Content-Length: 100\r\n", b"half"));
    let refused = fetch(s3.client(), &authority.anchors()).await;
    assert_eq!(refused, Err(FetchError::Unreachable));
}

#[tokio::test]
async fn talks_to_no_server_without_a_trusted_certificate() {
    let authority = TestAuthority::new();
    let s3 = S3::answering(&authority, answer("200 OK", "", b"text"));
    for anchors in [TrustAnchors::mozilla(), TestAuthority::new().anchors()] {
        assert_eq!(fetch(s3.client(), &anchors).await, Err(FetchError::Unreachable));
    }
    assert_eq!(s3.requests(), 0);
}

#[tokio::test]
async fn gives_up_on_a_silent_server() {
    let authority = TestAuthority::new();
    // Connections are taken by the system, and no program ever reads from them.
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let proxy = Proxy::all(format!("http://{}", listener.local_addr().unwrap())).unwrap();
    let hurried = Client::builder().proxy(proxy).connect_timeout(Duration::from_millis(1));
    assert_eq!(fetch(hurried, &authority.anchors()).await, Err(FetchError::TimedOut));
}

#[tokio::test]
async fn a_closed_port_is_unreachable() {
    let authority = TestAuthority::new();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let proxy = Proxy::all(format!("http://{}", listener.local_addr().unwrap())).unwrap();
    drop(listener);
    let refused = fetch(Client::builder().proxy(proxy), &authority.anchors()).await;
    assert_eq!(refused, Err(FetchError::Unreachable));
}
