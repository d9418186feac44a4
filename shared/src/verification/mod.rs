//! Is this HTTPS request from Alexa?
//!
//! A skill behind an HTTPS endpoint is open to the whole internet. Each request therefore has to prove its origin
//! (Alexa Skills Kit, "Host a custom skill as a web service", manual verification). [`Verifier::verify`] goes through
//! the proof over the **raw** bytes of the body:
//!
//! 1. the headers `SignatureCertChainUrl` and `Signature-256` are there; the SHA-1 header `Signature` counts
//!    for nothing;
//! 2. the certificate URL is one of Amazon's ([`CertificateUrl`]);
//! 3. the chain behind it is fetched through a [`CertificateFetcher`]: once for each URL, and at most four at a time;
//! 4. its leaf is made out to [`SIGNER_NAME`], valid now, and leads to a trusted root ([`TrustAnchors`]);
//! 5. the signature (RSA PKCS#1 v1.5, SHA-256) is of this body;
//! 6. the request was sent just now ([`TOLERANCE`], [`SKILL_EVENT_TOLERANCE`]).
//!
//! The caller checks that the request is meant for *this* skill, once the envelope is parsed. Any skill's owner can
//! point Alexa at any host. Nothing in a request can turn a step off.
//!
//! Trusted roots, fetcher and clock are passed in. Nothing here does I/O but the module `fetch`, which exists
//! with the feature `client` only.

mod cache;
mod certificate_url;
mod chain;
mod error;
#[cfg(feature = "client")]
pub mod fetch;
mod flights;
mod freshness;
mod verifier;

pub use certificate_url::{CertificateUrl, CertificateUrlError};
pub use chain::{InvalidTrustAnchor, MAX_CHAIN_BYTES, MAX_CHAIN_CERTIFICATES, SIGNER_NAME, TrustAnchors};
pub use error::{FetchError, VerificationError};
pub use freshness::{SKILL_EVENT_TOLERANCE, TOLERANCE};
pub use verifier::{CertificateFetcher, SignatureHeaders, TOLD_WITHIN, Verified, Verifier};
