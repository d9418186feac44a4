//! The check of the public addresses alone, which the set-up repeats until they are right.

use super::checks;
use super::evidence::{ProbeResults, RandomName, Reached, Snapshot};
use super::finding::ReportedFinding;
use super::run::Doctor;
use crate::store::StoreError;

/// The part of the public addresses that is probed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AddressScope {
    /// Name, connection and certificate, by one request to each address.
    Reach,
    /// Streams, Alexa's requests and what else gets out, too.
    Whole,
}

impl Doctor {
    /// The findings about the public addresses: those of the door, the streams and the endpoint of the skill. None says
    /// that all is well. Takes at most six seconds and the store's time, and stores nothing.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn check_addresses(&self, scope: AddressScope) -> Result<Vec<ReportedFinding>, StoreError> {
        let services = self.services();
        let snapshot = Snapshot::take(services).await?;
        let findings = match scope {
            AddressScope::Reach => checks::reach(&Reached::collect(services, &snapshot).await),
            AddressScope::Whole => {
                let name = RandomName::new(services.deps.random.as_ref());
                let probes = ProbeResults::collect_addresses(services, &snapshot, &name).await;
                checks::addresses(&snapshot, &probes)
            }
        };
        Ok(findings.iter().map(ReportedFinding::from).collect())
    }
}
