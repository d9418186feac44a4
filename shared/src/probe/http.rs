//! Probes over HTTP and TLS.

use std::error::Error;
use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use reqwest::dns::{Addrs, Name, Resolving};
use reqwest::redirect::Policy;
use reqwest::tls::TlsInfo;
use reqwest::{Client, ClientBuilder, RequestBuilder, Response};
use rustls::{CertificateError, RootCertStore};
use secrecy::ExposeSecret as _;
use tokio::time::{Instant, timeout, timeout_at};
use url::Host;

use super::address_policy::AddressPolicy;
use super::certificate::LeafCertificate;
use super::{CertificateProblem, Method, ProbeError, ProbeRequest, ProbeResponse, Prober, TIMEOUT};
use crate::http_client;

/// A resolver of host names. A port of 0 stands for the port of the URL.
#[async_trait]
pub trait Resolve: fmt::Debug + Send + Sync {
    /// The addresses of a name; none where it does not resolve.
    async fn resolve(&self, name: &str) -> Vec<SocketAddr>;
}

/// The resolver of this machine.
#[derive(Clone, Copy, Debug, Default)]
struct SystemResolver;

#[async_trait]
impl Resolve for SystemResolver {
    async fn resolve(&self, name: &str) -> Vec<SocketAddr> {
        match tokio::net::lookup_host((name, 0)).await {
            Ok(addresses) => addresses.collect(),
            Err(error) => {
                tracing::debug!(%error, "a name does not resolve");
                Vec::new()
            }
        }
    }
}

/// The failure to build the client.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the client for probes cannot be built: {0}")]
pub struct ProbeSetupError(String);

impl From<reqwest::Error> for ProbeSetupError {
    fn from(error: reqwest::Error) -> Self {
        Self(error.to_string())
    }
}

/// A client with the resolver and the root certificates of every probe, for others who ask addresses that people entered. It
/// follows no redirect. An address that is no name is the matter of its user: see [`AddressPolicy::allows`].
#[cfg(feature = "music-assistant")]
pub(crate) fn guarded_client(policy: AddressPolicy) -> Result<ClientBuilder, ProbeSetupError> {
    builder(policy, Arc::new(SystemResolver), http_client::web_roots())
}

fn builder(
    policy: AddressPolicy,
    resolver: Arc<dyn Resolve>,
    roots: RootCertStore,
) -> Result<ClientBuilder, ProbeSetupError> {
    let tls = http_client::tls(roots).map_err(|error| ProbeSetupError(error.to_string()))?;
    Ok(Client::builder()
        .tls_backend_preconfigured(tls)
        .no_proxy()
        .redirect(Policy::none())
        .dns_resolver(Arc::new(GuardedResolver { policy, resolver })))
}

/// A prober over HTTP/1.1 that follows no redirect. It connects to no address that its policy forbids, also where a name
/// leads to one.
#[derive(Clone, Debug)]
pub struct HttpProber {
    client: Client,
    resolver: GuardedResolver,
    policy: AddressPolicy,
    timeout: Duration,
}

impl HttpProber {
    /// A prober with this machine's resolver and the root certificates of the web.
    ///
    /// # Errors
    /// When the client cannot be built.
    pub fn new(policy: AddressPolicy) -> Result<Self, ProbeSetupError> {
        Self::with(policy, Arc::new(SystemResolver), http_client::web_roots())
    }

    /// A prober with another resolver and other root certificates.
    ///
    /// # Errors
    /// When the client cannot be built.
    pub fn with(
        policy: AddressPolicy,
        resolver: Arc<dyn Resolve>,
        roots: RootCertStore,
    ) -> Result<Self, ProbeSetupError> {
        let client = builder(policy, Arc::clone(&resolver), roots)?
            .tls_info(true)
            // A reused connection would show nothing of name, port and certificate.
            .pool_max_idle_per_host(0)
            .build()?;
        Ok(Self { client, resolver: GuardedResolver { policy, resolver }, policy, timeout: TIMEOUT })
    }

    /// The same prober with a timeout of at most [`TIMEOUT`].
    #[must_use]
    pub fn with_timeout(self, timeout: Duration) -> Self {
        Self { timeout: timeout.min(TIMEOUT), ..self }
    }

    async fn send(&self, request: &ProbeRequest) -> Result<ProbeResponse, ProbeError> {
        let end = Instant::now() + self.timeout;
        // A host that is an address is never resolved.
        let literal: Option<IpAddr> = match request.url.host() {
            Some(Host::Ipv4(address)) => Some(address.into()),
            Some(Host::Ipv6(address)) => Some(address.into()),
            Some(Host::Domain(_)) | None => None,
        };
        if let Some(address) = literal.filter(|address| !self.policy.allows(*address)) {
            return Err(ProbeError::NotPublic(address));
        }
        let sent =
            timeout_at(end, http_client::send(self.build(request))).await.map_err(|_| ProbeError::Timeout)?;
        let response = sent.map_err(|error| probe_error(&error))?;
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let info = response.extensions().get::<TlsInfo>();
        let certificate = info.and_then(TlsInfo::peer_certificate);
        let certificate = certificate.map(|der| LeafCertificate::new(der.to_vec()));
        let max_bytes = match request.method {
            Method::Head | Method::EmptyPost => 0,
            Method::Get { max_bytes } | Method::PostJson { max_bytes, .. } => max_bytes,
        };
        let (body, is_truncated) = read(response, max_bytes, end).await?;
        Ok(ProbeResponse { status, headers, body, is_truncated, certificate })
    }

