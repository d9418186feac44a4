//! An issued certificate: what is in it, and its form for TLS.

use std::fmt;
use std::net::IpAddr;
use std::sync::Arc;

use rustls::crypto::ring::sign::any_supported_type;
use rustls::sign::CertifiedKey;
use rustls_pki_types::pem::PemObject as _;
use rustls_pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use time::OffsetDateTime;
use webpki::EndEntityCert;
use yasna::models::ObjectIdentifier;
use yasna::{ASN1Error, ASN1ErrorKind, ASN1Result, BERReader, BERReaderSeq, Tag};

use super::schedule::Validity;
use super::store::StoredCertificate;
use super::{FailureCode, OrderError};
use crate::clock::Timestamp;
use crate::config::CertificateName;

/// Most certificates in a chain.
const LONGEST_CHAIN: usize = 10;

/// A certificate and its key, which belong together and are for one name. `Debug` prints no key.
#[derive(Clone)]
pub(super) struct IssuedCertificate {
    pub(super) key: Arc<CertifiedKey>,
    pub(super) facts: Facts,
}

impl fmt::Debug for IssuedCertificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("IssuedCertificate").field("validity", &self.facts.validity).finish_non_exhaustive()
    }
}

impl IssuedCertificate {
    /// Reads a certificate that is for `name`.
    ///
    /// # Errors
    /// When it is malformed, or key, certificate and name do not belong together.
    pub(super) fn read(stored: &StoredCertificate, name: &CertificateName) -> Result<Self, OrderError> {
        let unusable = |cause: &str| OrderError::new(FailureCode::CertificateUnusable, cause);
        let chain: Vec<CertificateDer<'static>> = CertificateDer::pem_slice_iter(stored.chain.as_bytes())
            .take(LONGEST_CHAIN)
            .collect::<Result<_, _>>()
            .map_err(|_| unusable("the certificate is no PEM"))?;
        let leaf = chain.first().ok_or_else(|| unusable("there is no certificate in the answer"))?;
        let facts = Facts::read(leaf).map_err(|_| unusable("the certificate is malformed"))?;
        if !is_for(leaf, name) {
            return Err(unusable("the certificate is for another name"));
        }
        let key = PrivateKeyDer::from_pem_slice(stored.key.as_bytes())
            .map_err(|_| unusable("the key of the certificate is malformed"))?;
        let key =
            any_supported_type(&key).map_err(|_| unusable("the key of the certificate is malformed"))?;
        let key = CertifiedKey::new(chain, key);
        key.keys_match().map_err(|_| unusable("the certificate is for another key"))?;
        Ok(Self { key: Arc::new(key), facts })
    }
}

fn is_for(leaf: &CertificateDer<'_>, name: &CertificateName) -> bool {
    let name = match name {
        CertificateName::Dns(name) => ServerName::try_from(name.as_str()).ok(),
        CertificateName::Ip(IpAddr::V4(address)) => Some(ServerName::from(*address)),
        CertificateName::Ip(IpAddr::V6(address)) => Some(ServerName::from(*address)),
    };
    let (Ok(leaf), Some(name)) = (EndEntityCert::try_from(leaf), name) else { return false };
    leaf.verify_is_valid_for_subject_name(&name).is_ok()
}

/// The content of a certificate beside its names (RFC 5280, section 4.1).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Facts {
    pub(super) validity: Validity,
    /// The bytes of its serial number.
    pub(super) serial: Vec<u8>,
    /// The id of the authority's key.
    pub(super) authority_key: Option<Vec<u8>>,
}

impl Facts {
    pub(super) fn read(der: &[u8]) -> ASN1Result<Self> {
        yasna::parse_der(der, |certificate| {
            certificate.read_sequence(|certificate| {
                let facts = certificate.next().read_sequence(Self::of_signed_part)?;
                // The signature.
                certificate.next().read_der()?;
                certificate.next().read_der()?;
                Ok(facts)
            })
        })
    }

    fn of_signed_part(part: &mut BERReaderSeq<'_, '_>) -> ASN1Result<Self> {
        part.read_optional(|version| version.read_tagged(Tag::context(0), number))?;
        let serial = content(&part.next().read_der()?)?;
        // The algorithm and the issuer.
        part.next().read_der()?;
        part.next().read_der()?;
        let validity = part.next().read_sequence(|times| {
            Ok(Validity { not_before: moment(times.next())?, not_after: moment(times.next())? })
        })?;
        // The subject and its key.
        part.next().read_der()?;
        part.next().read_der()?;
        let authority_key = part.read_optional(|extensions| {
            extensions.read_tagged(Tag::context(3), |extensions| {
                let extensions = extensions.collect_sequence_of(|extension| {
                    extension.read_sequence(|extension| {
                        let id = extension.next().read_oid()?;
                        extension.read_optional(flag)?;
                        Ok((id, extension.next().read_bytes()?))
                    })
                })?;
                let id = ObjectIdentifier::from_slice(&[2, 5, 29, 35]);
                Ok(extensions.into_iter().find(|(of, _)| *of == id).map(|(_, value)| value))
            })
        })?;
        let authority_key = authority_key.flatten().and_then(|value| key_id(&value).ok().flatten());
        Ok(Self { validity, serial, authority_key })
    }
}

