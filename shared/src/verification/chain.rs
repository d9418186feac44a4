//! Certificate chains: which roots are trusted, and what a chain has to show.

use std::fmt;
use std::time::Duration;

use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, ServerName, TrustAnchor, UnixTime};
use webpki::{EndEntityCert, KeyUsage};

use super::VerificationError;
use crate::clock::Timestamp;

/// The name that the certificate which signs Alexa's requests is made out to (subject alternative name).
pub const SIGNER_NAME: &str = "echo-api.amazon.com";
/// Most bytes that a PEM chain may have; the real one has about 7,000.
pub const MAX_CHAIN_BYTES: usize = 64 * 1024;
/// Most certificates that a chain may have; the real one has four.
pub const MAX_CHAIN_CERTIFICATES: usize = 10;

/// The roots that a chain may lead to.
#[derive(Clone)]
pub struct TrustAnchors(Vec<TrustAnchor<'static>>);

impl TrustAnchors {
    /// The roots that Mozilla trusts for servers, as compiled into the binary.
    #[must_use]
    pub fn mozilla() -> Self {
        Self(webpki_roots::TLS_SERVER_ROOTS.to_vec())
    }

    /// One root of your own.
    ///
    /// # Errors
    /// When `der` is not a certificate.
    pub fn from_der(der: &[u8]) -> Result<Self, InvalidTrustAnchor> {
        let certificate = CertificateDer::from(der);
        let anchor = webpki::anchor_from_trusted_cert(&certificate).map_err(|_| InvalidTrustAnchor)?;
        Ok(Self(vec![anchor.to_owned()]))
    }

    /// The roots, as the TLS library wants them.
    #[must_use]
    pub fn as_slice(&self) -> &[TrustAnchor<'static>] {
        &self.0
    }
}

impl From<Vec<TrustAnchor<'static>>> for TrustAnchors {
    fn from(anchors: Vec<TrustAnchor<'static>>) -> Self {
        Self(anchors)
    }
}

impl fmt::Debug for TrustAnchors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TrustAnchors({})", self.0.len())
    }
}

/// The bytes given for a trusted root are not a certificate in DER.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the trusted root is not a certificate in DER")]
pub struct InvalidTrustAnchor;

/// The leaf of a chain that was found good, and for how long the whole chain is.
#[derive(Debug)]
pub(super) struct SigningCertificate {
    leaf: CertificateDer<'static>,
    /// The latest `notBefore` and the earliest `notAfter` of the chain, both inclusive, in whole seconds.
    not_before: Timestamp,
    not_after: Timestamp,
}

impl SigningCertificate {
    /// Reads a PEM chain, leaf first, and validates it for the moment `now`.
    pub(super) fn from_pem(
        pem: &[u8],
        anchors: &TrustAnchors,
        now: Timestamp,
    ) -> Result<Self, VerificationError> {
        let certificates = read_pem(pem)?;
        let (leaf, intermediates) = certificates.split_first().ok_or(VerificationError::ChainEncoding)?;
        let end_entity = EndEntityCert::try_from(leaf).map_err(|_| VerificationError::ChainEncoding)?;
        check_name(&end_entity)?;
        let path = end_entity
            .verify_for_usage(
                webpki::ALL_VERIFICATION_ALGS,
                anchors.as_slice(),
                intermediates,
                UnixTime::since_unix_epoch(Duration::from_secs(u64::try_from(now.seconds()).unwrap_or(0))),
                KeyUsage::server_auth(),
                None,
                None,
            )
            .map_err(|error| chain_error(&error))?;
        let (mut not_before, mut not_after) = validity(leaf)?;
        for certificate in path.intermediate_certificates() {
            let (from, until) = validity(&certificate.der())?;
            not_before = not_before.max(from);
            not_after = not_after.min(until);
        }
        Ok(Self { leaf: leaf.clone(), not_before, not_after })
    }

    /// Whether the whole chain is valid at the moment `now`.
    pub(super) fn is_valid_at(&self, now: Timestamp) -> bool {
        (self.not_before.seconds()..=self.not_after.seconds()).contains(&now.seconds())
    }

    /// Whether `signature` is this certificate's RSA PKCS#1 v1.5 SHA-256 signature of `body`.
    pub(super) fn verify_signature(&self, body: &[u8], signature: &[u8]) -> Result<(), VerificationError> {
        EndEntityCert::try_from(&self.leaf)
            .and_then(|leaf| leaf.verify_signature(webpki::ring::RSA_PKCS1_2048_8192_SHA256, body, signature))
            .map_err(|_| VerificationError::SignatureMismatch)
    }
}

fn read_pem(pem: &[u8]) -> Result<Vec<CertificateDer<'static>>, VerificationError> {
    if pem.len() > MAX_CHAIN_BYTES {
        return Err(VerificationError::ChainTooLarge);
    }
    let certificates: Vec<_> = CertificateDer::pem_slice_iter(pem)
        .collect::<Result<_, _>>()
        .map_err(|_| VerificationError::ChainEncoding)?;
    if certificates.len() > MAX_CHAIN_CERTIFICATES {
        return Err(VerificationError::ChainTooLarge);
    }
    Ok(certificates)
}

fn check_name(leaf: &EndEntityCert<'_>) -> Result<(), VerificationError> {
    let name = ServerName::try_from(SIGNER_NAME).map_err(|_| VerificationError::CertificateName)?;
    leaf.verify_is_valid_for_subject_name(&name).map_err(|_| VerificationError::CertificateName)?;
    // The name itself is asked for: a certificate for every host of amazon.com does not speak for Alexa.
    if !leaf.valid_dns_names().any(|listed| listed.eq_ignore_ascii_case(SIGNER_NAME)) {
        return Err(VerificationError::CertificateName);
    }
    Ok(())
}

fn chain_error(error: &webpki::Error) -> VerificationError {
    match *error {
        webpki::Error::CertNotValidYet { not_before, .. } => {
            VerificationError::CertificateNotYetValid { not_before: timestamp(not_before) }
        }
        webpki::Error::CertExpired { not_after, .. } => {
            VerificationError::CertificateExpired { not_after: timestamp(not_after) }
        }
        webpki::Error::BadDer | webpki::Error::BadDerTime => VerificationError::ChainEncoding,
        _ => VerificationError::UntrustedChain,
    }
}

/// From when until when a certificate is valid, both inclusive.
///
/// The library names a certificate's dates only in its complaints about them, which come before it looks at
/// anything else. So we ask about the first and the last moment of all, rather than bring a second X.509 parser.
fn validity(certificate: &CertificateDer<'_>) -> Result<(Timestamp, Timestamp), VerificationError> {
    let certificate = EndEntityCert::try_from(certificate).map_err(|_| VerificationError::ChainEncoding)?;
    let complaint = |moment: Duration| {
        certificate
            .verify_for_usage(
                &[],
                &[],
                &[],
                UnixTime::since_unix_epoch(moment),
                KeyUsage::server_auth(),
                None,
                None,
            )
            .err()
    };
    match (complaint(Duration::ZERO), complaint(Duration::MAX)) {
        (
            Some(webpki::Error::CertNotValidYet { not_before, .. }),
            Some(webpki::Error::CertExpired { not_after, .. }),
        ) => Ok((timestamp(not_before), timestamp(not_after))),
        _ => Err(VerificationError::UntrustedChain),
    }
}

fn timestamp(time: UnixTime) -> Timestamp {
    let millis = i64::try_from(time.as_secs()).map_or(i64::MAX, |seconds| seconds.saturating_mul(1000));
    Timestamp::from_millis(millis)
}
