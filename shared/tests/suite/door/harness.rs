//! A door on a real listener, and clients of it that take as much as a test says.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use axum::Router;
use ma_alexa::clock::testing::{SeededRandom, ShiftedClock};
use ma_alexa::clock::{Clock as _, Timestamp};
use ma_alexa::config::{Origin, TrustedProxies};
use ma_alexa::door::{
    self, DoorEvents, DoorFailure, DoorHealth, DoorLimits, DoorServices, FixedSource, HomeHosts, MediaHosts,
};
use ma_alexa::grant::{Grant, GrantKeys, GrantKind};
use ma_alexa::playback::{PlayerId, PlayerKey};
use ma_alexa::server::{self, Limits, ServerOptions};
use ma_alexa::telemetry::Metrics;
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpSocket, TcpStream};
use tokio::sync::mpsc;
use tokio::time::timeout;

use super::music_assistant::{MusicAssistant, source};

/// Longest that a test waits for what is to happen soon.
pub(super) const SOON: Duration = Duration::from_secs(20);

/// Bytes that a socket between door and client holds, so that tests see back-pressure.
const SOCKET: u32 = 16 * 1024;

/// A flow of the player "Kitchen".
pub(super) const FLOW: &str = "/flow/Aa2keUeZ/Kitchen/1234/Kitchen.mp3";

/// A single track of it.
pub(super) const SINGLE: &str = "/single/Aa2keUeZ/Kitchen/1234/Kitchen.mp3";

/// A picture.
pub(super) const PICTURE: &str = "/imageproxy?size=512&path=a%2Fb.png";

pub(super) struct Door {
    pub(super) address: SocketAddr,
    pub(super) clock: Arc<ShiftedClock>,
    pub(super) health: Arc<DoorHealth>,
    pub(super) events: Arc<Events>,
    pub(super) metrics: Arc<Metrics>,
    keys: GrantKeys,
    random: SeededRandom,
    _stop: mpsc::Sender<()>,
}

/// The events of a door, as texts.
#[derive(Debug, Default)]
pub(super) struct Events {
    all: Mutex<Vec<String>>,
    served: Mutex<Vec<String>>,
}

impl Events {
    pub(super) fn all(&self) -> Vec<String> {
        self.all.lock().unwrap().clone()
    }

    /// The streams of which an Echo got bytes.
    pub(super) fn served(&self) -> Vec<String> {
        self.served.lock().unwrap().clone()
    }
}

impl DoorEvents for Events {
    fn failed(&self, failure: &DoorFailure) {
        self.all.lock().unwrap().push(failure.kind.code().to_owned());
    }

    fn recovered(&self, _: PlayerKey) {
        self.all.lock().unwrap().push("recovered".to_owned());
    }

    fn served(&self, player: PlayerKey, path: &str) {
        assert_eq!(player, kitchen());
        self.served.lock().unwrap().push(path.to_owned());
    }

    fn media_failed(&self, player: PlayerKey, reason: &'static str) {
        assert_eq!(player, kitchen());
        self.all.lock().unwrap().push(format!("media: {reason}"));
    }
}

/// A home whose machines have the address 127.0.0.2, since tests leave this machine by no other way. The name `nas.local`
/// leads there, and `evil.local` to this machine.
#[derive(Debug)]
struct Loopback;

pub(super) const MACHINE: [u8; 4] = [127, 0, 0, 2];

#[async_trait]
impl MediaHosts for Loopback {
    fn allows(&self, address: SocketAddr) -> bool {
        address.ip() == IpAddr::from(MACHINE) || HomeHosts::default().allows(address)
    }

    async fn resolve(&self, name: &str, _: u16) -> Vec<SocketAddr> {
        let address = if name == "nas.local" { MACHINE } else { [127, 0, 0, 1] };
        vec![SocketAddr::from((address, 0))]
    }
}

pub(super) fn kitchen() -> PlayerKey {
    PlayerId::from("Kitchen").key()
}

impl Door {
    pub(super) fn start(upstream: SocketAddr) -> Self {
        Self::with(upstream, DoorLimits::default(), None)
    }

