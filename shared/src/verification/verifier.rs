//! The steps of verification in their order.

use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::cache::Cache;
use super::chain::{SigningCertificate, TrustAnchors};
use super::{CertificateUrl, FetchError, VerificationError, freshness};
use crate::clock::{Clock, Timestamp};

/// Longest accepted `Signature-256` header, in bytes: base64 of an RSA signature of 8192 bits, and some more.
const MAX_SIGNATURE_HEADER: usize = 2048;

/// Gets certificate chains.
#[async_trait]
pub trait CertificateFetcher: fmt::Debug + Send + Sync {
    /// The PEM text that `url` serves. Follows no redirect, and gives up on answers that take seconds or exceed
    /// [`MAX_CHAIN_BYTES`](super::MAX_CHAIN_BYTES).
    ///
    /// # Errors
    /// When there is no such text.
    async fn fetch(&self, url: &CertificateUrl) -> Result<Vec<u8>, FetchError>;
}

/// The headers that carry Alexa's signature, as they came.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SignatureHeaders<'a> {
    /// `SignatureCertChainUrl`: where the signing certificate can be fetched.
    pub certificate_url: Option<&'a str>,
    /// `Signature-256`: base64 of the RSA SHA-256 signature of the body.
    pub signature: Option<&'a str>,
}

impl<'a> SignatureHeaders<'a> {
    /// Picks the two out of all headers of a request, given as name and value. Names have any case; of headers
    /// that come twice, the first counts.
    #[must_use]
    pub fn among(headers: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        let mut found = Self::default();
        for (name, value) in headers {
            if name.eq_ignore_ascii_case("SignatureCertChainUrl") {
                found.certificate_url.get_or_insert(value);
            } else if name.eq_ignore_ascii_case("Signature-256") {
                found.signature.get_or_insert(value);
            }
        }
        found
    }
}

/// The proof that a request came from Alexa; only [`Verifier::verify`] makes one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Verified {
    timestamp: Timestamp,
}

impl Verified {
    /// When the request was sent, as its signed body says.
    #[must_use]
    pub const fn timestamp(self) -> Timestamp {
        self.timestamp
    }
}

/// Tells Alexa's requests from everybody else's. Keeps the certificate chains that it found good, so make one and
/// share it.
#[derive(Debug)]
pub struct Verifier {
    anchors: TrustAnchors,
    fetcher: Arc<dyn CertificateFetcher>,
    clock: Arc<dyn Clock>,
    cache: Cache,
    /// Held while a chain is fetched, so that requests that arrive together ask for it once.
    fetching: tokio::sync::Mutex<()>,
}

impl Verifier {
    /// A verifier that knows no certificate yet.
    #[must_use]
    pub fn new(anchors: TrustAnchors, fetcher: Arc<dyn CertificateFetcher>, clock: Arc<dyn Clock>) -> Self {
        Self { anchors, fetcher, clock, cache: Cache::default(), fetching: tokio::sync::Mutex::default() }
    }

    /// Whether the request with these headers and exactly these bytes as its body came from Alexa, just now.
    ///
    /// Which skill it is meant for is not looked at.
    ///
    /// # Errors
    /// The first proof that the request fails to give. An error about the chain is answered from memory for ten
    /// seconds, then the chain is fetched again.
    pub async fn verify(
        &self,
        headers: SignatureHeaders<'_>,
        body: &[u8],
    ) -> Result<Verified, VerificationError> {
        let url = present(headers.certificate_url).ok_or(VerificationError::MissingCertificateUrl)?;
        let signature = present(headers.signature).ok_or(VerificationError::MissingSignature)?;
        let url = CertificateUrl::parse(url)?;
        let signature = decode(signature)?;
        let certificate = self.certificate(&url).await?;
        certificate.verify_signature(body, &signature)?;
        let timestamp = freshness::check(body, self.clock.now())?;
        Ok(Verified { timestamp })
    }

    async fn certificate(&self, url: &CertificateUrl) -> Result<Arc<SigningCertificate>, VerificationError> {
        if let Some(known) = self.cache.get(url, self.clock.now()) {
            return Ok(known);
        }
        let _turn = self.fetching.lock().await;
        let now = self.clock.now();
        if let Some(known) = self.cache.get(url, now) {
            return Ok(known);
        }
        if let Some(error) = self.cache.refusal(url, now) {
            return Err(error);
        }
        match self.fetch(url).await {
            Ok(certificate) => {
                let certificate = Arc::new(certificate);
                self.cache.keep(url, &certificate);
                Ok(certificate)
            }
            Err(error) => {
                self.cache.refuse(url, self.clock.now(), &error);
                Err(error)
            }
        }
    }

    async fn fetch(&self, url: &CertificateUrl) -> Result<SigningCertificate, VerificationError> {
        let pem = self.fetcher.fetch(url).await?;
        SigningCertificate::from_pem(&pem, &self.anchors, self.clock.now())
    }
}

fn present(header: Option<&str>) -> Option<&str> {
    header.map(str::trim).filter(|value| !value.is_empty())
}

fn decode(signature: &str) -> Result<Vec<u8>, VerificationError> {
    if signature.len() > MAX_SIGNATURE_HEADER {
        return Err(VerificationError::SignatureEncoding);
    }
    STANDARD.decode(signature).map_err(|_| VerificationError::SignatureEncoding)
}
