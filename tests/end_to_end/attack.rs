//! The server while strangers do their worst.
#![expect(clippy::unwrap_used, reason = "what helpers need is there, or the test fails")]

use std::collections::VecDeque;
use std::fs;
use std::sync::Arc;
use std::time::{Duration, Instant};

use end_to_end::api::{Api, CREDENTIALS, send};
use end_to_end::envelope::Envelope;
use end_to_end::signing::{CERTIFICATE_URL, sign};
use ma_alexa::clock::Clock as _;
use reqwest::Method;
use serde_json::Value;
use tempfile::TempDir;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::task::JoinSet;

use super::home::{HANGING, Home, StateFile, clock};
use super::local::{command, serve};

/// How many half-sent requests are left open at a time. The server keeps fewer; the others are closed already, and
/// this process may have no more than 1,024 files.
const LEFT_OPEN: usize = 400;

/// Connections of the flood, and how often each sends a request: 2,000 a second together.
const FLOOD: (u64, Duration) = (20, Duration::from_millis(10));

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

/// A thousand requests that never finish arriving, of which the newest are left open.
async fn half_sent(address: &str) -> VecDeque<TcpStream> {
    let mut open = VecDeque::new();
    for number in 0..1_000 {
        let text = match number % 3 {
            0 => "POST",
            1 => "POST / HTTP/1.1\r\nHost: localhost\r\nX: ",
            _ => "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 200000\r\n\r\n{",
        };
        open.push_back(half(address, text).await);
        if open.len() > LEFT_OPEN {
            open.pop_front();
        }
    }
    open
}

/// Sends forged requests without a pause, until it is dropped.
fn flood(address: &str) -> JoinSet<()> {
    const FORGED: &str = "POST / HTTP/1.1\r\nHost: localhost\r\nSignatureCertChainUrl: nowhere\r\n\
                          Signature-256: AAAA\r\nContent-Length: 2\r\n\r\n{}";
    let mut senders = JoinSet::new();
    for _ in 0..FLOOD.0 {
        let address = address.to_owned();
        senders.spawn(async move {
            let mut pace = tokio::time::interval(FLOOD.1);
            let mut buffer = [0; 4096];
            loop {
                let Ok(mut stream) = TcpStream::connect(&address).await else { continue };
                // A connection that gave way to another is made again.
                while stream.write_all(FORGED.as_bytes()).await.is_ok()
                    && matches!(stream.read(&mut buffer).await, Ok(1..))
                {
                    pace.tick().await;
                }
            }
        });
    }
    senders
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

/// The real program: what it answers, holds, logs, and how it ends.
#[tokio::test(flavor = "multi_thread")]
async fn under_attack_the_program_serves_stays_small_and_ends() {
    let folder = TempDir::new().unwrap();
    let (server, base) = serve(command(folder.path(), &[]).envs(CREDENTIALS));
    let address = base.strip_prefix("http://").unwrap();
    let api = Api::at(&base);
    let logged = server.stderr().len();
    let began = Instant::now();
    let _flood = flood(address);
    let _half_sent = half_sent(address).await;
    for _ in 0..10 {
        let asked = Instant::now();
        assert_eq!(send(api.request(Method::GET, "/healthz")).await.0, 200);
        assert!(asked.elapsed() < Duration::from_secs(1), "{:?}", asked.elapsed());
        api.push("Kitchen", "Aa2keUeZ", "Blue").await;
    }
    let seconds = usize::try_from(began.elapsed().as_secs()).unwrap() + 1;
    let logged = server.stderr().len() - logged;
    assert!(logged <= 10_000 * seconds, "{logged} bytes of log in {seconds} s");
    assert!(memory(server.id()) <= 100_000, "{} kB", memory(server.id()));
    let told = Instant::now();
    let output = server.terminate();
    assert!(told.elapsed() < Duration::from_secs(5), "{:?}", told.elapsed());
    assert!(output.status.success(), "{}", output.stderr);
    let forged = output.stderr.lines().filter(|line| line.contains("is not proven to be Alexa's")).count();
    assert!((1..=2).contains(&forged), "{}", output.stderr);
    let kept_back = output.stderr.lines().filter(|line| line.contains("were kept back"));
    let counts =
        kept_back.map(|line| serde_json::from_str::<Value>(line).unwrap()["count"].as_u64().unwrap());
    assert!(counts.max().unwrap() >= 10, "their number is said at the end: {}", output.stderr);
}

/// The most memory that a process has held, in kB.
fn memory(process: u32) -> u64 {
    let status = fs::read_to_string(format!("/proc/{process}/status")).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    line.trim().trim_end_matches(" kB").parse().unwrap()
}

/// The same listener, router and verifier, with certificates of the test's own.
#[tokio::test(flavor = "multi_thread")]
async fn under_attack_alexa_is_answered() {
    let clock = clock();
    let file = StateFile::new(clock.clone());
    let home = Home::start(clock, Arc::new(file.store.clone())).await;
    home.api.push("Kitchen", "Aa2keUeZ", "Blue").await;
    let signed = |url: &str, body: Vec<u8>| {
        let request = home.api.request(Method::POST, "/").header("content-type", "application/json");
        request.header("SignatureCertChainUrl", url).header("Signature-256", sign(&body)).body(body)
    };
    let genuine = |url: &str| signed(url, Envelope::new("play-audio").to_vec());
    assert_eq!(send(genuine(CERTIFICATE_URL)).await.0, 200);

    let address = home.api.address();
    let _flood = flood(&address);
    let _half_sent = half_sent(&address).await;
    let mut hanging = JoinSet::new();
    for number in 0..50 {
        let url = format!("https://s3.amazonaws.com/echo.api/{HANGING}-{number}.pem");
        hanging.spawn(send(signed(&url, b"{}".to_vec())));
    }
    for _ in 0..5 {
        let asked = Instant::now();
        assert_eq!(send(genuine(CERTIFICATE_URL)).await.0, 200);
        assert!(asked.elapsed() < Duration::from_secs(1), "{:?}", asked.elapsed());
    }
    let unknown = "https://s3.amazonaws.com/echo.api/another.pem";
    home.certificates.serve(unknown, home.authority.good_chain_pem(home.clock.now()));
    let asked = Instant::now();
    assert_eq!(send(genuine(unknown)).await.0, 200);
    assert!(asked.elapsed() < Duration::from_millis(3500), "{:?}", asked.elapsed());
    while let Some(refused) = hanging.join_next().await {
        assert_eq!(refused.unwrap().0, 400);
    }
}
