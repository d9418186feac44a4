//! The services that certificates use.

use std::sync::Arc;
use std::time::Duration;

use reqwest::Client;
use url::Url;

use super::records::{CommandRecords, Desec, DnsRecords, DuckDns, HttpsLookup, TxtLookup};
use super::store::CertificateStore;
use super::web::{self, CertificateSetupError};
use crate::clock::{Clock, Random};
use crate::config::{CertificateConfig, DnsConfig};

const DUCK_DNS: &str = "https://www.duckdns.org/";
const DESEC: &str = "https://desec.io/";
/// Two resolvers of different owners.
const RESOLVERS: [&str; 2] = ["https://dns.google/resolve", "https://cloudflare-dns.com/dns-query"];

/// The services of [`super::Certificates`].
#[derive(Clone, Debug)]
pub struct CertificateServices {
    /// The store of keys and certificates.
    pub store: Arc<dyn CertificateStore>,
    /// The clock.
    pub clock: Arc<dyn Clock>,
    /// The random source of jitter.
    pub random: Arc<dyn Random>,
    /// The records of the name; none without `DNS_PROVIDER`.
    pub records: Option<Records>,
    /// Time limit of one request to the authority.
    pub request_limit: Duration,
}

/// The records of a name: who keeps them, and how they are looked at.
#[derive(Clone, Debug)]
pub struct Records {
    /// Their provider.
    pub provider: Arc<dyn DnsRecords>,
    /// The resolvers.
    pub lookup: Arc<dyn TxtLookup>,
    /// The times of waiting for the resolvers.
    pub patience: Patience,
}

/// Times of waiting until a record is seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Patience {
    /// Wait before the first look.
    pub first: Duration,
    /// Wait between two looks.
    pub every: Duration,
    /// Time limit as a whole.
    pub longest: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            first: Duration::from_secs(10),
            every: Duration::from_secs(10),
            longest: Duration::from_mins(5),
        }
    }
}

impl CertificateServices {
    /// The services of `config`, over the store, clock and random numbers of this process.
    ///
    /// # Errors
    /// When the HTTP client cannot be built.
    pub fn new(
        config: &CertificateConfig,
        store: Arc<dyn CertificateStore>,
        clock: Arc<dyn Clock>,
        random: Arc<dyn Random>,
    ) -> Result<Self, CertificateSetupError> {
        let records = config.dns.as_ref().map(|dns| records(config, dns, &clock)).transpose()?;
        Ok(Self { store, clock, random, records, request_limit: web::TIMEOUT })
    }
}

fn records(
    config: &CertificateConfig,
    dns: &DnsConfig,
    clock: &Arc<dyn Clock>,
) -> Result<Records, CertificateSetupError> {
    let endpoint = config.dns_endpoint.as_ref();
    let client = web::client(web::roots(None)?, endpoint.is_some(), web::TIMEOUT)?;
    let base = |usual: &str| endpoint.cloned().map_or_else(|| address(usual), Ok);
    let resolvers = match endpoint {
        Some(endpoint) => vec![endpoint.join("/resolve").map_err(malformed)?],
        None => RESOLVERS.into_iter().map(address).collect::<Result<_, _>>()?,
    };
    let provider = provider(dns, &client, base, clock)?;
    let lookup = Arc::new(HttpsLookup::new(client, resolvers));
    // A stand-in remembers nothing that is missing.
    let patience = match endpoint {
        Some(_) => {
            Patience { first: Duration::ZERO, every: Duration::from_millis(100), ..Patience::default() }
        }
        None => Patience::default(),
    };
    Ok(Records { provider, lookup, patience })
}

fn provider(
    dns: &DnsConfig,
    client: &Client,
    base: impl Fn(&str) -> Result<Url, CertificateSetupError>,
    clock: &Arc<dyn Clock>,
) -> Result<Arc<dyn DnsRecords>, CertificateSetupError> {
    let client = client.clone();
    Ok(match dns {
        DnsConfig::DuckDns { token } => Arc::new(DuckDns::new(client, base(DUCK_DNS)?, token.clone())),
        DnsConfig::Desec { token } => {
            Arc::new(Desec::new(client, base(DESEC)?, token.clone(), Arc::clone(clock)))
        }
        DnsConfig::Command { program } => Arc::new(CommandRecords::new(program.clone())),
    })
}

fn address(text: &str) -> Result<Url, CertificateSetupError> {
    Url::parse(text).map_err(malformed)
}

fn malformed(error: url::ParseError) -> CertificateSetupError {
    CertificateSetupError::Tls(error.to_string())
}
