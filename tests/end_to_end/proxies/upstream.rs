//! What stands behind a proxy and writes down what reached it. It answers everything, or passes it on to a server.
#![expect(clippy::unwrap_used, reason = "a recording of half of what came is worth nothing")]

use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

/// A request that reached the server, once its headers were there.
#[derive(Clone, Debug)]
pub(super) struct Reached {
    pub(super) method: String,
    /// Path and query, as they came.
    pub(super) target: String,
    /// The lines of its headers, in lower case.
    pub(super) headers: Vec<String>,
}

/// The server. It ends with the tests.
#[derive(Debug)]
pub(super) struct Upstream {
    pub(super) address: SocketAddr,
    reached: Arc<Mutex<Vec<Reached>>>,
}

impl Upstream {
    /// Answers everything.
    pub(super) fn start() -> Self {
        Self::listen(serve)
    }

    /// Passes everything on to a server.
    pub(super) fn before(server: SocketAddr) -> Self {
        Self::listen(move |stream, kept| pass_on(&stream, server, kept))
    }

    fn listen(serve: impl Fn(TcpStream, &Mutex<Vec<Reached>>) + Clone + Send + 'static) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let address = listener.local_addr().unwrap();
        let reached = Arc::new(Mutex::new(Vec::new()));
        let kept = Arc::clone(&reached);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (kept, serve) = (Arc::clone(&kept), serve.clone());
                thread::spawn(move || serve(stream, &kept));
            }
        });
        Self { address, reached }
    }

    /// What reached it since the last look.
    pub(super) fn take(&self) -> Vec<Reached> {
        std::mem::take(&mut *self.reached.lock().unwrap())
    }
}

/// Answers one request after the other, without waiting for a body.
fn serve(mut stream: TcpStream, kept: &Mutex<Vec<Reached>>) {
    let mut heads = Heads::default();
    let mut byte = [0];
    while stream.read_exact(&mut byte).is_ok() {
        if !heads.read(&byte, kept) {
            continue;
        }
        let answer = "HTTP/1.1 200 OK\r\ncontent-type: audio/mpeg\r\ncontent-length: 8\r\n\r\nupstream";
        if stream.write_all(answer.as_bytes()).is_err() {
            return;
        }
    }
}

/// Passes the bytes of both sides on until one of them hangs up.
fn pass_on(stream: &TcpStream, server: SocketAddr, kept: &Mutex<Vec<Reached>>) {
    let upstream = TcpStream::connect(server).unwrap();
    thread::scope(|scope| {
        scope.spawn(|| {
            copy(&upstream, stream, |_| {});
            stream.shutdown(Shutdown::Both).ok();
        });
        let mut heads = Heads::default();
        copy(stream, &upstream, |bytes| {
            heads.read(bytes, kept);
        });
        upstream.shutdown(Shutdown::Both).ok();
    });
}

fn copy(mut from: &TcpStream, mut to: &TcpStream, mut see: impl FnMut(&[u8])) {
    let mut some = [0; 16 * 1024];
    while let Ok(count @ 1..) = from.read(&mut some) {
        see(&some[..count]);
        if to.write_all(&some[..count]).is_err() {
            return;
        }
    }
}

/// Finds the heads of requests in what comes over a connection.
#[derive(Default)]
struct Heads(Vec<u8>);

impl Heads {
    /// Whether a head ends in these bytes.
    fn read(&mut self, bytes: &[u8], kept: &Mutex<Vec<Reached>>) -> bool {
        let mut ends = false;
        for byte in bytes {
            self.0.push(*byte);
            if self.0.ends_with(b"\r\n\r\n") {
                kept.lock().unwrap().push(Reached::read(&String::from_utf8_lossy(&self.0)));
                self.0.clear();
                ends = true;
            }
        }
        ends
    }
}

impl Reached {
    fn read(head: &str) -> Self {
        let mut lines = head.lines();
        let mut words = lines.next().unwrap_or_default().split(' ').map(str::to_owned);
        Self {
            method: words.next().unwrap_or_default(),
            target: words.next().unwrap_or_default(),
            headers: lines.filter(|line| !line.is_empty()).map(str::to_ascii_lowercase).collect(),
        }
    }
}

/// What an address answers to these very bytes until it hangs up, that is enough, or `patience` is over; and whether it hung
/// up.
pub(super) fn send(
    address: SocketAddr,
    bytes: &[u8],
    patience: Duration,
    is_enough: fn(&str) -> bool,
) -> (String, bool) {
    let mut stream = TcpStream::connect(address).unwrap();
    let deadline = Instant::now() + patience;
    // What is refused is hung up on, also in the middle.
    let _ = stream.write_all(bytes);
    let mut answer = Vec::new();
    let mut some = [0; 4096];
    loop {
        // What goes on for ever is over, too.
        let left = deadline.saturating_duration_since(Instant::now()).max(Duration::from_millis(1));
        stream.set_read_timeout(Some(left)).unwrap();
        match stream.read(&mut some) {
            Ok(0) => return (String::from_utf8_lossy(&answer).into_owned(), true),
            Ok(count) => {
                answer.extend_from_slice(&some[..count]);
                let text = String::from_utf8_lossy(&answer);
                if is_enough(&text) || Instant::now() > deadline {
                    return (text.into_owned(), false);
                }
            }
            Err(error) => {
                let is_over =
                    matches!(error.kind(), std::io::ErrorKind::WouldBlock | std::io::ErrorKind::TimedOut);
                return (String::from_utf8_lossy(&answer).into_owned(), !is_over);
            }
        }
    }
}
