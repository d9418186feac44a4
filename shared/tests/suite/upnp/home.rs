//! Renderers as a home has them: served, and announced on the loopback network.

use std::fmt::Write as _;
use std::io;
use std::net::{Ipv4Addr, SocketAddr, UdpSocket};
use std::sync::Arc;
use std::time::Duration;

use ma_alexa::clock::SystemRandom;
use ma_alexa::clock::testing::ShiftedClock;
use ma_alexa::config::{TrustedHosts, TrustedProxies};
use ma_alexa::renderer_report::RendererReports;
use ma_alexa::server::{self, Limits, ServerOptions};
use ma_alexa::upnp::{self, Interface, Interfaces, MediaRenderer, UpnpLimits, UpnpServices};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;

use super::renderer::StandIn;

/// Longest that a test waits for what is to happen soon.
pub(super) const SOON: Duration = Duration::from_secs(30);

/// The loopback network alone.
#[derive(Debug)]
struct Loopback;

impl Interfaces for Loopback {
    fn list(&self) -> io::Result<Vec<Interface>> {
        Ok(vec![Interface { name: "lo".into(), index: 1, address: Ipv4Addr::LOCALHOST, prefix: 8 }])
    }
}

pub(super) struct Home {
    pub(super) address: SocketAddr,
    pub(super) search_port: u16,
    pub(super) renderers: Vec<Arc<StandIn>>,
    pub(super) clock: Arc<ShiftedClock>,
    pub(super) reports: RendererReports,
    list: watch::Sender<Vec<Arc<dyn MediaRenderer>>>,
    stops: Vec<mpsc::Sender<()>>,
    tasks: Vec<JoinHandle<()>>,
}

/// An answer of a server.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: u16,
    head: String,
    pub(super) body: Vec<u8>,
}

impl Answer {
    /// The value of a header; empty where there is none.
    pub(super) fn header(&self, name: &str) -> &str {
        let lines = self.head.lines().filter_map(|line| line.split_once(':'));
        let mut values = lines.filter(|(known, _)| known.eq_ignore_ascii_case(name));
        values.next().map(|(_, value)| value.trim()).unwrap_or_default()
    }

    pub(super) fn text(&self) -> &str {
        str::from_utf8(&self.body).unwrap()
    }

    /// The content of the first element of this name, with its references resolved; none where there is none.
    pub(super) fn element(&self, name: &str) -> Option<String> {
        element(self.text(), name)
    }
}

/// The content of the first element of this name.
pub(super) fn element(text: &str, name: &str) -> Option<String> {
    let (_, rest) = text.split_once(&format!("<{name}>"))?;
    let (content, _) = rest.split_once(&format!("</{name}>"))?;
    let plain = content.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"");
    Some(plain.replace("&apos;", "'").replace("&amp;", "&"))
}

impl Home {
    pub(super) async fn start() -> Self {
        Self::with(1).await
    }

    /// A home with so many renderers, which is searched in, too.
    pub(super) async fn with(renderers: usize) -> Self {
        let renderers: Vec<_> =
            (0..renderers).map(|number| StandIn::new(number, &format!("Echo {number}"))).collect();
        let list = watch::Sender::new(renderers.iter().map(|renderer| Arc::clone(renderer) as _).collect());
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let search_port = UdpSocket::bind("0.0.0.0:0").unwrap().local_addr().unwrap().port();
        let clock = Arc::new(ShiftedClock::default());
        let reports = RendererReports::default();
        let services = Arc::new(UpnpServices {
            renderers: list.subscribe(),
            address,
            search_port,
            interfaces: Arc::new(Loopback),
            hosts: TrustedHosts::default(),
            limits: UpnpLimits::default(),
            clock: Arc::clone(&clock) as _,
            random: Arc::new(SystemRandom),
            reports: reports.clone(),
            log_limiter: Arc::default(),
        });
        let http = ServerOptions {
            limits: Limits::renderers(),
            proxies: TrustedProxies::default(),
            log_limiter: Arc::default(),
            clock: Arc::clone(&clock) as _,
        };
        let (serving, served) = mpsc::channel(2);
        let (announcing, announced) = mpsc::channel(2);
        let tasks = vec![
            tokio::spawn(server::serve(listener, upnp::router(&services), http, served)),
            tokio::spawn(upnp::discover(services, announced)),
        ];
        Self {
            address,
            search_port,
            renderers,
            clock,
            reports,
            list,
            stops: vec![serving, announcing],
            tasks,
        }
    }

