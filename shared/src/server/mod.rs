//! The listener of `ma-alexa`: HTTP/1.1, with a bound for everything that a stranger can hold open.
//!
//! A connection whose request is not whole gives way to a newer one, the oldest first, once there are too many. So
//! requests that never finish arriving keep no whole request out. HTTP/2 is not spoken.

mod body;
mod connections;
mod listener;
mod stream;

use std::convert::Infallible;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::{ConnectInfo, Request};
use axum::response::Response;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::TcpStream;
use tokio::sync::{mpsc, watch};
use tower::ServiceExt as _;

use crate::clock::Clock;
use crate::config::TrustedProxies;
use crate::task;
use crate::telemetry::LogLimiter;

use connections::{ConnectionSlot, Connections};
pub use listener::Listener;
use listener::Tls;
use stream::Patient;

/// Time that the listener rests when the system gives it no connection.
const REST: Duration = Duration::from_millis(100);

/// Limits of a server.
#[derive(Clone, Debug)]
pub struct Limits {
    /// Connections in all.
    pub connections: usize,
    /// Connections from one address; of IPv6, from one /64 network.
    pub per_address: usize,
    /// Connections from a loopback address or a proxy of `TRUSTED_PROXIES`, through which many may come.
    pub per_proxy: usize,
    /// Largest request line and headers together, in bytes.
    pub header_bytes: usize,
    /// Time limit for the handshake of a connection with TLS.
    pub handshake: Duration,
    /// Time limit for the header of a request; also for a connection that is idle between two.
    pub header: Duration,
    /// Time for which a client may take nothing of an answer.
    pub stall: Duration,
    /// Time limit for requests that are whole, once the server has to stop.
    pub end: Duration,
    /// Time limit for requests that are not whole, once the server has to stop.
    pub end_of_waiting: Duration,
    /// Whether a connection keeps its place until its answer was sent; else until the answer begins, so that a client
    /// that takes it byte by byte keeps no other out.
    pub answers_keep_place: bool,
}

impl Default for Limits {
    /// For a home: few callers, and at most 100 MB for all that they send.
    fn default() -> Self {
        Self {
            connections: 256,
            per_address: 64,
            per_proxy: 224,
            header_bytes: 32 * 1024,
            handshake: Duration::from_secs(10),
            header: Duration::from_secs(10),
            stall: Duration::from_secs(10),
            end: Duration::from_millis(3500),
            end_of_waiting: Duration::from_millis(500),
            answers_keep_place: false,
        }
    }
}

impl Limits {
    /// For the door: answers that last for hours, and callers that come through one tunnel. Only a holder of a grant gets
    /// an answer that lasts.
    #[must_use]
    pub fn door() -> Self {
        Self {
            connections: 512,
            per_address: 300,
            per_proxy: 480,
            // A grant has up to 5,600 characters.
            header_bytes: 16 * 1024,
            // A paused Echo takes nothing.
            stall: Duration::from_mins(5),
            answers_keep_place: true,
            ..Self::default()
        }
    }

    /// For the renderers: a few controllers, each with a connection for every Echo, and short messages.
    #[must_use]
    pub fn renderers() -> Self {
        Self { connections: 128, per_address: 64, per_proxy: 96, header_bytes: 16 * 1024, ..Self::default() }
    }
}

/// The limits of a server, and what its log lines need.
#[derive(Clone, Debug)]
pub struct ServerOptions {
    /// The limits of connections and times.
    pub limits: Limits,
    /// The proxies, which may have more connections than others.
    pub proxies: TrustedProxies,
    /// Bounds the lines about connections that are not accepted.
    pub log_limiter: Arc<LogLimiter>,
    /// The time of those lines.
    pub clock: Arc<dyn Clock>,
}

