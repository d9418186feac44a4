//! A listener with TLS or without, and the handshake of a connection.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use rustls::ServerConfig;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

use super::stream::Patient;

/// The one protocol that is served, as TLS names it (RFC 7301, section 6).
const HTTP: &[u8] = b"http/1.1";

/// A listener of TCP, whose connections may have to speak TLS.
#[derive(Debug)]
pub struct Listener {
    pub(super) tcp: TcpListener,
    pub(super) tls: Option<Tls>,
}

impl Listener {
    /// The address that it listens on.
    ///
    /// # Errors
    /// When the system does not tell it.
    pub fn local_addr(&self) -> io::Result<SocketAddr> {
        self.tcp.local_addr()
    }

    /// A listener whose connections speak TLS as `config` says.
    #[must_use]
    pub fn with_tls(tcp: TcpListener, config: Arc<ServerConfig>) -> Self {
        Self { tcp, tls: Some(Tls(config)) }
    }
}

/// A listener of plain HTTP.
impl From<TcpListener> for Listener {
    fn from(tcp: TcpListener) -> Self {
        Self { tcp, tls: None }
    }
}

/// The configuration of TLS.
#[derive(Clone, Debug)]
pub(super) struct Tls(Arc<ServerConfig>);

/// The two directions of a connection.
pub(super) trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}

impl<S: AsyncRead + AsyncWrite + Send + Unpin> Stream for S {}

/// The stream on which HTTP is spoken, after the handshake if there is one. None where the handshake fails, takes longer
/// than `limit`, or agrees on another protocol: a proof of ACME is over with its handshake (RFC 8737, section 3).
pub(super) async fn open(stream: Patient, tls: Option<Tls>, limit: Duration) -> Option<Box<dyn Stream>> {
    let Some(Tls(config)) = tls else { return Some(Box::new(stream)) };
    let accepted = tokio::time::timeout(limit, TlsAcceptor::from(config).accept(stream)).await;
    let stream = accepted.inspect_err(|_| tracing::debug!("a handshake took too long")).ok()?;
    let stream = stream.inspect_err(|error| tracing::debug!(%error, "a handshake failed")).ok()?;
    let is_http = stream.get_ref().1.alpn_protocol().is_none_or(|protocol| protocol == HTTP);
    is_http.then(|| Box::new(stream) as Box<dyn Stream>)
}
