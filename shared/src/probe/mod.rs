//! Bounded HTTP probes of addresses that people entered.
//!
//! Diagnostics and set-up send them. Time, response size and reachable addresses are limited. No request of Alexa or Music
//! Assistant waits for a probe.

mod address_policy;
mod certificate;
mod http;
mod music_assistant;

use std::fmt;
use std::net::IpAddr;
use std::time::Duration;

use async_trait::async_trait;
use axum::http::HeaderMap;
use secrecy::SecretString;
use serde_json::Value;
use url::Url;

pub use address_policy::AddressPolicy;
pub(crate) use address_policy::has_public_host;
pub use certificate::{CertificateKind, LeafCertificate};
#[cfg(feature = "music-assistant")]
pub(crate) use http::guarded_client;
pub use http::{HttpProber, ProbeSetupError, Resolve};
pub(crate) use music_assistant::{ServerInfo, may_carry_token};

/// The longest time of one probe: name, connection, headers and body.
pub const TIMEOUT: Duration = Duration::from_secs(6);

/// The most bytes read of a stream or a picture.
pub const STREAM_SAMPLE: usize = 64 * 1024;

/// The HTTP method of a probe, with its limits.
#[derive(Clone, Debug)]
pub enum Method {
    /// `HEAD`: the headers alone.
    Head,
    /// `GET`: the headers and the beginning of the body. The connection is closed at the limit.
    Get {
        /// The limit of the body in bytes.
        max_bytes: usize,
    },
    /// `POST` without a body, of which the status alone is read.
    EmptyPost,
    /// `POST` of JSON with a bearer token. The token belongs to this address and is sent with no other method.
    PostJson {
        /// The bearer token of this address.
        token: SecretString,
        /// The JSON body of the request.
        body: Value,
        /// The limit of the response body in bytes.
        max_bytes: usize,
    },
}

/// One request of a probe.
#[derive(Clone, Debug)]
pub struct ProbeRequest {
    /// The target; its redirects are not followed.
    pub url: Url,
    /// The method with its limits.
    pub method: Method,
}

impl ProbeRequest {
    /// A `HEAD` request.
    #[must_use]
    pub fn head(url: Url) -> Self {
        Self { url, method: Method::Head }
    }

    /// A `GET` request that reads at most `max_bytes` of the body.
    #[must_use]
    pub fn get(url: Url, max_bytes: usize) -> Self {
        Self { url, method: Method::Get { max_bytes } }
    }

    /// A `POST` request without a body.
    #[must_use]
    pub fn empty_post(url: Url) -> Self {
        Self { url, method: Method::EmptyPost }
    }
}

/// The response to a probe.
#[derive(Clone)]
pub struct ProbeResponse {
    /// The HTTP status.
    pub status: u16,
    /// The response headers.
    pub headers: HeaderMap,
    /// The body up to the limit.
    pub body: Vec<u8>,
    /// Whether the body was longer than the part that was read.
    pub is_truncated: bool,
    /// The certificate of the server; none over plain HTTP.
    pub certificate: Option<LeafCertificate>,
}

impl fmt::Debug for ProbeResponse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ProbeResponse").field("status", &self.status).finish_non_exhaustive()
    }
}

impl ProbeResponse {
    /// The text of a header; none where it is missing or no ASCII.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// The media type in lower case, without its parameters.
    #[must_use]
    pub fn media_type(&self) -> Option<String> {
        let value = self.header("content-type")?;
        Some(value.split(';').next().unwrap_or_default().trim().to_ascii_lowercase())
    }
}

/// The reason why a probe has no response.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ProbeError {
    /// The name does not resolve.
    #[error("the name does not resolve")]
    NoName,
    /// The name leads to an address that the [`AddressPolicy`] forbids.
    #[error("the name leads to {0}, which is not a public address")]
    NotPublic(std::net::IpAddr),
    /// The connection is refused or blocked.
    #[error("no connection is made")]
    Unreachable,
    /// The response is not complete in time.
    #[error("there is no answer in time")]
    Timeout,
    /// The certificate is not accepted.
    #[error("{0}")]
    Certificate(CertificateProblem),
    /// The TLS handshake fails for another reason.
    #[error("there is no TLS connection: {0}")]
    Tls(String),
    /// The response is no HTTP, or breaks off.
    #[error("the answer breaks off or is no HTTP")]
    Broken,
}

/// The reason why a certificate is not accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CertificateProblem {
    /// The certificate has expired.
    #[error("the certificate has expired")]
    Expired,
    /// The certificate is not valid yet, or a clock is wrong.
    #[error("the certificate is not valid yet")]
    NotYetValid,
    /// The certificate is for other names.
    #[error("the certificate is for another name")]
    WrongName,
    /// The issuer is no public authority, or the server leaves out the intermediate certificates.
    #[error("no public authority is found behind the certificate")]
    UnknownIssuer,
    /// The certificate is refused for another reason.
    #[error("the certificate is not accepted")]
    Other,
}

/// A client that sends probes.
#[async_trait]
pub trait Prober: fmt::Debug + Send + Sync {
    /// Sends one probe, within [`TIMEOUT`].
    ///
    /// # Errors
    /// When there is no whole response.
    async fn probe(&self, request: &ProbeRequest) -> Result<ProbeResponse, ProbeError>;

    /// The addresses of a name, within [`TIMEOUT`]. A prober without a resolver knows none.
    ///
    /// # Errors
    /// When the name has no address, or none that may be probed.
    async fn look_up(&self, _name: &str) -> Result<Vec<IpAddr>, ProbeError> {
        Ok(Vec::new())
    }
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    fn response(content_type: &'static [u8]) -> ProbeResponse {
        let mut headers = HeaderMap::new();
        headers.insert("content-type", HeaderValue::from_bytes(content_type).unwrap());
        ProbeResponse { status: 200, headers, body: Vec::new(), is_truncated: false, certificate: None }
    }

    #[test]
    fn a_media_type_has_no_parameters_and_no_capitals() {
        for (text, media_type) in [
            (b"audio/mpeg".as_slice(), Some("audio/mpeg")),
            (b"Audio/MPEG ; charset=utf-8", Some("audio/mpeg")),
            (b"", Some("")),
            (b";", Some("")),
            (b"audio/\xff", None),
        ] {
            assert_eq!(response(text).media_type().as_deref(), media_type, "{text:?}");
        }
        assert_eq!(ProbeResponse { headers: HeaderMap::new(), ..response(b"") }.media_type(), None);
    }
}
