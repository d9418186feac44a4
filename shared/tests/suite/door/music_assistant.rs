//! A stand-in for Music Assistant's streams that counts what is asked of it, and misbehaves as a test says.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::sync::watch;
use tokio::time::timeout;

use super::harness::SOON;

/// Bytes that a socket of this side holds, so that tests see back-pressure.
const SOCKET: u32 = 32 * 1024;

/// Bytes of one chunk.
const CHUNK: usize = 16 * 1024;

/// What it does with a request.
#[derive(Clone, Debug)]
pub(super) enum Play {
    /// A flow without an end, as fast as it is taken.
    Endless,
    /// A flow that brings so many bytes and then nothing more, but stays open.
    Pauses(u64),
    /// A flow of so many bytes that ends as it should.
    Ends(u64),
    /// A flow that is cut off after so many bytes.
    Breaks(u64),
    /// A file of so many bytes, or the part of it that is asked for.
    File(usize),
    /// These bytes, and then the end of the connection.
    Raw(&'static str),
    /// A header that never ends, a byte at a time.
    Trickles,
    /// Nothing, on an open connection.
    Silent,
}

/// What was asked of it.
#[derive(Clone, Debug, Default)]
pub(super) struct Seen {
    /// The header of each request.
    pub(super) requests: Vec<String>,
    /// Connections so far.
    pub(super) connections: usize,
    /// Connections that are open.
    pub(super) open: usize,
    /// Bytes of bodies that were sent.
    pub(super) sent: u64,
}

#[derive(Debug)]
pub(super) struct MusicAssistant {
    pub(super) address: SocketAddr,
    play: Arc<Mutex<Play>>,
    seen: watch::Sender<Seen>,
    server: tokio::task::JoinHandle<()>,
}

/// The source of every flow: each eight bytes are their number.
pub(super) fn source(from: u64, length: usize) -> Vec<u8> {
    let skipped = usize::try_from(from % 8).unwrap();
    let mut bytes = Vec::with_capacity(length + 16);
    let mut word = from / 8;
    while bytes.len() < skipped + length {
        bytes.extend_from_slice(&word.to_be_bytes());
        word += 1;
    }
    bytes.truncate(skipped + length);
    bytes.drain(..skipped);
    bytes
}

impl MusicAssistant {
    pub(super) fn start(play: Play) -> Self {
        Self::on("127.0.0.1:0".parse().unwrap(), play)
    }

    /// Starts at an address that one before it may have had.
    pub(super) fn on(address: SocketAddr, play: Play) -> Self {
        let socket = TcpSocket::new_v4().unwrap();
        socket.set_reuseaddr(true).unwrap();
        socket.set_send_buffer_size(SOCKET).unwrap();
        socket.bind(address).unwrap();
        let listener = socket.listen(1024).unwrap();
        let address = listener.local_addr().unwrap();
        let (play, seen) = (Arc::new(Mutex::new(play)), watch::Sender::new(Seen::default()));
        let server = tokio::spawn(serve(listener, Arc::clone(&play), seen.clone()));
        Self { address, play, seen, server }
    }

    pub(super) fn set(&self, play: Play) {
        *self.play.lock().unwrap() = play;
    }

    pub(super) fn seen(&self) -> Seen {
        self.seen.borrow().clone()
    }

    /// Waits until this holds.
    pub(super) async fn until(&self, holds: impl FnMut(&Seen) -> bool) -> Seen {
        let mut seen = self.seen.subscribe();
        let held = timeout(SOON, seen.wait_for(holds)).await;
        held.unwrap_or_else(|_| panic!("{:?}", self.seen())).unwrap().clone()
    }

