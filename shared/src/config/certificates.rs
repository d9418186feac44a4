//! The certificate of the door, and where its name is kept.

use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::str::FromStr;

use secrecy::SecretString;
use url::{Host, Url};

use super::endpoints::loopback;
use super::env::{ConfigError, Env};
use crate::host_place::is_loopback;

/// The directory of Let's Encrypt (letsencrypt.org/docs/acme-protocol-updates).
const LETS_ENCRYPT: &str = "https://acme-v02.api.letsencrypt.org/directory";

/// The domain under which every name of Duck DNS is.
const DUCK_DNS: &str = ".duckdns.org";

/// The name of a certificate: a DNS name in small letters, or an IP address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CertificateName {
    /// A whole name, in ASCII.
    Dns(String),
    /// A bare address.
    Ip(IpAddr),
}

impl FromStr for CertificateName {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if let Ok(address) = text.parse::<IpAddr>() {
            return Ok(Self::Ip(address.to_canonical()));
        }
        let Ok(Host::Domain(name)) = Host::parse(text.strip_suffix('.').unwrap_or(text)) else {
            return Err("it is neither a DNS name nor an IP address, without https:// and without a port");
        };
        let is_label = |label: &str| {
            (1..=63).contains(&label.len())
                && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
                && !label.starts_with('-')
                && !label.ends_with('-')
        };
        // The authority puts a label of its own before it (RFC 8555, section 8.4).
        if name.len() > 230 || !name.split('.').all(is_label) {
            return Err("it is no DNS name of letters, digits and hyphens");
        }
        if !name.contains('.') {
            return Err("it has to be a whole name, with a domain");
        }
        Ok(Self::Dns(name))
    }
}

impl fmt::Display for CertificateName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Dns(name) => f.write_str(name),
            Self::Ip(address) => address.fmt(f),
        }
    }
}

/// The way in which the authority sees that a name is ours (RFC 8555, section 8; RFC 8737).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChallengeConfig {
    /// By a handshake on port 443, which the door's own listener answers.
    TlsAlpn01,
    /// By a request on port 80.
    Http01 {
        /// The address at which that request arrives.
        bind: SocketAddr,
    },
    /// By a TXT record.
    Dns01,
}

/// The provider of the records of the name.
#[derive(Clone, Debug)]
pub enum DnsConfig {
    /// At Duck DNS.
    DuckDns {
        /// The token of the account.
        token: SecretString,
    },
    /// At deSEC.
    Desec {
        /// A token of the account.
        token: SecretString,
    },
    /// A program of the owner's.
    Command {
        /// The program.
        program: PathBuf,
    },
}

/// The certificate of the door, as the variables describe it.
#[derive(Clone, Debug)]
pub struct CertificateConfig {
    /// Its name.
    pub name: CertificateName,
    /// The address of the listener that speaks TLS with the internet.
    pub tls_bind: Option<SocketAddr>,
    /// The address of the listener that speaks TLS at home.
    pub lan_bind: Option<SocketAddr>,
    /// The way in which the authority sees that the name is ours.
    pub challenge: ChallengeConfig,
    /// The provider of the records of the name.
    pub dns: Option<DnsConfig>,
    /// The address at which the authority begins.
    pub directory: Url,
    /// An e-mail address to which the authority may write.
    pub contact: Option<String>,
    /// For tests: a file of the only roots that are trusted. None unless the directory is a loopback address.
    pub ca_bundle: Option<PathBuf>,
    /// For tests: where every request about records goes.
    pub dns_endpoint: Option<Url>,
}

impl CertificateConfig {
    /// Reads the variables; `None` without `DOOR_NAME`.
    ///
    /// # Errors
    /// When one of them is malformed, or one that another needs is missing.
    pub fn from_env(env: &Env) -> Result<Option<Self>, ConfigError> {
        let name = env.read("DOOR_NAME", str::parse)?;
        let tls_bind = env.read("DOOR_TLS_BIND", socket)?;
        let lan_bind = env.read("DOOR_LAN_BIND", socket)?;
        let proof = env.read("ACME_CHALLENGE", proof)?;
        let http_bind = env.read("ACME_HTTP_BIND", socket)?;
        let directory = env.read("ACME_DIRECTORY", directory)?;
        let contact = env.read("ACME_CONTACT", contact)?;
        let provider = env.read("DNS_PROVIDER", provider)?;
        let dns_endpoint = env.read("DNS_ENDPOINT", loopback)?;
        let Some(name) = name else {
            if tls_bind.or(lan_bind).is_some() {
                let problem = "it is not set, and DOOR_TLS_BIND and DOOR_LAN_BIND need a certificate";
                return Err(ConfigError::malformed("DOOR_NAME", &problem));
            }
            return Ok(None);
        };
        if tls_bind.or(lan_bind).is_none() {
            let problem =
                "it is not set, and neither is DOOR_LAN_BIND: no listener would use the certificate";
            return Err(ConfigError::malformed("DOOR_TLS_BIND", &problem));
        }
        let dns = provider.map(|provider| dns(env, provider, &name)).transpose()?;
        let proof = proof.unwrap_or(if dns.is_some() { Proof::Dns01 } else { Proof::TlsAlpn01 });
        proof.require(&name, tls_bind.is_some(), dns.is_some())?;
        let challenge = match proof {
            Proof::TlsAlpn01 => ChallengeConfig::TlsAlpn01,
            Proof::Http01 => ChallengeConfig::Http01 {
                bind: http_bind.unwrap_or_else(|| SocketAddr::from(([0, 0, 0, 0], 80))),
            },
            Proof::Dns01 => ChallengeConfig::Dns01,
        };
        let directory = match directory {
            Some(directory) => directory,
            None => {
                Url::parse(LETS_ENCRYPT).map_err(|error| ConfigError::malformed("ACME_DIRECTORY", &error))?
            }
        };
        let ca_bundle = env.get("ACME_CA_BUNDLE").filter(|_| is_loopback(&directory));
        let ca_bundle = ca_bundle.map(|path| env.runtime().resolve(&path));
        Ok(Some(Self {
            name,
            tls_bind,
            lan_bind,
            challenge,
            dns,
            directory,
            contact,
            ca_bundle,
            dns_endpoint,
        }))
    }
}

