//! The binary `local` while strangers do their worst.
#![expect(clippy::unwrap_used, reason = "what helpers need is there, or the test fails")]

use std::time::{Duration, Instant};

use end_to_end::api::{Api, CREDENTIALS, send};
use reqwest::Method;
use tempfile::TempDir;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::local::{command, serve};

/// A connection on which a part of a request is sent.
async fn half(address: &str, text: &str) -> TcpStream {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(text.as_bytes()).await.unwrap();
    stream
}

/// Everything until the server closes the connection, and how long that takes.
async fn rest(mut stream: TcpStream) -> (String, Duration) {
    let (began, mut bytes) = (Instant::now(), Vec::new());
    let read = tokio::time::timeout(Duration::from_secs(20), stream.read_to_end(&mut bytes));
    // A reset ends it as well.
    let _ = read.await.unwrap();
    (String::from_utf8_lossy(&bytes).into_owned(), began.elapsed())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_has_ten_seconds_to_arrive() {
    let folder = TempDir::new().unwrap();
    let (_server, base) = serve(command(folder.path(), &[]).envs(CREDENTIALS));
    let address = base.strip_prefix("http://").unwrap();
    let header = half(address, "POST / HTTP/1.1\r\nHost: localhost\r\n").await;
    let body = "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n\r\nhalf";
    let ((nothing, header), (answer, body)) = tokio::join!(rest(header), rest(half(address, body).await));
    assert_eq!(nothing, "");
    assert!(answer.starts_with("HTTP/1.1 408"), "{answer}");
    for took in [header, body] {
        assert!((9..15).contains(&took.as_secs()), "{took:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn half_sent_requests_keep_nobody_out_and_do_not_keep_the_end_up() {
    let folder = TempDir::new().unwrap();
    let (server, base) = serve(command(folder.path(), &[]).envs(CREDENTIALS));
    let address = base.strip_prefix("http://").unwrap();
    let mut open = Vec::new();
    for _ in 0..300 {
        open.push(half(address, "POST / HTTP/1.1\r\n").await);
    }
    let api = Api::at(&base);
    let began = Instant::now();
    assert_eq!(send(api.request(Method::GET, "/healthz")).await.0, 200);
    assert!(began.elapsed() < Duration::from_secs(1), "{:?}", began.elapsed());
    let began = Instant::now();
    let output = server.terminate();
    assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
    assert!(output.status.success(), "{}", output.stderr);
}
