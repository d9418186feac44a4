//! Proofs that the name is ours, by a challenge of the authority.

use std::sync::{Arc, Mutex, PoisonError};

use instant_acme::{ChallengeType, KeyAuthorization};
use rcgen::{CertificateParams, CustomExtension, KeyPair};
use rustls::crypto::ring::sign::any_supported_type;
use rustls::sign::CertifiedKey;
use rustls_pki_types::PrivateKeyDer;

use super::http_proof::HttpProof;
use super::records::TxtLookup;
use super::served::ListenerCertificates;
use super::{FailureCode, OrderError, Patience, Records};
use crate::config::{CertificateName, ChallengeConfig};

/// Shows proofs, and takes them away.
#[derive(Debug)]
pub(super) enum Prover {
    /// In the handshakes of the door's own listener.
    TlsAlpn { served: Arc<ListenerCertificates> },
    /// On a listener of its own.
    Http { bind: std::net::SocketAddr, open: Mutex<Option<HttpProof>> },
    /// In a record of the name.
    Dns { records: Records, shown: Mutex<Option<(String, String)>> },
    /// In a record, with no provider of records: the configuration keeps this from being.
    Nowhere,
}

impl Prover {
    pub(super) fn new(
        challenge: ChallengeConfig,
        served: &Arc<ListenerCertificates>,
        records: Option<&Records>,
    ) -> Self {
        match (challenge, records) {
            (ChallengeConfig::TlsAlpn01, _) => Self::TlsAlpn { served: Arc::clone(served) },
            (ChallengeConfig::Http01 { bind }, _) => Self::Http { bind, open: Mutex::default() },
            (ChallengeConfig::Dns01, Some(records)) => {
                Self::Dns { records: records.clone(), shown: Mutex::default() }
            }
            (ChallengeConfig::Dns01, None) => Self::Nowhere,
        }
    }

    /// The type of the challenge that it answers.
    pub(super) fn challenge(&self) -> ChallengeType {
        match self {
            Self::TlsAlpn { .. } => ChallengeType::TlsAlpn01,
            Self::Http { .. } => ChallengeType::Http01,
            Self::Dns { .. } | Self::Nowhere => ChallengeType::Dns01,
        }
    }

    /// Shows a proof, and returns once the authority can find it.
    pub(super) async fn show(
        &self,
        name: &CertificateName,
        token: &str,
        proof: &KeyAuthorization,
    ) -> Result<(), OrderError> {
        match self {
            Self::TlsAlpn { served } => {
                served.show_proof(Some(Arc::new(tls_proof(name, proof)?)));
                Ok(())
            }
            Self::Http { bind, open } => {
                // Dropped first: it has the port.
                drop(take(open));
                let listener = HttpProof::open(*bind, token, proof.as_str()).await.map_err(|error| {
                    let cause = format!(
                        "ACME_HTTP_BIND={bind} cannot be listened on: {error}; forward port 80 to a port that is free"
                    );
                    OrderError::new(FailureCode::ProofPort, &cause)
                })?;
                *open.lock().unwrap_or_else(PoisonError::into_inner) = Some(listener);
                Ok(())
            }
            Self::Dns { records, shown } => {
                let (record, value) = (record_of(name), proof.dns_value());
                *shown.lock().unwrap_or_else(PoisonError::into_inner) = Some((record.clone(), value.clone()));
                records.provider.set_txt(&record, &value).await.map_err(OrderError::from)?;
                wait_until_seen(records.lookup.as_ref(), records.patience, &record, &value).await
            }
            Self::Nowhere => Err(OrderError::new(FailureCode::Records, "DNS_PROVIDER is not set")),
        }
    }

    /// Takes away what was shown.
    pub(super) async fn hide(&self) {
        match self {
            Self::TlsAlpn { served } => served.show_proof(None),
            Self::Http { open, .. } => drop(take(open)),
            Self::Dns { records, shown } => {
                let Some((record, value)) = take(shown) else { return };
                if let Err(error) = records.provider.remove_txt(&record, &value).await {
                    tracing::warn!(%error, record, "a record of a proof stays, which does no harm");
                }
            }
            Self::Nowhere => {}
        }
    }
}

fn take<T>(place: &Mutex<Option<T>>) -> Option<T> {
    place.lock().unwrap_or_else(PoisonError::into_inner).take()
}

/// The name of the record (RFC 8555, section 8.4).
fn record_of(name: &CertificateName) -> String {
    format!("_acme-challenge.{name}")
}

/// The certificate that the authority looks for in a handshake (RFC 8737, section 3; for addresses RFC 8738, section 6).
fn tls_proof(name: &CertificateName, proof: &KeyAuthorization) -> Result<CertifiedKey, OrderError> {
    let failed = |error: &dyn std::fmt::Display| {
        OrderError::new(FailureCode::OrderRefused, &format!("no proof: {error}"))
    };
    let mut params = CertificateParams::new(vec![name.to_string()]).map_err(|error| failed(&error))?;
    params.custom_extensions = vec![CustomExtension::new_acme_identifier(proof.digest().as_ref())];
    let key = KeyPair::generate().map_err(|error| failed(&error))?;
    let certificate = params.self_signed(&key).map_err(|error| failed(&error))?;
    let key = any_supported_type(&PrivateKeyDer::from(key)).map_err(|error| failed(&error))?;
    Ok(CertifiedKey::new(vec![certificate.der().clone()], key))
}

/// Waits until the resolvers show the value. The authority asks once and counts what it does not find.
async fn wait_until_seen(
    lookup: &dyn TxtLookup,
    patience: Patience,
    record: &str,
    value: &str,
) -> Result<(), OrderError> {
    let waited = tokio::time::timeout(patience.longest, async {
        // What a resolver is asked for too early it remembers as missing.
        tokio::time::sleep(patience.first).await;
        loop {
            match lookup.shows(record, value).await {
                Ok(true) => return,
                Ok(false) => {}
                Err(error) => tracing::debug!(%error, "no resolver answers"),
            }
            tokio::time::sleep(patience.every).await;
        }
    });
    waited.await.map_err(|_| {
        let cause = format!(
            "the resolvers do not show the TXT record {record} within {} s: see whether DNS_PROVIDER has it",
            patience.longest.as_secs()
        );
        OrderError::new(FailureCode::RecordNotSeen, &cause)
    })
}
