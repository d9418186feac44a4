//! Certificates of probed servers.

use rustls_pki_types::{CertificateDer, ServerName};
use serde::{Deserialize, Serialize};
use webpki::EndEntityCert;

/// The kind of an endpoint's certificate (Alexa Skills Kit, manifest, `sslCertificateType`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CertificateKind {
    /// A certificate for the host itself.
    Trusted,
    /// A certificate for all hosts of a domain.
    Wildcard,
}

impl CertificateKind {
    /// The name in the manifest.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Trusted => "Trusted",
            Self::Wildcard => "Wildcard",
        }
    }
}

/// A server's own certificate in DER; the TLS handshake has validated it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeafCertificate(Vec<u8>);

impl LeafCertificate {
    /// A certificate from its DER bytes.
    #[must_use]
    pub fn new(der: Vec<u8>) -> Self {
        Self(der)
    }

    /// The kind for this host; none where the certificate is not for the host.
    ///
    /// A certificate that is valid for a random sibling name is one for the whole domain.
    pub(crate) fn kind_for(&self, host: &str) -> Option<CertificateKind> {
        if !self.is_for(host) {
            return None;
        }
        let (_, domain) = host.split_once('.')?;
        let sibling = format!("unused-name-4d1f.{domain}");
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

#[cfg(test)]
mod tests {
    use super::*;

    fn kind(names: &[&str], host: &str) -> Option<CertificateKind> {
        let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        let certificate = rcgen::generate_simple_self_signed(names).unwrap();
        LeafCertificate::new(certificate.cert.der().to_vec()).kind_for(host)
    }

    #[test]
    fn the_names_of_a_certificate_tell_its_kind() {
        const HOST: &str = "music.example.com";
        assert_eq!(kind(&[HOST], HOST), Some(CertificateKind::Trusted));
        assert_eq!(kind(&["other.example.com", HOST], HOST), Some(CertificateKind::Trusted));
        assert_eq!(kind(&["*.example.com"], HOST), Some(CertificateKind::Wildcard));
        assert_eq!(kind(&["*.example.com", HOST], HOST), Some(CertificateKind::Wildcard));
        assert_eq!(kind(&["*.example.com"], "music.example.org"), None);
        assert_eq!(kind(&["*.example.com"], "a.music.example.com"), None);
        assert_eq!(kind(&["localhost"], "localhost"), None, "a host without a domain has no siblings");
    }

    #[test]
    fn bytes_that_are_no_certificate_have_no_kind() {
        for bytes in [Vec::new(), b"no certificate".to_vec()] {
            assert_eq!(LeafCertificate::new(bytes).kind_for("music.example.com"), None);
        }
    }
}
