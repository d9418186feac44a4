//! Questions over real HTTP.

use std::error::Error;
use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use reqwest::dns::{Addrs, Name, Resolving};
use reqwest::redirect::Policy;
use reqwest::tls::TlsInfo;
use reqwest::{Client, Method, RequestBuilder, Response};
use rustls::crypto::ring::default_provider;
use rustls::{CertificateError, ClientConfig, RootCertStore};
use secrecy::ExposeSecret as _;
use tokio::time::{Instant, timeout_at};
use url::Host;

use super::certificate::Leaf;
use super::reach::Reach;
use super::{Answer, Ask, CertificateProblem, ProbeError, Prober, Question, TIMEOUT};

/// Says where a name leads. A port of 0 stands for that of the address.
#[async_trait]
pub trait Resolve: fmt::Debug + Send + Sync {
    /// The addresses of a name; none where it does not resolve.
    async fn resolve(&self, name: &str) -> Vec<SocketAddr>;
}

/// The name servers of this machine.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemResolver;

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

/// The client could not be built.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the client for questions cannot be built: {0}")]
pub struct ProbeSetupError(String);

/// Asks over HTTP/1.1, follows no redirect, and goes to no address that `reach` does not allow, whatever a name
/// leads to.
#[derive(Clone, Debug)]
pub struct HttpProber {
    client: Client,
    reach: Reach,
    patience: Duration,
}

impl HttpProber {
    /// With the name servers of this machine and the roots of the web.
    ///
    /// # Errors
    /// When the client cannot be built.
    pub fn new(reach: Reach) -> Result<Self, ProbeSetupError> {
        let roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
        Self::with(reach, Arc::new(SystemResolver), roots)
    }

    /// With other name servers and roots.
    ///
    /// # Errors
    /// When the client cannot be built.
    pub fn with(
        reach: Reach,
        resolver: Arc<dyn Resolve>,
        roots: RootCertStore,
    ) -> Result<Self, ProbeSetupError> {
        let setup = |error: &dyn fmt::Display| ProbeSetupError(error.to_string());
        let tls = ClientConfig::builder_with_provider(Arc::new(default_provider()))
            .with_safe_default_protocol_versions()
            .map_err(|error| setup(&error))?
            .with_root_certificates(roots)
            .with_no_client_auth();
        let client = Client::builder()
            .tls_backend_preconfigured(tls)
            .tls_info(true)
            .no_proxy()
            .redirect(Policy::none())
            // Each question looks anew: a connection of before would tell nothing of name, port and certificate.
            .pool_max_idle_per_host(0)
            .dns_resolver(Arc::new(Guarded { reach, resolver }))
            .build()
            .map_err(|error| setup(&error))?;
        Ok(Self { client, reach, patience: TIMEOUT })
    }

    /// With less patience than [`TIMEOUT`].
    #[must_use]
    pub fn within(self, patience: Duration) -> Self {
        Self { patience: patience.min(TIMEOUT), ..self }
    }

    async fn send(&self, question: &Question) -> Result<Answer, ProbeError> {
        let end = Instant::now() + self.patience;
        // A host that is an address is never resolved.
        let literal: Option<IpAddr> = match question.url.host() {
            Some(Host::Ipv4(address)) => Some(address.into()),
            Some(Host::Ipv6(address)) => Some(address.into()),
            Some(Host::Domain(_)) | None => None,
        };
        if let Some(address) = literal.filter(|address| !self.reach.allows(*address)) {
            return Err(ProbeError::NotPublic(address));
        }
        let sent = timeout_at(end, self.request(question).send()).await.map_err(|_| ProbeError::Timeout)?;
        let response = sent.map_err(|error| problem(&error))?;
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let info = response.extensions().get::<TlsInfo>();
        let leaf = info.and_then(TlsInfo::peer_certificate).map(|der| Leaf::new(der.to_vec()));
        let most = match question.ask {
            Ask::Head => 0,
            Ask::Get { most } | Ask::Call { most, .. } => most,
        };
        let (body, is_cut) = read(response, most, end).await?;
        Ok(Answer { status, headers, body, is_cut, leaf })
    }

    fn request(&self, question: &Question) -> RequestBuilder {
        let url = question.url.clone();
        match &question.ask {
            Ask::Head => self.client.request(Method::HEAD, url),
            Ask::Get { .. } => self.client.request(Method::GET, url),
            Ask::Call { token, body, .. } => {
                self.client.request(Method::POST, url).bearer_auth(token.expose_secret()).json(body)
            }
        }
    }
}

/// The beginning of a body, and whether there was more of it. What trickles, as music does, is as much as came in time.
async fn read(mut response: Response, most: usize, end: Instant) -> Result<(Vec<u8>, bool), ProbeError> {
    let mut body = Vec::new();
    while body.len() < most {
        let chunk = match timeout_at(end, response.chunk()).await {
            Ok(chunk) => chunk.map_err(|error| problem(&error))?,
            Err(_) if body.is_empty() => return Err(ProbeError::Timeout),
            Err(_) => return Ok((body, true)),
        };
        let Some(chunk) = chunk else { return Ok((body, false)) };
        let room = most - body.len();
        body.extend_from_slice(&chunk[..chunk.len().min(room)]);
    }
    Ok((body, most > 0))
}

#[async_trait]
impl Prober for HttpProber {
    async fn ask(&self, question: &Question) -> Result<Answer, ProbeError> {
        self.send(question).await
    }
}

/// Leaves out what must not be asked, where the connection is made: no second look at the name can lead elsewhere.
#[derive(Clone, Debug)]
struct Guarded {
    reach: Reach,
    resolver: Arc<dyn Resolve>,
}

#[derive(Debug, thiserror::Error)]
enum NameError {
    #[error("no such name")]
    None,
    #[error("not public: {0}")]
    NotPublic(IpAddr),
}

impl reqwest::dns::Resolve for Guarded {
    fn resolve(&self, name: Name) -> Resolving {
        let Self { reach, resolver } = self.clone();
        Box::pin(async move {
            let found = resolver.resolve(name.as_str()).await;
            let first = found.first().ok_or(NameError::None)?.ip();
            let allowed: Vec<SocketAddr> =
                found.into_iter().filter(|address| reach.allows(address.ip())).collect();
            if allowed.is_empty() {
                return Err(NameError::NotPublic(first).into());
            }
            let addresses: Addrs = Box::new(allowed.into_iter());
            Ok(addresses)
        })
    }
}

fn problem(error: &reqwest::Error) -> ProbeError {
    let mut cause: Option<&(dyn Error + 'static)> = Some(error);
    while let Some(error) = cause {
        if let Some(name) = error.downcast_ref::<NameError>() {
            return match name {
                NameError::None => ProbeError::NoName,
                NameError::NotPublic(address) => ProbeError::NotPublic(*address),
            };
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
        rustls::Error::InvalidCertificate(problem) => ProbeError::Certificate(certificate(problem)),
        other => ProbeError::Tls(other.to_string()),
    })
}

/// What an I/O error was made of, which is not its source; several may be within one another.
fn innermost<'a>(error: &'a (dyn Error + 'static)) -> &'a (dyn Error + 'static) {
    let inner = error.downcast_ref::<std::io::Error>().and_then(std::io::Error::get_ref);
    inner.map_or(error, |inner| innermost(inner))
}

fn certificate(problem: &CertificateError) -> CertificateProblem {
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
