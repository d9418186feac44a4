//! The rules for where Alexa's signing certificates may be fetched.

use std::fmt;

use url::Url;

/// The bucket's host.
const HOST: &str = "s3.amazonaws.com";
/// The bucket, in which only Amazon can write. Case matters to S3.
const PREFIX: &str = "/echo.api/";
/// Longest accepted URL, in bytes; the real ones have about 55.
const MAX_LENGTH: usize = 512;
/// Suffix of every chain's name.
const SUFFIX: &str = ".pem";

/// The address of one of Alexa's certificate chains, in normal form.
///
/// Rules (Alexa Skills Kit, "Host a custom skill as a web service", `SignatureCertChainUrl`), after dot segments are
/// resolved: scheme `https` and host `s3.amazonaws.com` in any case, path under `/echo.api/` in exactly this case, port
/// absent or 443. We add two rules, as each URL costs a fetch and a place in memory. The path ends with one segment
/// `{name}.pem` of letters, digits, `-`, `_` and `.`. There is no query.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct CertificateUrl(Url);

impl CertificateUrl {
    /// Reads the value of the header `SignatureCertChainUrl`.
    ///
    /// # Errors
    /// The first rule that the URL breaks.
    pub fn parse(text: &str) -> Result<Self, CertificateUrlError> {
        // A URL parser repairs backslashes, white space and look-alike letters. Nothing that Amazon sends needs that.
        if text.len() > MAX_LENGTH || !text.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\') {
            return Err(CertificateUrlError::Malformed);
        }
        let mut url = Url::parse(text).map_err(|_| CertificateUrlError::Malformed)?;
        if url.scheme() != "https" {
            return Err(CertificateUrlError::Scheme);
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(CertificateUrlError::Credentials);
        }
        if url.host_str() != Some(HOST) {
            return Err(CertificateUrlError::Host);
        }
        // The parser leaves out the scheme's own port, 443.
        if url.port().is_some() {
            return Err(CertificateUrlError::Port);
        }
        if !url.path().strip_prefix(PREFIX).is_some_and(is_chain_name) {
            return Err(CertificateUrlError::Path);
        }
        if url.query().is_some() {
            return Err(CertificateUrlError::Query);
        }
        url.set_fragment(None);
        Ok(Self(url))
    }

    /// The URL in normal form: lower-case scheme and host, no port, no dot segments, no fragment.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }
}

/// Whether this is one path segment such as `echo-api-cert-12.pem`, with nothing encoded in it.
fn is_chain_name(segment: &str) -> bool {
    segment.strip_suffix(SUFFIX).is_some_and(|name| {
        !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte))
    })
}

impl AsRef<Url> for CertificateUrl {
    fn as_ref(&self) -> &Url {
        &self.0
    }
}

impl fmt::Display for CertificateUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Rule that a certificate URL breaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CertificateUrlError {
    /// It is not a URL, is far too long, or has characters that do not belong into one.
    #[error("it is not a well-formed URL")]
    Malformed,
    /// Its scheme is not `https`.
    #[error("its scheme is not https")]
    Scheme,
    /// It carries a user name or a password.
    #[error("it carries credentials")]
    Credentials,
    /// Its host is not `s3.amazonaws.com`.
    #[error("its host is not {HOST}")]
    Host,
    /// Its port is not 443.
    #[error("its port is not 443")]
    Port,
    /// Its path is not `/echo.api/{name}.pem` with a plain name.
    #[error("its path is not {PREFIX}NAME{SUFFIX}")]
    Path,
    /// It has a query.
    #[error("it has a query")]
    Query,
}