    fn build(&self, request: &ProbeRequest) -> RequestBuilder {
        let url = request.url.clone();
        match &request.method {
            Method::Head => self.client.head(url),
            Method::Get { .. } => self.client.get(url),
            Method::EmptyPost => self.client.post(url),
            Method::PostJson { token, body, .. } => {
                self.client.post(url).bearer_auth(token.expose_secret()).json(body)
            }
        }
    }
}

/// The body up to the limit, and whether it was longer. Music trickles in, so a timeout ends a body that has begun.
async fn read(mut response: Response, max_bytes: usize, end: Instant) -> Result<(Vec<u8>, bool), ProbeError> {
    let mut body = Vec::new();
    while body.len() < max_bytes {
        let chunk = match timeout_at(end, response.chunk()).await {
            Ok(chunk) => chunk.map_err(|error| probe_error(&error))?,
            Err(_) if body.is_empty() => return Err(ProbeError::Timeout),
            Err(_) => return Ok((body, true)),
        };
        let Some(chunk) = chunk else { return Ok((body, false)) };
        let room = max_bytes - body.len();
        body.extend_from_slice(&chunk[..chunk.len().min(room)]);
    }
    Ok((body, max_bytes > 0))
}

#[async_trait]
impl Prober for HttpProber {
    async fn probe(&self, request: &ProbeRequest) -> Result<ProbeResponse, ProbeError> {
        self.send(request).await
    }

    async fn look_up(&self, name: &str) -> Result<Vec<IpAddr>, ProbeError> {
        let found =
            timeout(self.timeout, self.resolver.allowed(name)).await.map_err(|_| ProbeError::NoName)?;
        let found = found.map_err(|error| error.as_probe_error())?;
        Ok(found.into_iter().map(|address| address.ip()).collect())
    }
}

/// A resolver that leaves out forbidden addresses. The connection uses its result, so no second lookup can lead elsewhere.
#[derive(Clone, Debug)]
struct GuardedResolver {
    policy: AddressPolicy,
    resolver: Arc<dyn Resolve>,
}

#[derive(Debug, thiserror::Error)]
enum NameError {
    #[error("no such name")]
    None,
    #[error("not public: {0}")]
    NotPublic(IpAddr),
}

impl reqwest::dns::Resolve for GuardedResolver {
    fn resolve(&self, name: Name) -> Resolving {
        let resolver = self.clone();
        Box::pin(async move {
            let addresses: Addrs = Box::new(resolver.allowed(name.as_str()).await?.into_iter());
            Ok(addresses)
        })
    }
}

impl GuardedResolver {
    /// The addresses of a name that may be probed; at least one.
    async fn allowed(&self, name: &str) -> Result<Vec<SocketAddr>, NameError> {
        let found = self.resolver.resolve(name).await;
        let first = found.first().ok_or(NameError::None)?.ip();
        let allowed: Vec<SocketAddr> =
            found.into_iter().filter(|address| self.policy.allows(address.ip())).collect();
        if allowed.is_empty() { Err(NameError::NotPublic(first)) } else { Ok(allowed) }
    }
}

impl NameError {
    fn as_probe_error(&self) -> ProbeError {
        match self {
            Self::None => ProbeError::NoName,
            Self::NotPublic(address) => ProbeError::NotPublic(*address),
        }
    }
}

/// The reason of a failed request, from the first cause that has one.
fn probe_error(error: &reqwest::Error) -> ProbeError {
    let mut cause: Option<&(dyn Error + 'static)> = Some(error);
    while let Some(error) = cause {
        if let Some(name) = error.downcast_ref::<NameError>() {
            return name.as_probe_error();
        }
        if let Some(tls) = tls_error(error) {
            return tls;
        }
        cause = error.source();
    }
    if error.is_timeout() {
        ProbeError::Timeout
    } else if error.is_connect() {
        ProbeError::Unreachable
    } else {
        ProbeError::Broken
    }
}

fn tls_error(error: &(dyn Error + 'static)) -> Option<ProbeError> {
    Some(match innermost(error).downcast_ref::<rustls::Error>()? {
        rustls::Error::InvalidCertificate(problem) => ProbeError::Certificate(certificate_problem(problem)),
        other => ProbeError::Tls(other.to_string()),
    })
}

/// The error inside an I/O error, which is not its source; several may be nested.
fn innermost<'a>(error: &'a (dyn Error + 'static)) -> &'a (dyn Error + 'static) {
    let inner = error.downcast_ref::<std::io::Error>().and_then(std::io::Error::get_ref);
    inner.map_or(error, |inner| innermost(inner))
}

fn certificate_problem(problem: &CertificateError) -> CertificateProblem {
    match problem {
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => CertificateProblem::Expired,
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
            CertificateProblem::NotYetValid
        }
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
            CertificateProblem::WrongName
        }
        CertificateError::UnknownIssuer => CertificateProblem::UnknownIssuer,
        _ => CertificateProblem::Other,
    }
}
