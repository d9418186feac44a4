//! The listener: connections that strangers hold open keep no other out, and do not keep the end up.
#![expect(clippy::unwrap_used, reason = "what helpers need is there, or the test fails")]

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::ConnectInfo;
use axum::routing::{get, post};
use ma_alexa::clock::SystemClock;
use ma_alexa::config::TrustedProxies;
use ma_alexa::server::{self, Limits, ServerOptions};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, mpsc};
use tokio::task::JoinHandle;

use crate::logs;

/// Longest that a test waits for what is to happen soon.
const SOON: Duration = Duration::from_secs(10);

struct Running {
    address: SocketAddr,
    stop: mpsc::Sender<()>,
    server: JoinHandle<()>,
    /// Requests of `/work` wait for a permit.
    work: Arc<Semaphore>,
    /// Ends with the last answer of `/endless`, once the server has ended too.
    endless: mpsc::Receiver<()>,
}

impl Running {
    async fn start(limits: Limits) -> Self {
        let work = Arc::new(Semaphore::new(0));
        let waiting = Arc::clone(&work);
        let (sender, endless_ended) = mpsc::channel(1);
        let routes = Router::new()
            .route("/", get(async |ConnectInfo(peer): ConnectInfo<SocketAddr>| peer.ip().to_string()))
            .route("/body", post(async |body: Bytes| body.len().to_string()))
            .route("/endless", get(async move || endless(sender.clone())))
            .route("/work", get(async move || waiting.acquire().await.map(|_| "done").unwrap()));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let options = ServerOptions {
            limits,
            proxies: TrustedProxies::default(),
            log_limiter: Arc::default(),
            clock: Arc::new(SystemClock),
        };
        let (stop, stops) = mpsc::channel(2);
        let server = tokio::spawn(server::serve(listener, routes, options, stops));
        Self { address, stop, server, work, endless: endless_ended }
    }

    /// A connection on which `text` is sent.
    async fn send(&self, text: &str) -> TcpStream {
        let mut stream = TcpStream::connect(self.address).await.unwrap();
        stream.write_all(text.as_bytes()).await.unwrap();
        stream
    }

    /// What a request of its own connection is answered.
    async fn get(&self, path: &str) -> String {
        rest(self.send(&request(path)).await).await
    }

    /// How long the server takes to end.
    async fn ended(self) -> Duration {
        let began = Instant::now();
        tokio::time::timeout(SOON, self.server).await.unwrap().unwrap();
        began.elapsed()
    }
}

/// An answer without an end, which says when it is dropped.
fn endless(sender: mpsc::Sender<()>) -> Body {
    let dropped = SayWhenDropped(sender);
    Body::from_stream(futures_util::stream::repeat_with(move || {
        let _ = &dropped;
        Ok::<_, Infallible>(Bytes::from_static(&[b'x'; 16 * 1024]))
    }))
}

struct SayWhenDropped(mpsc::Sender<()>);

impl Drop for SayWhenDropped {
    fn drop(&mut self) {
        self.0.try_send(()).ok();
    }
}

fn request(path: &str) -> String {
    format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
}

/// Everything until the server closes the connection.
async fn rest(mut stream: TcpStream) -> String {
    let mut bytes = Vec::new();
    // A reset ends it as well.
    let _ = tokio::time::timeout(SOON, stream.read_to_end(&mut bytes)).await.unwrap();
    String::from_utf8_lossy(&bytes).into_owned()
}

fn short() -> Limits {
    Limits { header: Duration::from_millis(200), stall: Duration::from_millis(200), ..Limits::default() }
}

#[tokio::test]
async fn a_request_that_never_finishes_arriving_is_ended() {
    let server = Running::start(short()).await;
    for half in ["", "GET", "GET / HTTP/1.1\r\nHost: a", "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"] {
        let answer = rest(server.send(half).await).await;
        let is_whole = half.ends_with("\r\n\r\n");
        assert_eq!(answer.starts_with("HTTP/1.1 200"), is_whole, "{half:?}: {answer}");
    }
}

#[tokio::test]
async fn the_longest_wait_gives_way_and_a_whole_request_is_answered() {
    let limits = Limits { connections: 16, per_proxy: 12, ..Limits::default() };
    let server = Running::start(limits).await;
    let mut half = Vec::new();
    for number in 0..200 {
        let text = if number % 2 == 0 {
            "POST / HTTP/1.1\r\nHost: localhost\r\n"
        } else {
            "POST /body HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n\r\nhalf"
        };
        half.push(server.send(text).await);
    }
    for _ in 0..3 {
        let began = Instant::now();
        let answer = server.get("/").await;
        assert!(answer.ends_with("127.0.0.1"), "{answer}");
        assert!(began.elapsed() < Duration::from_secs(1), "{:?}", began.elapsed());
    }
    assert_eq!(rest(half.remove(0)).await, "", "the first of them was closed");
}

