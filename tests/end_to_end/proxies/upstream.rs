//! What stands behind a proxy: it answers everything, and writes down what reached it.
#![expect(clippy::unwrap_used, reason = "a recording of half of what came is worth nothing")]

use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

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
    pub(super) fn start() -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let address = listener.local_addr().unwrap();
        let reached = Arc::new(Mutex::new(Vec::new()));
        let kept = Arc::clone(&reached);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let kept = Arc::clone(&kept);
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
    let mut head = Vec::new();
    let mut byte = [0];
    while stream.read_exact(&mut byte).is_ok() {
        head.push(byte[0]);
        if !head.ends_with(b"\r\n\r\n") {
            continue;
        }
        let text = String::from_utf8_lossy(&head).into_owned();
        head.clear();
        let mut lines = text.lines();
        let mut words = lines.next().unwrap_or_default().split(' ').map(str::to_owned);
        kept.lock().unwrap().push(Reached {
            method: words.next().unwrap_or_default(),
            target: words.next().unwrap_or_default(),
            headers: lines.filter(|line| !line.is_empty()).map(str::to_ascii_lowercase).collect(),
        });
        let answer = "HTTP/1.1 200 OK\r\ncontent-type: audio/mpeg\r\ncontent-length: 8\r\n\r\nupstream";
        if stream.write_all(answer.as_bytes()).is_err() {
            return;
        }
    }
}

/// What an address answers to these very bytes until it hangs up, or `patience` is over; and whether it hung up.
pub(super) fn send(address: SocketAddr, bytes: &[u8], patience: Duration) -> (String, bool) {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(patience)).unwrap();
    // What is refused is hung up on, also in the middle.
    let _ = stream.write_all(bytes);
    let mut answer = Vec::new();
    let mut some = [0; 4096];
    loop {
        match stream.read(&mut some) {
            Ok(0) => return (String::from_utf8_lossy(&answer).into_owned(), true),
            Ok(count) => answer.extend_from_slice(&some[..count]),
            Err(error) => {
                let is_over =
                    matches!(error.kind(), std::io::ErrorKind::WouldBlock | std::io::ErrorKind::TimedOut);
                return (String::from_utf8_lossy(&answer).into_owned(), !is_over);
            }
        }
    }
}
