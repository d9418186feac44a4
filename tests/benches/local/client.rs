//! A client that costs next to nothing: HTTP/1.1 on kept connections, one thread for each.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::sync::Barrier;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail, ensure};

/// How long an answer may take. `ma-alexa` itself gives up earlier.
const PATIENCE: Duration = Duration::from_secs(20);

/// How often each connection is used before anything is measured.
const WARM_UP: usize = 20;

/// A request as its bytes go over the wire.
pub(crate) fn request(line: &str, headers: &[(&str, &str)], body: &str) -> Vec<u8> {
    let mut head = vec![format!("{line} HTTP/1.1"), "Host: localhost".to_owned()];
    head.extend(headers.iter().map(|(name, value)| format!("{name}: {value}")));
    if !body.is_empty() {
        head.push("Content-Type: application/json".to_owned());
        head.push(format!("Content-Length: {}", body.len()));
    }
    format!("{}\r\n\r\n{body}", head.join("\r\n")).into_bytes()
}

/// A kept connection.
pub(crate) struct Connection {
    stream: TcpStream,
    received: Vec<u8>,
}

impl Connection {
    pub(crate) fn open(address: SocketAddr) -> anyhow::Result<Self> {
        let stream = TcpStream::connect(address)?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        Ok(Self { stream, received: Vec::with_capacity(16 * 1024) })
    }

    /// The body of the answer to a request, which has to be a success and to contain `expected`.
    pub(crate) fn exchange(&mut self, request: &[u8], expected: &str) -> anyhow::Result<&str> {
        self.stream.write_all(request)?;
        self.received.clear();
        let body_at = loop {
            self.receive()?;
            if let Some(end) = self.received.windows(4).position(|window| window == b"\r\n\r\n") {
                break end + 4;
            }
        };
        let head = std::str::from_utf8(&self.received[..body_at])?.to_ascii_lowercase();
        let length: usize = head
            .lines()
            .find_map(|line| line.strip_prefix("content-length: "))
            .context("an answer without a length")?
            .parse()?;
        while self.received.len() < body_at + length {
            self.receive()?;
        }
        let body = std::str::from_utf8(&self.received[body_at..])?;
        ensure!(head.starts_with("http/1.1 200") && body.contains(expected), "not as expected: {head}{body}");
        Ok(body)
    }

    fn receive(&mut self) -> anyhow::Result<()> {
        let mut chunk = [0; 16 * 1024];
        match self.stream.read(&mut chunk)? {
            0 => bail!("the server closed the connection"),
            count => self.received.extend_from_slice(&chunk[..count]),
        }
        Ok(())
    }
}

/// What the connections send.
pub(crate) struct Load {
    /// For each connection, the requests that it sends one after another.
    pub(crate) requests: Vec<Vec<Vec<u8>>>,
    /// Whether they are sent again from the first on when all are sent.
    pub(crate) repeats: bool,
    /// What each answer contains.
    pub(crate) expected: &'static str,
}

/// What came of a load.
#[derive(Default)]
pub(crate) struct Measured {
    /// How long each answer took.
    pub(crate) times: Vec<Duration>,
    /// How long all of them took together.
    pub(crate) elapsed: Duration,
    /// The server's processor time meanwhile, where the system has it.
    pub(crate) processor: Option<Duration>,
}

/// Sends a load for about `span`, each connection its next request when the last is answered. `processor` reads the
/// server's processor time.
pub(crate) fn send(
    load: &Load,
    address: SocketAddr,
    span: Duration,
    processor: impl Fn() -> Option<Duration>,
) -> anyhow::Result<Measured> {
    let warm = Barrier::new(load.requests.len() + 1);
    let start = Barrier::new(load.requests.len() + 1);
    thread::scope(|scope| {
        let senders: Vec<_> = load
            .requests
            .iter()
            .map(|requests| {
                let (warm, start) = (&warm, &start);
                scope.spawn(move || {
                    let connection = warm_connection(address);
                    warm.wait();
                    start.wait();
                    send_all(connection?, requests, load, span)
                })
            })
            .collect();
        warm.wait();
        let processor_before = processor();
        start.wait();
        let began = Instant::now();
        let mut times = Vec::new();
        for sender in senders {
            times.extend(sender.join().map_err(|_| anyhow::anyhow!("a connection panicked"))??);
        }
        let elapsed = began.elapsed();
        let processor = processor().zip(processor_before).map(|(after, before)| after.saturating_sub(before));
        Ok(Measured { times, elapsed, processor })
    })
}

fn warm_connection(address: SocketAddr) -> anyhow::Result<Connection> {
    let mut connection = Connection::open(address)?;
    let warm_up = request("GET /healthz", &[], "");
    for _ in 0..WARM_UP {
        connection.exchange(&warm_up, "")?;
    }
    Ok(connection)
}

fn send_all(
    mut connection: Connection,
    requests: &[Vec<u8>],
    load: &Load,
    span: Duration,
) -> anyhow::Result<Vec<Duration>> {
    let began = Instant::now();
    let mut times = Vec::new();
    loop {
        for request in requests {
            let sent = Instant::now();
            if sent.duration_since(began) >= span {
                return Ok(times);
            }
            connection.exchange(request, load.expected)?;
            times.push(sent.elapsed());
        }
        if !load.repeats {
            return Ok(times);
        }
    }
}
