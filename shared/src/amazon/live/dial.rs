//! Connections for the stream: TCP and TLS to Amazon, which has to speak HTTP/2.

use std::fmt;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use rustls::RootCertStore;
use rustls_pki_types::ServerName;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpStream, lookup_host};
use tokio::time::timeout;
use tokio_rustls::TlsConnector;

use crate::account::AmazonHost;
use crate::amazon::transport::TransportSetupError;
use crate::config::AmazonEndpoint;
use crate::http_client;

/// Longest look-up of a name.
const LOOKUP: Duration = Duration::from_secs(5);

/// Longest attempt at one address.
const CONNECT: Duration = Duration::from_secs(4);

/// Most addresses of a name that are tried.
const ADDRESSES: usize = 4;

/// Longest TLS handshake.
const HANDSHAKE: Duration = Duration::from_secs(8);

/// The name of HTTP/2 in a TLS handshake (RFC 9113, section 3.2).
const HTTP2: &[u8] = b"h2";

/// A connection that HTTP/2 can be spoken on.
pub trait Wire: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Wire for T {}

/// Makes connections for the stream.
#[async_trait]
pub trait Dial: fmt::Debug + Send + Sync {
    /// A connection to a host, on which it speaks HTTP/2.
    async fn dial(&self, host: &AmazonHost) -> Result<Box<dyn Wire>, DialError>;
}

/// No connection, and so nothing was sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DialError {
    /// It offers HTTP/1.1 alone.
    #[error("what answers in Amazon's place speaks no HTTP/2")]
    NoHttp2,
    /// Its certificate is not accepted, or the handshake failed.
    #[error("the host did not prove to be Amazon")]
    Untrusted,
    /// No connection was made.
    #[error("the host cannot be reached")]
    Unreachable,
}

/// Connections over the network.
#[derive(Clone)]
pub struct Dialer {
    tls: TlsConnector,
    endpoint: Option<AmazonEndpoint>,
}

impl fmt::Debug for Dialer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Dialer").field("endpoint", &self.endpoint).finish_non_exhaustive()
    }
}

impl Dialer {
    /// Connections that trust the roots of the web. With `endpoint` each leads there instead: without TLS, and with
    /// HTTP/2 from the first byte on, where that is an http address.
    ///
    /// # Errors
    /// When TLS cannot be set up.
    pub fn new(endpoint: Option<AmazonEndpoint>) -> Result<Self, TransportSetupError> {
        Self::trusting(http_client::web_roots(), endpoint)
    }

    /// The same, with other roots.
    ///
    /// # Errors
    /// When TLS cannot be set up.
    pub fn trusting(
        roots: RootCertStore,
        endpoint: Option<AmazonEndpoint>,
    ) -> Result<Self, TransportSetupError> {
        let mut tls = http_client::tls(roots).map_err(|error| TransportSetupError::new(&error))?;
        // HTTP/1.1 is offered, too: a proxy that knows nothing else is then seen, and not a handshake that failed.
        tls.alpn_protocols = vec![HTTP2.to_vec(), b"http/1.1".to_vec()];
        Ok(Self { tls: TlsConnector::from(Arc::new(tls)), endpoint })
    }

    async fn secure(&self, tcp: TcpStream, name: &str) -> Result<Box<dyn Wire>, DialError> {
        let name = ServerName::try_from(name.to_owned()).map_err(|_| DialError::Untrusted)?;
        let shaken = timeout(HANDSHAKE, self.tls.connect(name, tcp)).await;
        let stream = shaken.map_err(|_| DialError::Unreachable)?.map_err(|error| untrusted(&error))?;
        if stream.get_ref().1.alpn_protocol() == Some(HTTP2) {
            return Ok(Box::new(stream));
        }
        Err(DialError::NoHttp2)
    }
}

#[async_trait]
impl Dial for Dialer {
    async fn dial(&self, host: &AmazonHost) -> Result<Box<dyn Wire>, DialError> {
        let Some(endpoint) = self.endpoint.as_ref().map(AmazonEndpoint::as_url) else {
            return self.secure(connect(host.as_str(), 443).await?, host.as_str()).await;
        };
        let (Some(name), Some(port)) = (endpoint.host_str(), endpoint.port_or_known_default()) else {
            return Err(DialError::Unreachable);
        };
        let name = name.trim_start_matches('[').trim_end_matches(']');
        let tcp = connect(name, port).await?;
        if endpoint.scheme() == "http" { Ok(Box::new(tcp)) } else { self.secure(tcp, name).await }
    }
}

/// Connects to one of the addresses of a name.
async fn connect(name: &str, port: u16) -> Result<TcpStream, DialError> {
    let found = timeout(LOOKUP, lookup_host((name, port))).await;
    let found: Vec<SocketAddr> = match found {
        Ok(Ok(found)) => found.take(ADDRESSES).collect(),
        _ => return Err(DialError::Unreachable),
    };
    for address in found {
        if let Ok(Ok(stream)) = timeout(CONNECT, TcpStream::connect(address)).await {
            // An event is a small packet, and nothing follows it.
            let _ = stream.set_nodelay(true);
            return Ok(stream);
        }
    }
    Err(DialError::Unreachable)
}

/// The failure of a handshake. A server that refuses our protocols says so by an alert.
fn untrusted(error: &std::io::Error) -> DialError {
    use rustls::{AlertDescription, Error};
    let cause = error.get_ref().and_then(|inner| inner.downcast_ref::<Error>());
    match cause {
        Some(Error::AlertReceived(AlertDescription::NoApplicationProtocol)) => DialError::NoHttp2,
        Some(_) => DialError::Untrusted,
        None => DialError::Unreachable,
    }
}
