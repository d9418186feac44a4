//! Hosts that tokens and cookies may be sent to.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The ends of the names of Amazon's shops, behind `amazon.`: those that others know for Alexa
/// (docs/amazon-api.md, 12), and the rest of Amazon's shops. Accounts of other countries belong to one of these.
const MARKETPLACES: [&str; 24] = [
    "com", "ae", "ca", "co.jp", "co.nz", "co.uk", "co.za", "com.au", "com.be", "com.br", "com.mx", "com.tr",
    "de", "eg", "es", "fr", "ie", "in", "it", "nl", "pl", "sa", "se", "sg",
];

/// One of Amazon's shops, by the end of its name: `de` for amazon.de, `co.uk` for amazon.co.uk.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Marketplace(String);

impl Marketplace {
    /// The shop of each sign-in, in any country (docs/amazon-api.md, 1.2).
    #[must_use]
    pub fn com() -> Self {
        Self("com".to_owned())
    }

    /// From the shop's name, bare or as an address: `amazon.de`, `www.amazon.de`, `https://www.amazon.de/`.
    ///
    /// # Errors
    /// When it is none of Amazon's shops.
    pub fn parse(text: &str) -> Result<Self, HostError> {
        let host = host_of(text)?;
        let end =
            host.rsplit_once("amazon.").filter(|(before, _)| before.is_empty() || before.ends_with('.'));
        match end {
            Some((_, end)) if is_marketplace(end) => Ok(Self(end.to_owned())),
            _ => Err(HostError(host)),
        }
    }

    /// The end of its name, such as `co.uk`.
    #[must_use]
    pub fn suffix(&self) -> &str {
        &self.0
    }

    /// The domain of its cookies, with the dot: `.amazon.de`.
    #[must_use]
    pub fn cookie_domain(&self) -> String {
        format!(".amazon.{}", self.0)
    }

    /// The shop itself, `www.amazon.de`.
    #[must_use]
    pub fn retail(&self) -> AmazonHost {
        AmazonHost(format!("www.amazon.{}", self.0))
    }

    /// The Alexa app's pages, `alexa.amazon.de`, which serve the API too.
    #[must_use]
    pub fn web(&self) -> AmazonHost {
        AmazonHost(format!("alexa.amazon.{}", self.0))
    }
}

impl fmt::Display for Marketplace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "amazon.{}", self.0)
    }
}

impl TryFrom<String> for Marketplace {
    type Error = HostError;

    fn try_from(suffix: String) -> Result<Self, Self::Error> {
        if is_marketplace(&suffix) { Ok(Self(suffix)) } else { Err(HostError(suffix)) }
    }
}

impl From<Marketplace> for String {
    fn from(marketplace: Marketplace) -> Self {
        marketplace.0
    }
}

/// A host of Amazon's. There is no other way to name the target of a request with a token in it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct AmazonHost(String);

/// A host that is none of Amazon's. It is not shown whole: an answer that names it may be forged.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{} is no host of Amazon's", short(.0))]
pub struct HostError(String);

impl AmazonHost {
    /// Registration, tokens (docs/amazon-api.md, 12).
    #[must_use]
    pub fn api() -> Self {
        Self("api.amazon.com".to_owned())
    }

    /// Host of the device's capabilities (docs/amazon-api.md, 1.7).
    #[must_use]
    pub fn capabilities() -> Self {
        Self("api.amazonalexa.com".to_owned())
    }

    /// From a host, or an https address of which everything behind the host is ignored.
    ///
    /// # Errors
    /// When it is not `NAME.amazon.SHOP` for one of Amazon's shops.
    pub fn parse(text: &str) -> Result<Self, HostError> {
        let host = host_of(text)?;
        if host == "api.amazonalexa.com" {
            return Ok(Self(host));
        }
        match host.split_once(".amazon.") {
            Some((name, end)) if is_label(name) && is_marketplace(end) => Ok(Self(host)),
            _ => Err(HostError(host)),
        }
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The shop whose cookies it takes; none for a host outside of the shops.
    #[must_use]
    pub fn marketplace(&self) -> Option<Marketplace> {
        let (_, end) = self.0.split_once(".amazon.")?;
        Some(Marketplace(end.to_owned()))
    }
}

impl fmt::Display for AmazonHost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl TryFrom<String> for AmazonHost {
    type Error = HostError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::parse(&text)
    }
}

impl From<AmazonHost> for String {
    fn from(host: AmazonHost) -> Self {
        host.0
    }
}

/// The host of an https address, or a text that is a host already. Other parts that a parser could read as part of a
/// host (credentials, a port, an encoded byte) are refused and not cleaned.
fn host_of(text: &str) -> Result<String, HostError> {
    let refused = || HostError(text.to_owned());
    let text = text.trim();
    let url = if text.contains("://") { text.to_owned() } else { format!("https://{text}") };
    let url = url::Url::parse(&url).map_err(|_| refused())?;
    let bare = url.username().is_empty() && url.password().is_none() && url.port().is_none();
    match url.domain() {
        Some(domain) if url.scheme() == "https" && bare => Ok(domain.to_owned()),
        _ => Err(refused()),
    }
}

fn is_marketplace(end: &str) -> bool {
    MARKETPLACES.contains(&end)
}

fn is_label(name: &str) -> bool {
    !name.is_empty() && name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
}

fn short(host: &str) -> String {
    host.chars().filter(|c| !c.is_control()).take(60).collect()
}
