//! Reasons why a request is not taken for one of Alexa's.

use std::time::Duration;

use super::CertificateUrlError;
use crate::clock::Timestamp;

/// Reason why a request was refused. Each kind is answered with HTTP 400; none repeats the content of the request.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum VerificationError {
    /// The header `SignatureCertChainUrl` is missing or empty.
    #[error("the request names no certificate chain (header SignatureCertChainUrl)")]
    MissingCertificateUrl,
    /// The header `Signature-256` is missing or empty, whether or not there is a SHA-1 `Signature`.
    #[error("the request has no SHA-256 signature (header Signature-256)")]
    MissingSignature,
    /// The certificate URL is not one of Amazon's.
    #[error("the certificate URL is not Amazon's: {0}")]
    CertificateUrl(#[from] CertificateUrlError),
    /// `Signature-256` is not base64, or longer than any RSA signature.
    #[error("the signature is not base64 of an RSA signature")]
    SignatureEncoding,
    /// The certificate chain could not be fetched.
    #[error("the certificate chain could not be fetched: {0}")]
    Fetch(#[from] FetchError),
    /// The fetched file has more bytes or more certificates than a chain has.
    #[error("what the certificate URL serves is too large for a certificate chain")]
    ChainTooLarge,
    /// The fetched file is not PEM, holds no certificate, or holds one that cannot be read.
    #[error("what the certificate URL serves is not a chain of PEM certificates")]
    ChainEncoding,
    /// The leaf is not made out to `echo-api.amazon.com`.
    #[error("the signing certificate is not made out to Alexa")]
    CertificateName,
    /// A certificate of the chain is not valid yet.
    #[error("a certificate of the chain is not valid before {}", not_before.rfc3339())]
    CertificateNotYetValid {
        /// Time at which it becomes valid.
        not_before: Timestamp,
    },
    /// A certificate of the chain is not valid any more, perhaps since the chain was fetched.
    #[error("a certificate of the chain expired at {}", not_after.rfc3339())]
    CertificateExpired {
        /// Time at which it expired.
        not_after: Timestamp,
    },
    /// The chain leads to no trusted root, or its leaf is not meant for a server.
    #[error("the certificate chain leads to no trusted root")]
    UntrustedChain,
    /// The signature is not the leaf's for this body: one of them was changed, or another key signed.
    #[error("the signature does not belong to this body")]
    SignatureMismatch,
    /// The signed body has no `request.timestamp` that is an RFC 3339 date.
    #[error("the request does not say when it was sent")]
    MissingTimestamp,
    /// The request was sent too long ago: delivered late, or played back by a stranger.
    #[error("the request is {} s old", age.as_secs())]
    Stale {
        /// Age of the request.
        age: Duration,
    },
    /// The request is dated in the future. Most likely this machine's clock is wrong.
    #[error("the request is dated {} s in the future", ahead.as_secs())]
    FromTheFuture {
        /// Time by which it is ahead of this machine's clock.
        ahead: Duration,
    },
}

impl VerificationError {
    /// A short name of the kind that never changes, for log lines and metrics.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::MissingCertificateUrl => "missing_certificate_url",
            Self::MissingSignature => "missing_signature",
            Self::CertificateUrl(_) => "certificate_url",
            Self::SignatureEncoding => "signature_encoding",
            Self::Fetch(_) => "certificate_fetch",
            Self::ChainTooLarge => "chain_too_large",
            Self::ChainEncoding => "chain_encoding",
            Self::CertificateName => "certificate_name",
            Self::CertificateNotYetValid { .. } => "certificate_not_yet_valid",
            Self::CertificateExpired { .. } => "certificate_expired",
            Self::UntrustedChain => "untrusted_chain",
            Self::SignatureMismatch => "signature_mismatch",
            Self::MissingTimestamp => "missing_timestamp",
            Self::Stale { .. } => "stale",
            Self::FromTheFuture { .. } => "from_the_future",
        }
    }
}

/// Reason why a certificate chain could not be fetched.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum FetchError {
    /// The server answered with something else than 200; a redirect is not followed.
    #[error("the server answered {0}")]
    Status(u16),
    /// The answer has more than [`MAX_CHAIN_BYTES`](super::MAX_CHAIN_BYTES).
    #[error("the answer is too large")]
    TooLarge,
    /// There was no whole answer in time.
    #[error("the server took too long")]
    TimedOut,
    /// Too many chains are being fetched already.
    #[error("too many certificate chains are being fetched at this moment")]
    Busy,
    /// The server could not be reached: no name, no connection, no TLS, or the connection broke.
    #[error("the server cannot be reached")]
    Unreachable,
}
