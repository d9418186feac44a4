//! Questions over real HTTP.

use std::error::Error;
use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use async_trait::async_trait;
use reqwest::dns::{Addrs, Name, Resolving};
use reqwest::redirect::Policy;
use reqwest::{Client, Method};
use rustls::crypto::ring::default_provider;
use rustls::{CertificateError, ClientConfig, RootCertStore};
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
            .timeout(TIMEOUT)
            // Each question looks anew: a connection of before would tell nothing of name, port and certificate.
            .pool_max_idle_per_host(0)
            .dns_resolver(Arc::new(Guarded { reach, resolver }))
            .build()
            .map_err(|error| setup(&error))?;
        Ok(Self { client, reach })
    }

    async fn send(&self, question: &Question) -> Result<Answer, ProbeError> {
        // A host that is an address is never resolved.
        let literal: Option<IpAddr> = match question.url.host() {
            Some(Host::Ipv4(address)) => Some(address.into()),
            Some(Host::Ipv6(address)) => Some(address.into()),
            Some(Host::Domain(_)) | None => None,
        };
        if let Some(address) = literal.filter(|address| !self.reach.allows(*address)) {
            return Err(ProbeError::NotPublic(address));
        }
        let (method, most) = match question.ask {
            Ask::Head => (Method::HEAD, 0),
            Ask::Get { most } => (Method::GET, most),
        };
        let sent = self.client.request(method, question.url.clone()).send().await;
        let mut response = sent.map_err(|error| problem(&error))?;
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let info = response.extensions().get::<reqwest::tls::TlsInfo>();
        let leaf = info.and_then(|info| info.peer_certificate()).map(|der| Leaf::new(der.to_vec()));
        let mut body = Vec::new();
        let mut is_cut = false;
        while body.len() < most {
            let Some(chunk) = response.chunk().await.map_err(|error| problem(&error))? else {
                break;
            };
            let room = most - body.len();
            is_cut = chunk.len() > room || body.len() + chunk.len() == most;
            body.extend_from_slice(&chunk[..chunk.len().min(room)]);
        }
        Ok(Answer { status, headers, body, is_cut, leaf })
    }
}

#[async_trait]
impl Prober for HttpProber {
    async fn ask(&self, question: &Question) -> Result<Answer, ProbeError> {
        let asked = tokio::time::timeout(TIMEOUT, self.send(question)).await;
        asked.unwrap_or(Err(ProbeError::Timeout))
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
    let wrapped = error.downcast_ref::<std::io::Error>().and_then(std::io::Error::get_ref);
    let tls = error
        .downcast_ref::<rustls::Error>()
        .or_else(|| wrapped.and_then(|inner| inner.downcast_ref::<rustls::Error>()))?;
    Some(match tls {
        rustls::Error::InvalidCertificate(problem) => ProbeError::Certificate(certificate(problem)),
        other => ProbeError::Tls(other.to_string()),
    })
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
