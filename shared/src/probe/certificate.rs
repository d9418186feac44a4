//! The certificate that a server shows.

use rustls_pki_types::{CertificateDer, ServerName};
use webpki::EndEntityCert;

/// How Amazon calls a certificate of an endpoint (Alexa Skills Kit, manifest, `sslCertificateType`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CertificateKind {
    /// It names the host itself.
    Trusted,
    /// It names all hosts of a domain.
    Wildcard,
}

impl CertificateKind {
    /// As the manifest names it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Trusted => "Trusted",
            Self::Wildcard => "Wildcard",
        }
    }
}

/// A server's own certificate, which was found valid.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Leaf(Vec<u8>);

impl Leaf {
    /// From the bytes of the certificate (DER).
    #[must_use]
    pub fn new(der: Vec<u8>) -> Self {
        Self(der)
    }

    /// Which kind it is for this host; none where it is not for the host at all.
    ///
    /// A certificate that is valid for a name beside the host's that nobody has is one for the whole domain.
    #[must_use]
    pub fn kind_for(&self, host: &str) -> Option<CertificateKind> {
        if !self.is_for(host) {
            return None;
        }
        let (_, domain) = host.split_once('.')?;
        let sibling = format!("a-name-that-nobody-has-4d1f.{domain}");
        Some(if self.is_for(&sibling) { CertificateKind::Wildcard } else { CertificateKind::Trusted })
    }

    fn is_for(&self, host: &str) -> bool {
        let der = CertificateDer::from(self.0.as_slice());
        let (Ok(certificate), Ok(name)) = (EndEntityCert::try_from(&der), ServerName::try_from(host)) else {
            return false;
        };
        certificate.verify_is_valid_for_subject_name(&name).is_ok()
    }
}
