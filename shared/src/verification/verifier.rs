//! The steps of verification in their order.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use futures_util::FutureExt as _;
use tokio::time::timeout;

use super::cache::Cache;
use super::chain::{SigningCertificate, TrustAnchors};
use super::flights::{Fetched, Flights};
use super::{CertificateUrl, FetchError, VerificationError, freshness};
use crate::clock::{Clock, Timestamp};

/// Longest accepted `Signature-256` header, in bytes: base64 of an RSA signature of 8192 bits, and some more.
const MAX_SIGNATURE_HEADER: usize = 2048;

/// Time limit for the check whether a request names a skill of ours. That may need the store, which may be silent. A
/// request without a result counts as a stranger's.
pub const TOLD_WITHIN: Duration = Duration::from_millis(500);

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
    /// Time at which the request was sent, by its signed body.
    #[must_use]
    pub const fn timestamp(self) -> Timestamp {
        self.timestamp
    }
}

/// Distinguishes Alexa's requests from all others. It keeps the valid certificate chains, so make one and share it.
#[derive(Debug)]
pub struct Verifier {
    source: Arc<Source>,
    flights: Flights,
    told_within: Duration,
}

/// Source of chains, with a cache of the known ones.
#[derive(Debug)]
struct Source {
    anchors: TrustAnchors,
    fetcher: Arc<dyn CertificateFetcher>,
    clock: Arc<dyn Clock>,
    cache: Cache,
}

impl Verifier {
    /// A verifier that knows no certificate yet.
    #[must_use]
    pub fn new(anchors: TrustAnchors, fetcher: Arc<dyn CertificateFetcher>, clock: Arc<dyn Clock>) -> Self {
        let source = Source { anchors, fetcher, clock, cache: Cache::default() };
        Self { source: Arc::new(source), flights: Flights::default(), told_within: TOLD_WITHIN }
    }

    /// Waits another time than [`TOLD_WITHIN`].
    #[must_use]
    pub fn with_told_within(self, told_within: Duration) -> Self {
        Self { told_within, ..self }
    }

    /// Whether the request with these headers and exactly these bytes as its body came from Alexa, just now.
    ///
    /// Which skill it is meant for is not part of the proof. `addressed` returns whether the body names a skill of
    /// ours, and gives such a request precedence over strangers. It runs only before a fetch, for [`TOLD_WITHIN`] at
    /// most.
    ///
    /// # Errors
    /// The first proof that the request fails to give. An error about the chain is answered from memory for ten
    /// seconds, then the chain is fetched again. [`FetchError::Busy`] where too many fetches are under way.
    pub async fn verify(
        &self,
        headers: SignatureHeaders<'_>,
        body: &[u8],
        addressed: impl Future<Output = bool> + Send,
    ) -> Result<Verified, VerificationError> {
        let url = present(headers.certificate_url).ok_or(VerificationError::MissingCertificateUrl)?;
        let signature = present(headers.signature).ok_or(VerificationError::MissingSignature)?;
        let url = CertificateUrl::parse(url)?;
        let signature = decode(signature)?;
        let source = &self.source;
        let certificate = if let Some(known) = source.known(&url) {
            known?
        } else {
            let addressed = timeout(self.told_within, addressed).await.unwrap_or(false);
            self.flights.join(&url, addressed, || Source::fetch(source, &url).boxed()).await?
        };
        certificate.verify_signature(body, &signature)?;
        source.cache.prove(&url, &certificate);
        let timestamp = freshness::check(body, source.clock.now())?;
        Ok(Verified { timestamp })
    }
}

impl Source {
    /// Known result for `url`, without a fetch.
    fn known(&self, url: &CertificateUrl) -> Option<Fetched> {
        let now = self.clock.moment();
        let certificate = self.cache.get(url, now.wall()).map(Ok);
        certificate.or_else(|| self.cache.refusal(url, now).map(Err))
    }

    /// Fetches and validates a chain, and keeps what comes of it.
    fn fetch(source: &Arc<Self>, url: &CertificateUrl) -> impl Future<Output = Fetched> + Send + use<> {
        let (source, url) = (Arc::clone(source), url.clone());
        async move {
            // Another fetch may have ended since this request looked.
            if let Some(known) = source.known(&url) {
                return known;
            }
            let fetched = match source.fetcher.fetch(&url).await {
                Ok(pem) => {
                    SigningCertificate::from_pem(&pem, &source.anchors, source.clock.now()).map(Arc::new)
                }
                Err(error) => Err(error.into()),
            };
            match &fetched {
                Ok(certificate) => source.cache.keep(&url, certificate),
                Err(error) => source.cache.refuse(&url, source.clock.moment(), error),
            }
            fetched
        }
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
