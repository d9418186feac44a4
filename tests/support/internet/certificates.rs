//! Certificates of the sites, and their authorities.
#![expect(clippy::unwrap_used, reason = "a test without its certificates cannot go on")]

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, ExtendedKeyUsagePurpose, IsCa, KeyPair,
    date_time_ymd,
};
use rustls::RootCertStore;
use rustls::crypto::ring::sign::any_supported_type;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::sign::CertifiedKey;

use super::lock;

/// The certificate that a site shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Shown {
    /// One for its name.
    Good,
    /// One for all names of its domain.
    Wildcard,
    /// One that has run out.
    Expired,
    /// One whose time has not come.
    NotYetValid,
    /// One for another name.
    WrongName,
    /// A self-signed one.
    SelfSigned,
    /// A good one, without the certificate between it and the authority.
    WithoutChain,
    /// One that is for clients.
    ForClients,
    /// None: the server breaks the handshake off.
    None,
}

/// An authority, one more beneath it, and what that one signed so far.
pub(super) struct Certificates {
    root: CertifiedIssuer<'static, KeyPair>,
    intermediate: CertifiedIssuer<'static, KeyPair>,
    made: Mutex<HashMap<(String, Shown), Arc<CertifiedKey>>>,
}

impl std::fmt::Debug for Certificates {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Certificates").finish_non_exhaustive()
    }
}

impl Certificates {
    pub(super) fn new() -> Self {
        let root =
            CertifiedIssuer::self_signed(authority("Internet Root"), KeyPair::generate().unwrap()).unwrap();
        let key = KeyPair::generate().unwrap();
        let intermediate =
            CertifiedIssuer::signed_by(authority("Internet Intermediate"), key, &root).unwrap();
        Self { root, intermediate, made: Mutex::default() }
    }

    pub(super) fn roots(&self) -> RootCertStore {
        let mut roots = RootCertStore::empty();
        roots.add(self.root.der().clone()).unwrap();
        roots
    }

    /// The certificate of a site with this name; none where it shows none.
    pub(super) fn of(&self, host: &str, shown: Shown) -> Option<Arc<CertifiedKey>> {
        let mut kept = lock(&self.made);
        if shown == Shown::None {
            return None;
        }
        let make = || Arc::new(self.make(host, shown));
        Some(Arc::clone(kept.entry((host.to_owned(), shown)).or_insert_with(make)))
    }

    fn make(&self, host: &str, shown: Shown) -> CertifiedKey {
        let domain = host.split_once('.').map_or(host, |(_, domain)| domain);
        let name = match shown {
            Shown::WrongName => "another-name.example.net".to_owned(),
            Shown::Wildcard => format!("*.{domain}"),
            _ => host.to_owned(),
        };
        let mut params = CertificateParams::new([name]).unwrap();
        params.distinguished_name.push(DnType::CommonName, host);
        let (from, until) = match shown {
            Shown::Expired => (2000, 2001),
            Shown::NotYetValid => (2099, 2100),
            _ => (2000, 2100),
        };
        params.not_before = date_time_ymd(from, 1, 1);
        params.not_after = date_time_ymd(until, 1, 1);
        if shown == Shown::ForClients {
            params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
        }
        let key = KeyPair::generate().unwrap();
        let between = CertificateDer::from(self.intermediate.der().to_vec());
        let chain: Vec<CertificateDer<'static>> = match shown {
            Shown::SelfSigned => vec![params.self_signed(&key).unwrap().der().clone()],
            Shown::WithoutChain => vec![params.signed_by(&key, &self.intermediate).unwrap().der().clone()],
            _ => vec![params.signed_by(&key, &self.intermediate).unwrap().der().clone(), between],
        };
        let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(key.serialize_der()));
        CertifiedKey::new(chain, any_supported_type(&key).unwrap())
    }
}

fn authority(name: &str) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name.push(DnType::CommonName, name);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.not_before = date_time_ymd(2000, 1, 1);
    params.not_after = date_time_ymd(2100, 1, 1);
    params
}
