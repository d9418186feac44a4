//! A stand-in for Music Assistant's streams: six seconds of sound at once, then as fast as it plays.

use std::net::SocketAddr;
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::MissedTickBehavior;

/// Bytes of a second of sound at 320 kbit/s.
pub(crate) const PER_SECOND: u64 = 40_000;

/// Seconds that are sent at once.
const BURST: usize = 6;

/// Chunks of a second.
const CHUNKS: u64 = 10;

/// Serves at the address that comes back, for as long as the program runs.
pub(crate) async fn start() -> anyhow::Result<SocketAddr> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            // A listener that has gone ends it.
            tokio::spawn(async move { play(stream).await.ok() });
        }
    });
    Ok(address)
}

async fn play(mut stream: TcpStream) -> anyhow::Result<()> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await?);
    }
    stream.set_nodelay(true)?;
    stream
        .write_all(b"HTTP/1.1 200 OK\r\nContent-Type: audio/mpeg\r\nTransfer-Encoding: chunked\r\n\r\n")
        .await?;
    let size = usize::try_from(PER_SECOND / CHUNKS)?;
    let chunk = [format!("{size:x}\r\n").into_bytes(), vec![b'm'; size], b"\r\n".to_vec()].concat();
    for _ in 0..BURST * usize::try_from(CHUNKS)? {
        stream.write_all(&chunk).await?;
    }
    let mut pace = tokio::time::interval(Duration::from_secs(1) / u32::try_from(CHUNKS)?);
    pace.set_missed_tick_behavior(MissedTickBehavior::Burst);
    loop {
        pace.tick().await;
        stream.write_all(&chunk).await?;
    }
}
