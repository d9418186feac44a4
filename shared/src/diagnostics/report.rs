//! The report of all checks.

use serde::{Deserialize, Serialize};

use super::check::{Check, CheckKind};
use super::finding::{Finding, ReportedFinding, Verdict};
use crate::clock::Timestamp;

/// The results of one run of all checks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DoctorReport {
    /// The start of the run.
    pub at: Timestamp,
    /// The checks in their order.
    #[serde(rename = "links")]
    pub checks: Vec<Check>,
}

impl DoctorReport {
    /// Whether no check is broken.
    #[must_use]
    pub fn is_healthy(&self) -> bool {
        self.checks.iter().all(|check| check.verdict != Verdict::Broken)
    }

    /// All findings, in the order of the checks.
    pub fn findings(&self) -> impl Iterator<Item = &ReportedFinding> {
        self.checks.iter().flat_map(|check| &check.findings)
    }

    /// The same report with one more finding of a check.
    #[must_use]
    pub(super) fn with(mut self, kind: CheckKind, finding: &Finding) -> Self {
        self.checks = self
            .checks
            .into_iter()
            .map(|check| if check.kind == kind { check.with(finding) } else { check })
            .collect();
        self
    }
}