    pub(super) fn with(upstream: SocketAddr, limits: DoorLimits, alexa: Option<Router>) -> Self {
        let origin = Origin::parse(&format!("http://{upstream}")).unwrap();
        let keys = GrantKeys::generate(&SeededRandom::new(1)).unwrap();
        let fixed = Arc::new(FixedSource::new(keys.clone(), origin));
        let clock = Arc::new(ShiftedClock::default());
        let (health, events) = (Arc::new(DoorHealth::default()), Arc::new(Events::default()));
        let metrics = Arc::new(Metrics::exposed(Timestamp::from_millis(0)));
        let log_limiter = Arc::default();
        let services = DoorServices {
            keys: Arc::clone(&fixed) as _,
            origins: fixed,
            media: Arc::new(Loopback),
            alexa,
            tone: Router::new(),
            limits,
            clock: Arc::clone(&clock) as _,
            metrics: Arc::clone(&metrics),
            log_limiter: Arc::clone(&log_limiter),
            health: Arc::clone(&health),
            events: Arc::clone(&events) as _,
        };
        let socket = TcpSocket::new_v4().unwrap();
        socket.set_send_buffer_size(SOCKET).unwrap();
        socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
        let listener = socket.listen(1024).unwrap();
        let address = listener.local_addr().unwrap();
        let server = ServerOptions {
            limits: Limits::door(),
            proxies: TrustedProxies::default(),
            log_limiter,
            clock: Arc::clone(&clock) as _,
        };
        let (stop, stops) = mpsc::channel(2);
        tokio::spawn(server::serve(listener, door::router(services).unwrap(), server, stops));
        let random = SeededRandom::new(2);
        Self { address, clock, health, events, metrics, keys, random, _stop: stop }
    }

    /// A grant of this door, which holds from now on.
    pub(super) fn grant(&self, kind: GrantKind, path: &str) -> String {
        let grant = Grant::new(kind, kitchen(), path.to_owned(), self.clock.now());
        self.keys.seal(&grant, &self.random).unwrap()
    }

    /// The path of a stream at this door.
    pub(super) fn stream(&self, path: &str) -> String {
        format!("/s/{}.mp3", self.grant(GrantKind::Stream, path))
    }

    /// The path of a picture at this door.
    pub(super) fn picture(&self, path: &str) -> String {
        format!("/a/{}.jpg", self.grant(GrantKind::Picture, path))
    }

    pub(super) async fn get(&self, path: &str) -> Answer {
        self.ask("GET", path, &[]).await
    }

    pub(super) async fn ask(&self, method: &str, path: &str, headers: &[(&str, &str)]) -> Answer {
        let mut text = format!("{method} {path} HTTP/1.1\r\nHost: door.example.com\r\nConnection: close\r\n");
        for (name, value) in headers {
            write!(text, "{name}: {value}\r\n").unwrap();
        }
        self.send(&format!("{text}\r\n"), method == "HEAD").await
    }

    pub(super) async fn send(&self, text: &str, is_head: bool) -> Answer {
        let socket = TcpSocket::new_v4().unwrap();
        socket.set_recv_buffer_size(SOCKET).unwrap();
        let mut stream = socket.connect(self.address).await.unwrap();
        stream.write_all(text.as_bytes()).await.unwrap();
        timeout(SOON, Answer::read(stream, is_head)).await.unwrap()
    }

    /// The value of a counter.
    pub(super) fn counted(&self, name: &str) -> u64 {
        let text = self.metrics.exposition().unwrap();
        let line = text.lines().find_map(|line| line.strip_prefix(&format!("ma_alexa_{name}_total ")));
        line.unwrap_or("0").parse().unwrap()
    }
}

/// An answer whose body is taken as a test says. Dropped, it closes its connection.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) headers: BTreeMap<String, String>,
    stream: BufReader<TcpStream>,
    /// Bytes that are left of this chunk, or of the body.
    left: usize,
    is_chunked: bool,
    is_over: bool,
}

/// A body that did not come whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct CutOff;

