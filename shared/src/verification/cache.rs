//! What is remembered of the certificate URLs that were asked for lately.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::chain::SigningCertificate;
use super::{CertificateUrl, VerificationError};
use crate::clock::Timestamp;

/// How many good and how many bad URLs are remembered. Amazon uses one at a time, and a new one about once a year.
const CAPACITY: usize = 16;
/// For how long a bad URL is refused without asking again: long enough that repeating a forged request costs us
/// nothing, short enough that a network failure is over when somebody speaks the sentence again.
const REFUSAL: Duration = Duration::from_secs(10);

/// Good chains and recent refusals, by URL.
#[derive(Debug, Default)]
pub(super) struct Cache(Mutex<Entries>);

#[derive(Debug, Default)]
struct Entries {
    /// Least recently used first.
    good: VecDeque<(CertificateUrl, Arc<SigningCertificate>)>,
    /// Oldest first.
    bad: VecDeque<(CertificateUrl, Timestamp, VerificationError)>,
}

impl Cache {
    /// The certificate behind `url`, if it is known and its chain still valid at `now`.
    pub(super) fn get(&self, url: &CertificateUrl, now: Timestamp) -> Option<Arc<SigningCertificate>> {
        let good = &mut self.entries().good;
        let position = good.iter().position(|(known, _)| known == url)?;
        let entry = good.remove(position)?;
        if !entry.1.is_valid_at(now) {
            return None;
        }
        let certificate = Arc::clone(&entry.1);
        good.push_back(entry);
        Some(certificate)
    }

    /// Why `url` was refused a moment before `now`, if it was.
    pub(super) fn refusal(&self, url: &CertificateUrl, now: Timestamp) -> Option<VerificationError> {
        let bad = &mut self.entries().bad;
        // A refusal noted later than `now` comes from before the clock was set back, and counts no more.
        bad.retain(|(_, at, _)| *at <= now && now.since(*at) < REFUSAL);
        bad.iter().find(|(known, ..)| known == url).map(|(.., error)| error.clone())
    }

    /// Remembers a good chain.
    pub(super) fn keep(&self, url: &CertificateUrl, certificate: &Arc<SigningCertificate>) {
        push(&mut self.entries().good, (url.clone(), Arc::clone(certificate)));
    }

    /// Remembers for a moment that `url` was refused.
    pub(super) fn refuse(&self, url: &CertificateUrl, at: Timestamp, error: &VerificationError) {
        push(&mut self.entries().bad, (url.clone(), at, error.clone()));
    }

    fn entries(&self) -> MutexGuard<'_, Entries> {
        // No entry is ever half written, so a panic elsewhere leaves nothing to fear.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn push<T>(entries: &mut VecDeque<T>, entry: T) {
    if entries.len() >= CAPACITY {
        entries.pop_front();
    }
    entries.push_back(entry);
}