    /// Stops everything, and waits for the end.
    pub(super) async fn stop(self) {
        for stop in &self.stops {
            stop.send(()).await.unwrap();
        }
        for task in self.tasks {
            tokio::time::timeout(SOON, task).await.unwrap().unwrap();
        }
    }

    /// Offers other renderers from now on.
    pub(super) fn offer(&self, renderers: &[Arc<StandIn>]) {
        self.list.send_replace(renderers.iter().map(|renderer| Arc::clone(renderer) as _).collect());
    }

    /// The path of the first renderer.
    pub(super) fn path(&self, rest: &str) -> String {
        format!("/{}/{rest}", self.renderers[0].udn())
    }

    pub(super) async fn get(&self, path: &str) -> Answer {
        self.request("GET", path, &[], "").await
    }

    pub(super) async fn request(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &str,
    ) -> Answer {
        let stream = TcpStream::connect(self.address).await.unwrap();
        exchange(stream, &message(method, path, headers, body)).await.unwrap()
    }

    /// A request from another address of the loopback network.
    pub(super) async fn request_from(
        &self,
        from: Ipv4Addr,
        (method, path): (&str, &str),
        headers: &[(&str, &str)],
    ) -> Answer {
        let socket = TcpSocket::new_v4().unwrap();
        socket.bind(SocketAddr::from((from, 0))).unwrap();
        let stream = socket.connect(self.address).await.unwrap();
        exchange(stream, &message(method, path, headers, "")).await.unwrap()
    }

    /// Calls an action of the first renderer, with arguments as they are escaped.
    pub(super) async fn call(&self, service: &str, action: &str, arguments: &[(&str, &str)]) -> Answer {
        let mut content = String::new();
        for (name, value) in arguments {
            write!(content, "<{name}>{value}</{name}>").unwrap();
        }
        let kind = format!("urn:schemas-upnp-org:service:{service}:1");
        let body = format!(
            "<?xml version=\"1.0\"?><s:Envelope xmlns:s=\"http://schemas.xmlsoap.org/soap/envelope/\"><s:Body>\
             <u:{action} xmlns:u=\"{kind}\">{content}</u:{action}></s:Body></s:Envelope>"
        );
        let header = format!("\"{kind}#{action}\"");
        self.request("POST", &self.path(&format!("{service}/control")), &[("SOAPACTION", &header)], &body)
            .await
    }
}

fn message(method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> String {
    let mut message =
        format!("{method} {path} HTTP/1.1\r\nConnection: close\r\nContent-Length: {}\r\n", body.len());
    if headers.iter().all(|(name, _)| *name != "Host") {
        message += "Host: 127.0.0.1\r\n";
    }
    for (name, value) in headers {
        write!(message, "{name}: {value}\r\n").unwrap();
    }
    message + "\r\n" + body
}

/// Sends a message, and reads the answer to its end. None where the connection breaks off before.
pub(super) async fn exchange(mut stream: TcpStream, message: &str) -> Option<Answer> {
    // A server that refuses does not take all of it.
    let _ = stream.write_all(message.as_bytes()).await;
    let mut read = Vec::new();
    let _ = tokio::time::timeout(SOON, stream.read_to_end(&mut read)).await.unwrap();
    let end = read.windows(4).position(|bytes| bytes == b"\r\n\r\n")?;
    let head = String::from_utf8(read[..end].to_vec()).unwrap();
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    Some(Answer { status, head, body: read[end + 4..].to_vec() })
}