/// Serves `routes` on `listener` until `stop` has a message, and then ends: at the latest after [`Limits::end`], at
/// once with a second message. Every request has its [`ConnectInfo`].
pub async fn serve(
    listener: impl Into<Listener>,
    routes: Router,
    options: ServerOptions,
    mut stop: mpsc::Receiver<()>,
) {
    let Listener { tcp: listener, tls } = listener.into();
    let server = Server::new(routes, tls, options);
    let (stopping, stopped) = watch::channel(false);
    // Every connection holds a sender; it ends the channel once all are closed.
    let (open, mut all_closed) = mpsc::channel::<Infallible>(1);
    loop {
        tokio::select! {
            () = task::stopped(&mut stop) => break,
            accepted = listener.accept() => match accepted {
                Ok((stream, peer)) => server.admit(stream, peer, stopped.clone(), open.clone()),
                Err(error) if is_of_one_connection(&error) => {}
                Err(error) => {
                    server.not_accepted(&error.to_string());
                    server.connections.evict_oldest();
                    tokio::time::sleep(REST).await;
                }
            },
        }
    }
    drop((listener, open));
    stopping.send_replace(true);
    let limits = &server.options.limits;
    let end = async {
        if tokio::time::timeout(limits.end_of_waiting, all_closed.recv()).await.is_err() {
            server.connections.evict_waiting();
            let left = limits.end.saturating_sub(limits.end_of_waiting);
            let _ = tokio::time::timeout(left, all_closed.recv()).await;
        }
    };
    tokio::select! {
        () = task::stopped(&mut stop) => {}
        () = end => {}
    }
}

/// Whether a connection went away before it was accepted, which says nothing about the next one.
fn is_of_one_connection(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset)
}

struct Server {
    routes: Router,
    tls: Option<Tls>,
    http: http1::Builder,
    connections: Arc<Connections>,
    options: ServerOptions,
}

impl Server {
    fn new(routes: Router, tls: Option<Tls>, options: ServerOptions) -> Self {
        let limits = &options.limits;
        let mut http = http1::Builder::new();
        http.timer(TokioTimer::new())
            .header_read_timeout(limits.header)
            .max_buf_size(limits.header_bytes)
            .max_header_size(limits.header_bytes);
        Self { routes, tls, http, connections: Arc::new(Connections::new(limits.connections)), options }
    }

    /// Serves a connection in a task of its own, if there is a place for it.
    fn admit(
        &self,
        stream: TcpStream,
        peer: SocketAddr,
        mut stopped: watch::Receiver<bool>,
        open: mpsc::Sender<Infallible>,
    ) {
        let address = peer.ip().to_canonical();
        let Some((place, evicted)) = self.connections.enter(address, self.most_of(address)) else {
            self.not_accepted("there are too many connections with requests at work");
            return;
        };
        let place = Arc::new(place);
        let service = {
            let (routes, place) = (self.routes.clone(), Arc::clone(&place));
            let keeps_place = self.options.limits.answers_keep_place;
            service_fn(move |request| answer(routes.clone(), Arc::clone(&place), keeps_place, peer, request))
        };
        let stream = listener::open(
            Patient::new(stream, self.options.limits.stall),
            self.tls.clone(),
            self.options.limits.handshake,
        );
        let http = self.http.clone();
        task::spawn(async move {
            let _open = open;
            let served = async {
                let stream = tokio::select! {
                    biased;
                    stream = stream => stream,
                    _ = stopped.wait_for(|stopped| *stopped) => None,
                };
                let Some(stream) = stream else { return Ok(()) };
                let mut connection = std::pin::pin!(http.serve_connection(TokioIo::new(stream), service));
                tokio::select! {
                    served = connection.as_mut() => return served,
                    _ = stopped.wait_for(|stopped| *stopped) => {}
                }
                connection.as_mut().graceful_shutdown();
                connection.await
            };
            tokio::select! {
                served = served => if let Err(error) = served {
                    tracing::debug!(%error, "a connection ended early");
                },
                _ = evicted => tracing::debug!("a connection gave way to another"),
            }
            drop(place);
        });
    }

    fn most_of(&self, address: IpAddr) -> usize {
        let limits = &self.options.limits;
        let is_proxy = address.is_loopback() || self.options.proxies.contain(address);
        if is_proxy { limits.per_proxy } else { limits.per_address }
    }

    fn not_accepted(&self, reason: &str) {
        if let Some(earlier) = self.options.log_limiter.admit("connections", self.options.clock.now()) {
            tracing::error!(reason, earlier, "no connection can be accepted");
        }
    }
}

async fn answer(
    routes: Router,
    place: Arc<ConnectionSlot>,
    keeps_place: bool,
    peer: SocketAddr,
    request: Request<Incoming>,
) -> Result<Response, Infallible> {
    let mut request = request.map(|body| Body::new(body::Watched::new(body, Arc::clone(&place))));
    request.extensions_mut().insert(ConnectInfo(peer));
    let response = routes.oneshot(request).await?;
    if keeps_place {
        return Ok(response.map(|body| Body::new(body::Placed::new(body, place))));
    }
    place.waits();
    Ok(response)
}