#[derive(Clone, Copy)]
enum Proof {
    TlsAlpn01,
    Http01,
    Dns01,
}

impl Proof {
    /// The error of a proof that cannot be given, and what to set for it.
    fn require(self, name: &CertificateName, has_tls: bool, has_dns: bool) -> Result<(), ConfigError> {
        let (variable, problem) = match self {
            Self::TlsAlpn01 if !has_tls => (
                "DOOR_TLS_BIND",
                "it is not set, and tls-alpn-01 is answered there; or set DNS_PROVIDER for dns-01",
            ),
            Self::Dns01 if matches!(name, CertificateName::Ip(_)) => (
                "ACME_CHALLENGE",
                "dns-01 is for names, and DOOR_NAME is an address: take tls-alpn-01 or http-01",
            ),
            Self::Dns01 if !has_dns => ("DNS_PROVIDER", "it is not set, and dns-01 needs it"),
            Self::TlsAlpn01 | Self::Http01 | Self::Dns01 => return Ok(()),
        };
        Err(ConfigError::malformed(variable, &problem))
    }
}

fn proof(text: &str) -> Result<Proof, &'static str> {
    match text {
        "tls-alpn-01" => Ok(Proof::TlsAlpn01),
        "http-01" => Ok(Proof::Http01),
        "dns-01" => Ok(Proof::Dns01),
        _ => Err("it has to be tls-alpn-01, http-01 or dns-01"),
    }
}

#[derive(Clone, Copy)]
enum Provider {
    DuckDns,
    Desec,
    Command,
}

fn provider(text: &str) -> Result<Provider, &'static str> {
    match text {
        "duckdns" => Ok(Provider::DuckDns),
        "desec" => Ok(Provider::Desec),
        "command" => Ok(Provider::Command),
        _ => Err("it has to be duckdns, desec or command"),
    }
}

fn dns(env: &Env, provider: Provider, name: &CertificateName) -> Result<DnsConfig, ConfigError> {
    let missing = |name, problem: &'static str| ConfigError::malformed(name, &problem);
    let token = || {
        let token = env.get("DNS_TOKEN").ok_or_else(|| missing("DNS_TOKEN", "it is not set"))?;
        // It stands in an address or a header.
        if !token.bytes().all(|b| b.is_ascii_graphic()) {
            return Err(missing("DNS_TOKEN", "it has to consist of visible ASCII characters"));
        }
        Ok(SecretString::from(token))
    };
    match provider {
        Provider::DuckDns => {
            if !matches!(name, CertificateName::Dns(name) if name.ends_with(DUCK_DNS)) {
                return Err(missing("DOOR_NAME", "it has to end with .duckdns.org for DNS_PROVIDER=duckdns"));
            }
            Ok(DnsConfig::DuckDns { token: token()? })
        }
        Provider::Desec => Ok(DnsConfig::Desec { token: token()? }),
        Provider::Command => {
            let program = env.get("DNS_COMMAND").ok_or_else(|| missing("DNS_COMMAND", "it is not set"))?;
            Ok(DnsConfig::Command { program: env.runtime().resolve(&program) })
        }
    }
}

pub(super) fn socket(text: &str) -> Result<SocketAddr, &'static str> {
    text.parse().map_err(|_| "it has to be IP:PORT")
}

fn directory(text: &str) -> Result<Url, &'static str> {
    Url::parse(text)
        .ok()
        .filter(|url| url.scheme() == "https" && url.has_host() && url.username().is_empty())
        .ok_or("it has to be an address that begins with https://")
}

fn contact(text: &str) -> Result<String, &'static str> {
    let text = text.strip_prefix("mailto:").unwrap_or(text);
    let is_address =
        text.split_once('@').is_some_and(|(name, domain)| !name.is_empty() && domain.contains('.'))
            && text.bytes().all(|b| b.is_ascii_graphic() && !b"<>,?".contains(&b));
    is_address.then(|| text.to_owned()).ok_or("it has to be one e-mail address")
}
