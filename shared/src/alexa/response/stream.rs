//! Addresses and names of streams.

use std::fmt;
use std::str::FromStr;

use serde::{Serialize, Serializer};
use url::Url;

use super::super::id::short_hash;

/// An `https` address, as Alexa demands for streams and pictures; spaces and other letters than ASCII are
/// percent-encoded. `Debug` shows the host alone, because the rest is enough to fetch the stream.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct HttpsUrl(Url);

/// Reason why a text is no address that Alexa takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum HttpsUrlError {
    /// It is no absolute URL.
    #[error("not a URL")]
    NotAUrl,
    /// It has another scheme than `https`.
    #[error("not an https URL")]
    NotHttps,
}

impl HttpsUrl {
    /// Reads an absolute `https` URL.
    ///
    /// # Errors
    /// When it is no URL or has another scheme.
    pub fn parse(text: &str) -> Result<Self, HttpsUrlError> {
        let url = Url::parse(text).map_err(|_| HttpsUrlError::NotAUrl)?;
        if url.scheme() == "https" { Ok(Self(url)) } else { Err(HttpsUrlError::NotHttps) }
    }

    /// The whole address.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }
}

impl FromStr for HttpsUrl {
    type Err = HttpsUrlError;

    fn from_str(text: &str) -> Result<Self, HttpsUrlError> {
        Self::parse(text)
    }
}

impl fmt::Debug for HttpsUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "HttpsUrl(https://{}/..)", self.0.host_str().unwrap_or_default())
    }
}

impl Serialize for HttpsUrl {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

/// Names one play of one stream: 1 to 1024 characters that only we understand. `Debug` shows a short hash.
#[derive(Clone, PartialEq, Eq, Hash, Serialize)]
#[serde(transparent)]
pub struct Token(String);

/// Reason why a text is no token that Alexa takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidToken {
    /// It is empty or blank.
    #[error("the token is empty")]
    Empty,
    /// It has more than 1024 characters.
    #[error("the token is longer than 1024 characters")]
    TooLong,
}

impl Token {
    /// The longest token, in characters.
    pub const LIMIT: usize = 1024;

    /// `text` as a token.
    ///
    /// # Errors
    /// When it is blank or too long.
    pub fn new(text: impl Into<String>) -> Result<Self, InvalidToken> {
        let text = text.into();
        if text.trim().is_empty() {
            return Err(InvalidToken::Empty);
        }
        if text.encode_utf16().count() > Self::LIMIT {
            return Err(InvalidToken::TooLong);
        }
        Ok(Self(text))
    }

    /// The token as Alexa sends it back.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Token({})", short_hash(&self.0))
    }
}
