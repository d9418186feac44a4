//! Addresses that people enter: of streams, pictures and Music Assistant.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use url::Url;

/// A public https address that stands before something of the home: scheme, host, optional port and path
/// prefix. A slash at the end makes no difference.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct BaseUrl(String);

/// The rule that a base address breaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BaseUrlError {
    /// It is no address at all.
    #[error("it is not an address")]
    Malformed,
    /// Its scheme is not https, and an Echo fetches nothing else.
    #[error("it has to begin with https://, since an Echo fetches nothing else")]
    NotHttps,
    /// Its host is a single word, which nothing outside the home resolves.
    #[error("its host has to be a whole name, with a domain")]
    NotPublic,
    /// It has a user name, a password, a query or a fragment.
    #[error("it may have a host, a port and a path, and nothing else")]
    TooMuch,
}

impl BaseUrl {
    /// Reads an address.
    ///
    /// # Errors
    /// When it is not an https address of a public host, port and path alone.
    pub fn parse(text: &str) -> Result<Self, BaseUrlError> {
        let url = Url::parse(text.trim()).map_err(|_| BaseUrlError::Malformed)?;
        if url.scheme() != "https" {
            return Err(BaseUrlError::NotHttps);
        }
        let bare = url.username().is_empty() && url.password().is_none();
        if !bare || url.query().is_some() || url.fragment().is_some() || url.host().is_none() {
            return Err(BaseUrlError::TooMuch);
        }
        if url.domain().is_some_and(|name| !name.contains('.')) {
            return Err(BaseUrlError::NotPublic);
        }
        Ok(Self(url.as_str().trim_end_matches('/').to_owned()))
    }

    /// The address with `path` after it, which begins with a slash.
    #[must_use]
    pub fn join(&self, path: &str) -> String {
        format!("{}/{}", self.0, path.trim_start_matches('/'))
    }

    /// The address without a slash at its end.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for BaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for BaseUrl {
    type Err = BaseUrlError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::parse(text)
    }
}

impl TryFrom<String> for BaseUrl {
    type Error = BaseUrlError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::parse(&text)
    }
}

impl From<BaseUrl> for String {
    fn from(base: BaseUrl) -> Self {
        base.0
    }
}

/// Scheme, host and port.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Origin(String);

impl Origin {
    /// Reads an address, of which everything behind the port is ignored.
    ///
    /// # Errors
    /// When it is not an http or https address.
    pub fn parse(text: &str) -> Result<Self, BaseUrlError> {
        let url = Url::parse(text.trim()).map_err(|_| BaseUrlError::Malformed)?;
        if !matches!(url.scheme(), "http" | "https") {
            return Err(BaseUrlError::Malformed);
        }
        Ok(Self(url.origin().ascii_serialization()))
    }

    /// Scheme, host and port.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether `url` stands on this origin.
    #[must_use]
    pub fn is(&self, url: &Url) -> bool {
        url.origin().ascii_serialization() == self.0
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for Origin {
    type Err = BaseUrlError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::parse(text)
    }
}

impl TryFrom<String> for Origin {
    type Error = BaseUrlError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::parse(&text)
    }
}

impl From<Origin> for String {
    fn from(origin: Origin) -> Self {
        origin.0
    }
}
