//! The certificate chains that are known, and the URLs that were refused a moment ago.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::chain::SigningCertificate;
use super::{CertificateUrl, VerificationError};
use crate::clock::{Moment, Timestamp};

/// Number of entries of each kind that are kept. Amazon uses one URL at a time, and a new one about once a year.
const CAPACITY: usize = 16;
/// Time for which a bad URL is refused without another fetch. It is long enough that a repeated forged request costs
/// nothing. It is short enough that a network failure is over when a person speaks the sentence again.
const REFUSAL: Duration = Duration::from_secs(10);

/// Valid chains and recent refusals, by URL.
#[derive(Debug, Default)]
pub(super) struct Cache(Mutex<Entries>);

type Chains = VecDeque<(CertificateUrl, Arc<SigningCertificate>)>;

#[derive(Debug, Default)]
struct Entries {
    /// Chains that have verified a signature, least recently used first. Only such a chain takes a place here.
    proven: Chains,
    /// Valid chains that have not: a stranger may name any file of Amazon's. Least recently used first.
    unproven: Chains,
    /// Refused URLs with time and reason, oldest first.
    refused: VecDeque<(CertificateUrl, Moment, VerificationError)>,
}

impl Cache {
    /// The certificate behind `url`, if it is known and its chain still valid at `now`.
    pub(super) fn get(&self, url: &CertificateUrl, now: Timestamp) -> Option<Arc<SigningCertificate>> {
        let mut entries = self.entries();
        let Entries { proven, unproven, .. } = &mut *entries;
        touch(proven, url, now).or_else(|| touch(unproven, url, now))
    }

    /// Reason why `url` was refused a moment before `now`, if it was.
    pub(super) fn refusal(&self, url: &CertificateUrl, now: Moment) -> Option<VerificationError> {
        let refused = &mut self.entries().refused;
        refused.retain(|(_, at, _)| now.since(*at) < REFUSAL);
        refused.iter().find(|(known, ..)| known == url).map(|(.., error)| error.clone())
    }

    /// Keeps a valid chain that has not verified a signature yet.
    pub(super) fn keep(&self, url: &CertificateUrl, certificate: &Arc<SigningCertificate>) {
        push(&mut self.entries().unproven, (url.clone(), Arc::clone(certificate)));
    }

    /// Notes that the chain behind `url` has verified a signature.
    pub(super) fn prove(&self, url: &CertificateUrl, certificate: &Arc<SigningCertificate>) {
        let mut entries = self.entries();
        if entries.proven.iter().any(|(known, _)| known == url) {
            return;
        }
        entries.unproven.retain(|(known, _)| known != url);
        push(&mut entries.proven, (url.clone(), Arc::clone(certificate)));
    }

    /// Keeps for a moment that `url` was refused.
    pub(super) fn refuse(&self, url: &CertificateUrl, at: Moment, error: &VerificationError) {
        push(&mut self.entries().refused, (url.clone(), at, error.clone()));
    }

    fn entries(&self) -> MutexGuard<'_, Entries> {
        // No entry is ever half written, so a panic elsewhere leaves nothing to fear.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The certificate behind `url`, which becomes the most recently used; one that is not valid at `now` is dropped.
fn touch(chains: &mut Chains, url: &CertificateUrl, now: Timestamp) -> Option<Arc<SigningCertificate>> {
    let position = chains.iter().position(|(known, _)| known == url)?;
    let entry = chains.remove(position).filter(|(_, certificate)| certificate.is_valid_at(now))?;
    let certificate = Arc::clone(&entry.1);
    chains.push_back(entry);
    Some(certificate)
}

fn push<T>(entries: &mut VecDeque<T>, entry: T) {
    if entries.len() >= CAPACITY {
        entries.pop_front();
    }
    entries.push_back(entry);
}