#[tokio::test]
async fn a_whole_request_gives_way_to_none_and_one_too_many_is_logged_once() {
    logs::keep();
    let limits = Limits { connections: 4, per_proxy: 4, ..Limits::default() };
    let server = Running::start(limits).await;
    let mut working = Vec::new();
    for _ in 0..4 {
        working.push(server.send(&request("/work")).await);
    }
    // All four are at work once a further one finds no place.
    while !server.get("/").await.is_empty() {
        tokio::task::yield_now().await;
    }
    for _ in 0..5 {
        assert_eq!(server.get("/").await, "");
    }
    server.work.add_permits(4);
    let mut answered = 0;
    for stream in working {
        answered += usize::from(rest(stream).await.ends_with("done"));
    }
    assert!(answered >= 3, "{answered}");
    assert!(server.get("/").await.ends_with("127.0.0.1"));
    let lines = logs::kept();
    let refused = lines.iter().filter(|line| line["message"] == "no connection can be accepted").count();
    assert_eq!(refused, 1, "{lines:?}");
}

#[tokio::test]
async fn a_header_has_at_most_32_kib() {
    let server = Running::start(Limits::default()).await;
    for (size, status) in [(30_000, "200"), (40_000, "431"), (380_000, "431")] {
        let cookie = "c".repeat(size);
        let text =
            format!("GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nCookie: {cookie}\r\n\r\n");
        let mut stream = TcpStream::connect(server.address).await.unwrap();
        // The server may answer and close before it has read all of it.
        let _ = stream.write_all(text.as_bytes()).await;
        let mut start = [0; 12];
        match stream.read_exact(&mut start).await {
            Ok(_) => assert_eq!(String::from_utf8_lossy(&start), format!("HTTP/1.1 {status}"), "{size}"),
            Err(error) => assert!(status == "431", "{size}: {error}"),
        }
    }
}

#[tokio::test]
async fn a_client_that_takes_nothing_of_its_answer_loses_it() {
    let mut server = Running::start(short()).await;
    let mut taken = server.send(&request("/endless")).await;
    let _stalled = server.send(&request("/endless")).await;
    let mut buffer = vec![0; 1024 * 1024];
    tokio::time::timeout(SOON, async {
        loop {
            tokio::select! {
                ended = server.endless.recv() => break assert!(ended.is_some()),
                read = taken.read(&mut buffer) => assert!(read.unwrap() > 0, "a client that reads lost its answer"),
            }
        }
    })
    .await
    .unwrap();
}

#[tokio::test]
async fn http_2_is_not_spoken_without_tls() {
    let server = Running::start(Limits::default()).await;
    let answer = rest(server.send("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0").await).await;
    assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 4"), "{answer:?}");
}

#[tokio::test]
async fn the_end_waits_for_whole_requests_and_for_nothing_else() {
    let server = Running::start(Limits::default()).await;
    let half = server.send("POST / HTTP/1.1\r\n").await;
    let working = server.send(&request("/work")).await;
    assert!(server.get("/").await.ends_with("127.0.0.1"), "both are there by now");
    server.stop.send(()).await.unwrap();
    assert_eq!(rest(half).await, "");
    server.work.add_permits(1);
    assert!(rest(working).await.ends_with("done"), "a whole request was cut off");
    assert!(server.ended().await < Duration::from_secs(1));
}

#[tokio::test]
async fn the_end_comes_in_time_whatever_is_open_and_at_once_when_told_twice() {
    let server = Running::start(Limits::default()).await;
    let _working = server.send(&request("/work")).await;
    assert!(server.get("/").await.ends_with("127.0.0.1"));
    server.stop.send(()).await.unwrap();
    let took = server.ended().await;
    assert!(took < Duration::from_secs(5), "{took:?}");

    let server = Running::start(Limits { end: Duration::from_hours(1), ..Limits::default() }).await;
    let _working = server.send(&request("/work")).await;
    assert!(server.get("/").await.ends_with("127.0.0.1"));
    server.stop.send(()).await.unwrap();
    server.stop.send(()).await.unwrap();
    assert!(server.ended().await < Duration::from_secs(1));
}

#[tokio::test]
async fn an_answer_that_lasts_keeps_its_place_where_it_may() {
    for keeps in [true, false] {
        let limits = Limits { connections: 4, per_proxy: 4, answers_keep_place: keeps, ..Limits::default() };
        let mut server = Running::start(limits).await;
        let mut lasting = server.send(&request("/endless")).await;
        lasting.read_exact(&mut [0; 1024]).await.unwrap();
        let mut half = Vec::new();
        for _ in 0..8 {
            half.push(server.send("GET / HTTP/1.1\r\nHost: localhost\r\n").await);
        }
        // The last of them stays, so all before it were admitted.
        drop(half.pop());
        let read = async {
            let mut buffer = vec![0; 1024 * 1024];
            let mut taken = 0;
            while taken < 64 * 1024 * 1024 {
                match lasting.read(&mut buffer).await {
                    Ok(count) if count > 0 => taken += count,
                    _ => return false,
                }
            }
            true
        };
        assert_eq!(tokio::time::timeout(SOON, read).await.unwrap(), keeps);
        drop(lasting);
        assert!(server.endless.recv().await.is_some());
    }
}
