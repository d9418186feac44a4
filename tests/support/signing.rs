//! A stand-in for Alexa's signature: certificate chains, right and wrong, and signed bodies.

#![expect(clippy::unwrap_used, reason = "a test without its certificates cannot go on")]

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ma_alexa::clock::Timestamp;
use ma_alexa::verification::{SIGNER_NAME, TrustAnchors};
use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, ExtendedKeyUsagePurpose, IsCa, KeyPair,
    KeyUsagePurpose, PKCS_RSA_SHA256, date_time_ymd,
};
use ring::rand::SystemRandom;
use ring::signature::{RSA_PKCS1_SHA256, RsaKeyPair};

/// A certificate URL that keeps the rules.
pub const CERTIFICATE_URL: &str = "https://s3.amazonaws.com/echo.api/echo-api-cert-test.pem";

const LEAF_KEY: &str = include_str!("keys/leaf.pem");
const STRANGERS_KEY: &str = include_str!("keys/stranger.pem");

/// From when until when a certificate is valid, in whole seconds, both inclusive.
#[derive(Clone, Copy, Debug)]
pub struct Validity {
    /// The first valid moment.
    pub not_before: Timestamp,
    /// The last valid moment.
    pub not_after: Timestamp,
}

impl Validity {
    /// Thirty days before and after `now`.
    #[must_use]
    pub fn around(now: Timestamp) -> Self {
        const DAYS: Duration = Duration::from_hours(30 * 24);
        Self { not_before: now.minus(DAYS), not_after: now.plus(DAYS) }
    }

    fn apply(self, params: &mut CertificateParams) {
        let moment =
            |at: Timestamp| date_time_ymd(1970, 1, 1) + Duration::from_secs(at.seconds().unsigned_abs());
        params.not_before = moment(self.not_before);
        params.not_after = moment(self.not_after);
    }
}

/// A root, an intermediate beneath it, and the leaves that they sign. Two authorities share names but no key.
#[derive(Debug)]
pub struct TestAuthority {
    root: CertifiedIssuer<'static, KeyPair>,
    intermediate: CertifiedIssuer<'static, KeyPair>,
    leaf_key: KeyPair,
}

impl Default for TestAuthority {
    fn default() -> Self {
        Self::new()
    }
}

impl TestAuthority {
    /// An authority with fresh keys, valid for decades.
    ///
    /// # Panics
    /// When the certificates cannot be made.
    #[must_use]
    pub fn new() -> Self {
        let root_key = KeyPair::generate().unwrap();
        let root = CertifiedIssuer::self_signed(authority("Test Root"), root_key).unwrap();
        let intermediate_key = KeyPair::generate().unwrap();
        let intermediate =
            CertifiedIssuer::signed_by(authority("Test Intermediate"), intermediate_key, &root).unwrap();
        Self {
            root,
            intermediate,
            leaf_key: KeyPair::from_pkcs8_pem_and_sign_algo(LEAF_KEY, &PKCS_RSA_SHA256).unwrap(),
        }
    }

    /// The root, to be trusted.
    ///
    /// # Panics
    /// Never: the root is a certificate.
    #[must_use]
    pub fn anchors(&self) -> TrustAnchors {
        TrustAnchors::from_der(self.root.der()).unwrap()
    }

    /// The chain that Alexa would have: a leaf for [`SIGNER_NAME`] valid around `now`, and the intermediate.
    #[must_use]
    pub fn good_chain_pem(&self, now: Timestamp) -> String {
        self.chain_pem(SIGNER_NAME, Validity::around(now))
    }

    /// A leaf for the host `name`, and the intermediate.
    #[must_use]
    pub fn chain_pem(&self, name: &str, validity: Validity) -> String {
        self.leaf_pem(name, validity) + &self.intermediate.pem()
    }

    /// A leaf for the host `name` without the intermediate that it needs.
    ///
    /// # Panics
    /// When `name` cannot stand in a certificate.
    #[must_use]
    pub fn leaf_pem(&self, name: &str, validity: Validity) -> String {
        let params = leaf(name, validity, ExtendedKeyUsagePurpose::ServerAuth);
        params.signed_by(&self.leaf_key, &self.intermediate).unwrap().pem()
    }

    /// A chain that is good but for its leaf, which is meant for a client.
    ///
    /// # Panics
    /// When the leaf cannot be signed.
    #[must_use]
    pub fn client_chain_pem(&self, validity: Validity) -> String {
        let params = leaf(SIGNER_NAME, validity, ExtendedKeyUsagePurpose::ClientAuth);
        params.signed_by(&self.leaf_key, &self.intermediate).unwrap().pem() + &self.intermediate.pem()
    }

    /// A chain whose leaf is valid around `now`, and whose intermediate is valid as given.
    ///
    /// # Panics
    /// When the certificates cannot be made.
    #[must_use]
    pub fn chain_through_pem(&self, intermediate: Validity, now: Timestamp) -> String {
        let mut params = authority("Short Intermediate");
        intermediate.apply(&mut params);
        let issuer = CertifiedIssuer::signed_by(params, KeyPair::generate().unwrap(), &self.root).unwrap();
        let params = leaf(SIGNER_NAME, Validity::around(now), ExtendedKeyUsagePurpose::ServerAuth);
        params.signed_by(&self.leaf_key, &issuer).unwrap().pem() + &issuer.pem()
    }

    /// A certificate for [`SIGNER_NAME`] that vouches for itself.
    ///
    /// # Panics
    /// When it cannot be signed.
    #[must_use]
    pub fn self_signed_pem(&self, validity: Validity) -> String {
        let params = leaf(SIGNER_NAME, validity, ExtendedKeyUsagePurpose::ServerAuth);
        params.self_signed(&self.leaf_key).unwrap().pem()
    }
}

/// The private key of the leaves in PKCS#8, for a server that shows one of them.
#[must_use]
pub fn leaf_key_der() -> Vec<u8> {
    der(LEAF_KEY)
}

/// The header `Signature-256` for `body`, made with the key of the leaves.
#[must_use]
pub fn sign(body: &[u8]) -> String {
    sign_with(&leaf_key_der(), body)
}

/// The same, made with a key that no certificate names.
#[must_use]
pub fn sign_as_stranger(body: &[u8]) -> String {
    sign_with(&der(STRANGERS_KEY), body)
}

fn sign_with(key: &[u8], body: &[u8]) -> String {
    let key = RsaKeyPair::from_pkcs8(key).unwrap();
    let mut signature = vec![0; key.public().modulus_len()];
    key.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), body, &mut signature).unwrap();
    STANDARD.encode(signature)
}

fn der(pem: &str) -> Vec<u8> {
    let text: String = pem.lines().filter(|line| !line.starts_with("-----")).collect();
    STANDARD.decode(text).unwrap()
}

fn authority(name: &str) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name.push(DnType::CommonName, name);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
    params.not_before = date_time_ymd(2000, 1, 1);
    params.not_after = date_time_ymd(2100, 1, 1);
    params
}

fn leaf(name: &str, validity: Validity, usage: ExtendedKeyUsagePurpose) -> CertificateParams {
    let mut params = CertificateParams::new([name.to_owned()]).unwrap();
    params.distinguished_name.push(DnType::CommonName, name);
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = vec![usage];
    validity.apply(&mut params);
    params
}