impl Answer {
    async fn read(stream: TcpStream, is_head: bool) -> Self {
        let mut stream = BufReader::with_capacity(1024, stream);
        let mut lines = Vec::new();
        loop {
            let mut line = String::new();
            stream.read_line(&mut line).await.unwrap();
            match line.trim_end() {
                "" => break,
                line => lines.push(line.to_owned()),
            }
        }
        let status = lines[0].split(' ').nth(1).unwrap().parse().unwrap();
        let headers: BTreeMap<String, String> = lines[1..]
            .iter()
            .filter_map(|line| line.split_once(": "))
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect();
        let length = headers.get("content-length").and_then(|length| length.parse().ok());
        let is_chunked = headers.contains_key("transfer-encoding");
        let is_over = is_head || (!is_chunked && length.unwrap_or(0) == 0);
        Self { status, headers, stream, left: length.unwrap_or(0), is_chunked, is_over }
    }

    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(String::as_str)
    }

    /// The names of its headers, without those of every answer.
    pub(super) fn names(&self) -> Vec<&str> {
        let of_all = ["connection", "date", "transfer-encoding"];
        self.headers.keys().map(String::as_str).filter(|name| !of_all.contains(name)).collect()
    }

    /// The next bytes, at most so many; none at the end.
    pub(super) async fn some(&mut self, most: usize) -> Result<Vec<u8>, CutOff> {
        timeout(SOON, self.next(most)).await.unwrap()
    }

    async fn next(&mut self, most: usize) -> Result<Vec<u8>, CutOff> {
        if self.is_over {
            return Ok(Vec::new());
        }
        if self.left == 0 {
            let mut line = String::new();
            self.stream.read_line(&mut line).await.map_err(|_| CutOff)?;
            self.left = usize::from_str_radix(line.trim_end(), 16).map_err(|_| CutOff)?;
            if self.left == 0 {
                self.is_over = true;
                return Ok(Vec::new());
            }
        }
        let mut bytes = vec![0; most.min(self.left)];
        let count = self.stream.read(&mut bytes).await.map_err(|_| CutOff)?;
        if count == 0 {
            return Err(CutOff);
        }
        bytes.truncate(count);
        self.left -= count;
        if self.left == 0 && self.is_chunked {
            self.stream.read_exact(&mut [0; 2]).await.map_err(|_| CutOff)?;
        }
        self.is_over = self.left == 0 && !self.is_chunked;
        Ok(bytes)
    }

    /// Exactly so many bytes.
    pub(super) async fn take(&mut self, count: usize) -> Vec<u8> {
        let mut bytes = Vec::new();
        while bytes.len() < count {
            let more = self.some(count - bytes.len()).await.unwrap();
            assert!(!more.is_empty(), "the body ended after {} bytes", bytes.len());
            bytes.extend(more);
        }
        bytes
    }

    /// All that is left.
    pub(super) async fn rest(&mut self) -> Result<Vec<u8>, CutOff> {
        let mut bytes = Vec::new();
        loop {
            let more = self.some(64 * 1024).await?;
            if more.is_empty() {
                return Ok(bytes);
            }
            bytes.extend(more);
        }
    }
}

/// The position of a piece of the source in it. The piece is a run without a gap, or the test fails.
pub(super) fn position(bytes: &[u8]) -> u64 {
    let start = (0..8_u64).find_map(|skipped| {
        // The first whole word after so many bytes.
        let at = usize::try_from(skipped).unwrap();
        let word = u64::from_be_bytes(bytes[at..at + 8].try_into().unwrap());
        let start = word.checked_mul(8)?.checked_sub(skipped)?;
        (source(start, bytes.len()) == bytes).then_some(start)
    });
    start.unwrap_or_else(|| panic!("{} bytes are no run of the source", bytes.len()))
}

/// A stand-in for Music Assistant and a door before it.
pub(super) fn pair(play: super::music_assistant::Play) -> (MusicAssistant, Door) {
    let music_assistant = MusicAssistant::start(play);
    let door = Door::start(music_assistant.address);
    (music_assistant, door)
}