/// The key's id in the extension that names the authority's key (RFC 5280, section 4.2.1.1).
fn key_id(extension: &[u8]) -> ASN1Result<Option<Vec<u8>>> {
    yasna::parse_ber(extension, |ids| {
        ids.read_sequence(|ids| {
            let id = ids.read_optional(|id| id.read_tagged_implicit(Tag::context(0), octets))?;
            // The authority's name and number may follow.
            while ids.read_optional(anything)?.is_some() {}
            Ok(id)
        })
    })
}

fn number(value: BERReader<'_, '_>) -> ASN1Result<u8> {
    value.read_u8()
}

fn flag(value: BERReader<'_, '_>) -> ASN1Result<bool> {
    value.read_bool()
}

fn octets(value: BERReader<'_, '_>) -> ASN1Result<Vec<u8>> {
    value.read_bytes()
}

fn anything(value: BERReader<'_, '_>) -> ASN1Result<Vec<u8>> {
    value.read_der()
}

fn moment(time: BERReader<'_, '_>) -> ASN1Result<Timestamp> {
    let datetime: OffsetDateTime = if time.lookahead_tag()? == yasna::tags::TAG_UTCTIME {
        *time.read_utctime()?.datetime()
    } else {
        *time.read_generalized_time()?.datetime()
    };
    let millis = datetime.unix_timestamp().saturating_mul(1000);
    Ok(Timestamp::from_millis(millis))
}

/// The bytes of a short value, without its tag and length.
fn content(der: &[u8]) -> ASN1Result<Vec<u8>> {
    match der {
        [_, length, content @ ..] if usize::from(*length) == content.len() => Ok(content.to_owned()),
        _ => Err(ASN1Error::new(ASN1ErrorKind::Invalid)),
    }
}

#[cfg(test)]
mod tests {
    use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair, SerialNumber};
    use time::macros::datetime;

    use super::*;

    fn signed() -> Vec<u8> {
        let (root_key, mut root) = (KeyPair::generate().unwrap(), CertificateParams::default());
        root.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        root.key_identifier_method = rcgen::KeyIdMethod::PreSpecified(vec![7; 20]);
        let mut params = CertificateParams::new(vec!["kitchen.example.com".to_owned()]).unwrap();
        params.serial_number = Some(SerialNumber::from_slice(&[0x80, 1, 2]));
        params.not_before = datetime!(2026-11-29 08:00 UTC);
        params.not_after = datetime!(2051-01-02 03:04:05 UTC);
        params.use_authority_key_identifier_extension = true;
        let key = KeyPair::generate().unwrap();
        params.signed_by(&key, &Issuer::new(root, root_key)).unwrap().der().to_vec()
    }

    #[test]
    fn a_certificate_says_when_it_is_valid_and_who_signed_it() {
        let facts = Facts::read(&signed()).unwrap();
        let validity = facts.validity;
        assert_eq!(validity.not_before.rfc3339(), "2026-11-29T08:00:00Z");
        assert_eq!(
            validity.not_after.rfc3339(),
            "2051-01-02T03:04:05Z",
            "a year that the short form cannot have"
        );
        // A number that begins with a set bit has a zero before it.
        assert_eq!(facts.serial, [0, 0x80, 1, 2]);
        assert_eq!(facts.authority_key, Some(vec![7; 20]));
    }

    #[test]
    fn a_certificate_that_names_no_authority_is_read() {
        let made = rcgen::generate_simple_self_signed(vec!["kitchen.example.com".to_owned()]).unwrap();
        assert_eq!(Facts::read(made.cert.der()).unwrap().authority_key, None);
    }

    #[test]
    fn what_is_no_whole_certificate_is_refused() {
        let whole = signed();
        for length in 0..whole.len() {
            assert!(Facts::read(&whole[..length]).is_err(), "{length}");
        }
        for at in 0..whole.len() {
            let mut changed = whole.clone();
            changed[at] ^= 0xff;
            // Read or refused, but without a panic.
            let _ = Facts::read(&changed);
        }
    }
}
