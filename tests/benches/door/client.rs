//! Echos that take streams, and strangers who try grants.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use anyhow::ensure;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// The body of an answer, with the marks of its chunks: they are few beside the sound.
pub(crate) struct Stream {
    stream: TcpStream,
    buffer: Vec<u8>,
}

/// What came in a time.
pub(crate) struct Played {
    pub(crate) bytes: u64,
    pub(crate) longest_gap: Duration,
}

impl Stream {
    /// Asks for a stream, and reads the header of its answer.
    pub(crate) async fn open(address: SocketAddr, path: &str) -> anyhow::Result<Self> {
        let mut stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        stream.write_all(request(path).as_bytes()).await?;
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            head.push(stream.read_u8().await?);
        }
        ensure!(head.starts_with(b"HTTP/1.1 200"), "{}", String::from_utf8_lossy(&head));
        Ok(Self { stream, buffer: vec![0; 16 * 1024] })
    }

    /// The next bytes: how many.
    pub(crate) async fn some(&mut self) -> anyhow::Result<usize> {
        let count = self.stream.read(&mut self.buffer).await?;
        ensure!(count > 0, "the stream ended");
        Ok(count)
    }

    /// Takes what comes in a time.
    pub(crate) async fn for_as_long_as(&mut self, time: Duration) -> anyhow::Result<Played> {
        let end = Instant::now() + time;
        let mut played = Played { bytes: 0, longest_gap: Duration::ZERO };
        let mut last = Instant::now();
        while let Ok(count) = tokio::time::timeout_at(end.into(), self.some()).await {
            played.bytes += u64::try_from(count?)?;
            played.longest_gap = played.longest_gap.max(last.elapsed());
            last = Instant::now();
        }
        Ok(played)
    }
}

/// Tries one grant after another on one connection, as fast as they are refused.
pub(crate) async fn flood(address: SocketAddr) -> anyhow::Result<()> {
    let mut stream = TcpStream::connect(address).await?;
    let request = request(&format!("/s/{}.mp3", "A".repeat(200)));
    let mut answer = vec![0; 4096];
    loop {
        stream.write_all(request.as_bytes()).await?;
        let count = stream.read(&mut answer).await?;
        ensure!(
            answer[..count].starts_with(b"HTTP/1.1 404"),
            "{}",
            String::from_utf8_lossy(&answer[..count])
        );
    }
}

fn request(path: &str) -> String {
    format!("GET {path} HTTP/1.1\r\nHost: door.example.com\r\n\r\n")
}
