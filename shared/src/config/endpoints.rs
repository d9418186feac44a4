//! Addresses that the functions call: Music Assistant's API and, in tests, the stand-in for Amazon.

use std::fmt;
use std::str::FromStr;

use url::Url;

use super::env::{ConfigError, Env};
use crate::host_place::is_loopback;

/// The address of Music Assistant's API.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MaApiUrl(Url);

impl MaApiUrl {
    /// Reads an address, also as the bar of a browser has it: what names a page there is left out.
    ///
    /// # Errors
    /// When it is no http or https address, or has credentials in it.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        let mut url = Url::parse(text).map_err(|_| "it is not an address")?;
        if !matches!(url.scheme(), "http" | "https") || url.host().is_none() {
            return Err("it has to begin with http:// or https://");
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err("it must not contain a user name or password: the token is in the secret");
        }
        url.set_query(None);
        url.set_fragment(None);
        Ok(Self(url))
    }

    /// The address.
    #[must_use]
    pub fn as_url(&self) -> &Url {
        &self.0
    }
}

/// Without the lone slash of an address that has no path.
impl fmt::Display for MaApiUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = self.0.as_str();
        f.write_str(if self.0.path() == "/" { text.trim_end_matches('/') } else { text })
    }
}

impl FromStr for MaApiUrl {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::parse(text)
    }
}

/// Music Assistant's API, which is optional.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MaApi {
    /// `MA_API_URL`.
    pub url: Option<MaApiUrl>,
}

impl MaApi {
    /// Reads `MA_API_URL`.
    ///
    /// # Errors
    /// When it is no http or https address, or has credentials in it.
    pub fn from_env(env: &Env) -> Result<Self, ConfigError> {
        Ok(Self { url: env.read("MA_API_URL", MaApiUrl::parse)? })
    }
}

/// An address of this very machine, for tests.
///
/// # Errors
/// When it is another one.
pub(super) fn loopback(text: &str) -> Result<Url, &'static str> {
    let url = Url::parse(text).map_err(|_| "it is not an address")?;
    if is_loopback(&url) && matches!(url.scheme(), "http" | "https") {
        Ok(url)
    } else {
        Err("it has to be an http or https address of this very machine")
    }
}

/// For tests: where every call to an Amazon host goes instead.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AmazonEndpoint(Url);

impl AmazonEndpoint {
    /// Reads `AMAZON_ENDPOINT`; `None` where it is unset.
    ///
    /// # Errors
    /// When it is anything but a loopback address: what goes to Amazon carries tokens.
    pub fn from_env(env: &Env) -> Result<Option<Self>, ConfigError> {
        env.read("AMAZON_ENDPOINT", |text| loopback(text).map(Self))
    }

    /// The address.
    #[must_use]
    pub fn as_url(&self) -> &Url {
        &self.0
    }
}
