//! Questions to addresses that people entered, bounded in time, size and targets: what the doctor and the set-up look
//! at from here. No request of Alexa's or of Music Assistant's waits for one.

mod certificate;
mod http;
mod reach;

use std::fmt;
use std::time::Duration;

use async_trait::async_trait;
use axum::http::HeaderMap;
use secrecy::SecretString;
use serde_json::Value;
use url::Url;

pub use certificate::{CertificateKind, Leaf};
pub use http::{HttpProber, ProbeSetupError, Resolve, SystemResolver};
pub use reach::Reach;

/// How long a question may take as a whole.
pub const TIMEOUT: Duration = Duration::from_secs(6);

/// Most bytes of an answer that are read of a stream.
pub const MOST_OF_A_STREAM: usize = 64 * 1024;

/// How it is asked.
#[derive(Clone, Debug)]
pub enum Ask {
    /// Headers alone.
    Head,
    /// The body too, of which at most so many bytes are read, and the connection is then closed.
    Get {
        /// In bytes.
        most: usize,
    },
    /// JSON with a token that this very address was given, which no other question has.
    Call {
        /// The token.
        token: SecretString,
        /// What is asked.
        body: Value,
        /// In bytes.
        most: usize,
    },
}

/// A question.
#[derive(Clone, Debug)]
pub struct Question {
    /// To where. No redirect is followed.
    pub url: Url,
    /// How.
    pub ask: Ask,
}

impl Question {
    /// Asks for headers.
    #[must_use]
    pub fn head(url: Url) -> Self {
        Self { url, ask: Ask::Head }
    }

    /// Asks for at most `most` bytes.
    #[must_use]
    pub fn get(url: Url, most: usize) -> Self {
        Self { url, ask: Ask::Get { most } }
    }
}

/// What came back.
#[derive(Clone)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// The headers.
    pub headers: HeaderMap,
    /// The body, or its beginning.
    pub body: Vec<u8>,
    /// Whether there was more of it than was read.
    pub is_cut: bool,
    /// The certificate of the server, where it was asked by https.
    pub leaf: Option<Leaf>,
}

impl fmt::Debug for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Answer").field("status", &self.status).finish_non_exhaustive()
    }
}

impl Answer {
    /// The text of a header.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// The media type, without its parameters, in lower case.
    #[must_use]
    pub fn media_type(&self) -> Option<String> {
        let value = self.header("content-type")?;
        Some(value.split(';').next().unwrap_or_default().trim().to_ascii_lowercase())
    }
}

/// Why nothing came back.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ProbeError {
    /// The name does not resolve.
    #[error("the name does not resolve")]
    NoName,
    /// The name leads to an address that must not be asked from here.
    #[error("the name leads to {0}, which is not a public address")]
    NotPublic(std::net::IpAddr),
    /// Nothing listens there, or the way is blocked.
    #[error("no connection is made")]
    Unreachable,
    /// The connection is made, and no whole answer comes in time.
    #[error("there is no answer in time")]
    Timeout,
    /// The certificate is not accepted.
    #[error("{0}")]
    Certificate(CertificateProblem),
    /// The TLS connection is not made for another reason.
    #[error("there is no TLS connection: {0}")]
    Tls(String),
    /// What comes back is no HTTP, or breaks off.
    #[error("the answer breaks off or is no HTTP")]
    Broken,
}

/// What is the matter with a certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CertificateProblem {
    /// It has run out.
    #[error("the certificate has expired")]
    Expired,
    /// Its time has not come, or a clock is wrong.
    #[error("the certificate is not valid yet")]
    NotYetValid,
    /// It is for other names.
    #[error("the certificate is for another name")]
    WrongName,
    /// No public authority stands behind it, or the certificates between are not sent along.
    #[error("no public authority is found behind the certificate")]
    UnknownIssuer,
    /// Something else.
    #[error("the certificate is not accepted")]
    Other,
}

/// Asks questions.
#[async_trait]
pub trait Prober: fmt::Debug + Send + Sync {
    /// Asks one, within [`TIMEOUT`].
    async fn ask(&self, question: &Question) -> Result<Answer, ProbeError>;
}