    /// Ends it, as a restart of Music Assistant does.
    pub(super) async fn stop(self) -> SocketAddr {
        self.server.abort();
        self.until(|seen| seen.open == 0).await;
        self.address
    }
}

impl Drop for MusicAssistant {
    fn drop(&mut self) {
        self.server.abort();
    }
}

async fn serve(listener: TcpListener, play: Arc<Mutex<Play>>, seen: watch::Sender<Seen>) {
    // Connections end with it.
    let mut connections = tokio::task::JoinSet::new();
    while let Ok((stream, _)) = listener.accept().await {
        seen.send_modify(|seen| (seen.connections, seen.open) = (seen.connections + 1, seen.open + 1));
        let (play, open) = (Arc::clone(&play), Open(seen.clone()));
        connections.spawn(async move {
            // The other side may go away at any time.
            let _ = answer(stream, &play, &open.0).await;
        });
    }
}

/// One open connection.
struct Open(watch::Sender<Seen>);

impl Drop for Open {
    fn drop(&mut self) {
        self.0.send_modify(|seen| seen.open -= 1);
    }
}

async fn answer(
    mut stream: TcpStream,
    play: &Mutex<Play>,
    seen: &watch::Sender<Seen>,
) -> std::io::Result<()> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await?);
    }
    let head = String::from_utf8(head).unwrap();
    seen.send_modify(|seen| seen.requests.push(head.clone()));
    let play = play.lock().unwrap().clone();
    let (mut read, mut write) = stream.split();
    let played = async {
        match play {
            Play::Endless => flow(&mut write, seen, u64::MAX).await,
            Play::Pauses(length) => {
                flow(&mut write, seen, length).await?;
                std::future::pending().await
            }
            Play::Breaks(length) => flow(&mut write, seen, length).await,
            Play::Ends(length) => {
                flow(&mut write, seen, length).await?;
                write.write_all(b"0\r\n\r\n").await
            }
            Play::File(length) => file(&mut write, &head, length).await,
            Play::Raw(text) => write.write_all(text.as_bytes()).await,
            Play::Silent => std::future::pending().await,
            Play::Trickles => {
                write.write_all(b"HTTP/1.1 200 OK\r\nX-Slow: ").await?;
                loop {
                    write.write_all(b"x").await?;
                    tokio::time::sleep(Duration::from_millis(10)).await;
                }
            }
        }
    };
    let mut more = [0; 1];
    tokio::select! {
        played = played => played,
        // The other side closed the connection.
        _ = read.read(&mut more) => Ok(()),
    }
}

async fn flow(
    write: &mut (impl AsyncWriteExt + Unpin),
    seen: &watch::Sender<Seen>,
    length: u64,
) -> std::io::Result<()> {
    const HEAD: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Type: audio/mpeg\r\nTransfer-Encoding: chunked\r\n\
        Accept-Ranges: none\r\nicy-name: Music Assistant\r\nSet-Cookie: home=1\r\nServer: aiohttp\r\n\r\n";
    write.write_all(HEAD).await?;
    let mut at = 0;
    while at < length {
        let count = CHUNK.min(usize::try_from(length - at).unwrap_or(CHUNK));
        let mut chunk = format!("{count:x}\r\n").into_bytes();
        chunk.extend(source(at, count));
        chunk.extend(b"\r\n");
        write.write_all(&chunk).await?;
        at += count as u64;
        seen.send_modify(|seen| seen.sent += count as u64);
    }
    Ok(())
}

/// A file with ranges, as `/single/` and pictures may be.
async fn file(write: &mut (impl AsyncWriteExt + Unpin), head: &str, length: usize) -> std::io::Result<()> {
    let media = if head.starts_with("GET /imageproxy") { "image/png" } else { "audio/mpeg" };
    let range = head.lines().find_map(|line| line.strip_prefix("range: bytes="));
    let Some((first, last)) = range.and_then(|range| range.split_once('-')) else {
        let head = format!("HTTP/1.1 200 OK\r\nContent-Type: {media}\r\nContent-Length: {length}\r\n");
        write.write_all(format!("{head}Accept-Ranges: bytes\r\n\r\n").as_bytes()).await?;
        return write.write_all(&source(0, length)).await;
    };
    let (first, last) = match (first.parse::<usize>(), last.parse::<usize>()) {
        (Ok(first), last) => (first, last.unwrap_or(length - 1).min(length - 1)),
        (Err(_), last) => (length - last.unwrap_or(0).min(length), length - 1),
    };
    if first > last {
        let head = format!("HTTP/1.1 416 Range Not Satisfiable\r\nContent-Range: bytes */{length}\r\n");
        let page = "<html>home</html>";
        let rest = format!("Content-Type: text/html\r\nContent-Length: {}\r\n\r\n{page}", page.len());
        return write.write_all(format!("{head}{rest}").as_bytes()).await;
    }
    let count = last + 1 - first;
    let head = format!(
        "HTTP/1.1 206 Partial Content\r\nContent-Type: {media}\r\nContent-Length: {count}\r\n\
         Content-Range: bytes {first}-{last}/{length}\r\nAccept-Ranges: bytes\r\n\r\n"
    );
    write.write_all(head.as_bytes()).await?;
    write.write_all(&source(first as u64, count)).await
}
