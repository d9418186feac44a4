//! Updates of a manifest or a model, which Amazon makes in the background.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::clock::Timestamp;

/// The last update of a manifest or a model, as a status has it.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum LastUpdate {
    /// Amazon works on it.
    InProgress,
    /// The new version serves.
    Succeeded {
        /// The tag of the version that serves.
        etag: Option<String>,
    },
    /// The new version does not serve.
    Failed {
        /// The tag of the version that serves instead.
        etag: Option<String>,
        /// Amazon's list of errors.
        errors: Value,
    },
}

impl LastUpdate {
    /// The last update of the manifest; none where the status has none.
    pub(super) fn of_manifest(status: &Value) -> Option<Self> {
        Self::of(&status["manifest"])
    }

    /// The last update of a locale's model; none where the status has none.
    pub(super) fn of_model(status: &Value, locale: &str) -> Option<Self> {
        Self::of(&status["interactionModel"][locale])
    }

    fn etag(&self) -> Option<String> {
        match self {
            Self::InProgress => None,
            Self::Succeeded { etag } | Self::Failed { etag, .. } => etag.clone(),
        }
    }

    fn of(resource: &Value) -> Option<Self> {
        let request = resource.get("lastUpdateRequest")?;
        let etag = resource["eTag"].as_str().map(str::to_owned);
        Some(match request["status"].as_str()? {
            "SUCCEEDED" => Self::Succeeded { etag },
            "FAILED" => Self::Failed { etag, errors: request["errors"].clone() },
            _ => Self::InProgress,
        })
    }
}

/// The longest delay until a status shows a new update.
const STATUS_DELAY: Duration = Duration::from_mins(1);

/// An update that was sent, with the facts that tell its outcome from that of another.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct PendingUpdate {
    /// The tag in the status before.
    pub(super) before: Option<String>,
    /// The tag in the response, where it had one.
    pub(super) etag: Option<String>,
    /// Time just before it was sent.
    pub(super) at: Timestamp,
    /// Whether its response came.
    pub(super) sent: bool,
    /// Whether a status was in progress since.
    pub(super) seen: bool,
}

/// The outcome of an update.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum UpdateOutcome {
    /// Amazon works on it, or the status is of an older one.
    Pending,
    /// The new version serves.
    Serves,
    /// The status never changed, and says that a version serves: the manifest or model has to be read.
    Unclear,
    /// The new version does not serve; Amazon's list of errors.
    Failed(Value),
}

impl PendingUpdate {
    /// An update that is about to be sent.
    pub(super) fn new(before: Option<&LastUpdate>, at: Timestamp) -> Self {
        Self { before: before.and_then(LastUpdate::etag), etag: None, at, sent: false, seen: false }
    }

    /// Whether its outcome is overdue. After a clock that was set back, the patience of the provisioning counts.
    pub(super) fn is_late(&self, patience: Duration, now: Timestamp) -> bool {
        now.since(self.at) >= patience
    }

    /// The outcome by a status, which may be of an older update.
    pub(super) fn outcome(&mut self, last: Option<LastUpdate>, now: Timestamp) -> UpdateOutcome {
        let Some(last) = last else {
            return UpdateOutcome::Pending;
        };
        if last == LastUpdate::InProgress {
            self.seen = true;
            return UpdateOutcome::Pending;
        }
        let shown = last.etag();
        let is_own = self.seen || (shown.is_some() && (shown == self.etag || shown != self.before));
        let is_settled = !now.is_within(STATUS_DELAY, self.at);
        match last {
            LastUpdate::Failed { errors, .. } if is_own || is_settled => UpdateOutcome::Failed(errors),
            LastUpdate::Succeeded { .. } if is_own => UpdateOutcome::Serves,
            LastUpdate::Succeeded { .. } if is_settled => UpdateOutcome::Unclear,
            _ => UpdateOutcome::Pending,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const AT: Timestamp = Timestamp::from_millis(1_795_334_400_000);

    fn sent(before: Option<&str>, etag: Option<&str>) -> PendingUpdate {
        let (before, etag) = (before.map(str::to_owned), etag.map(str::to_owned));
        PendingUpdate { before, etag, at: AT, sent: true, seen: false }
    }

    fn succeeded(etag: &str) -> LastUpdate {
        LastUpdate::Succeeded { etag: Some(etag.to_owned()) }
    }

    fn failed(etag: &str) -> LastUpdate {
        LastUpdate::Failed { etag: Some(etag.to_owned()), errors: Value::Null }
    }

    #[test]
    fn a_status_of_an_older_update_is_no_outcome() {
        let mut update = sent(Some("1"), None);
        for last in [None, Some(succeeded("1")), Some(failed("1"))] {
            assert_eq!(update.outcome(last, AT), UpdateOutcome::Pending);
        }
        assert_eq!(update.outcome(Some(succeeded("2")), AT), UpdateOutcome::Serves);
        assert_eq!(update.outcome(Some(failed("2")), AT), UpdateOutcome::Failed(Value::Null));
    }

    #[test]
    fn a_status_with_the_tag_of_the_response_is_its_outcome() {
        let mut update = sent(Some("1"), Some("1"));
        assert_eq!(update.outcome(Some(succeeded("1")), AT), UpdateOutcome::Serves);
    }

    #[test]
    fn a_status_that_was_in_progress_is_of_this_update_from_then_on() {
        let mut update = sent(Some("1"), None);
        assert_eq!(update.outcome(Some(LastUpdate::InProgress), AT), UpdateOutcome::Pending);
        assert_eq!(update.outcome(Some(succeeded("1")), AT), UpdateOutcome::Serves);
    }

    #[test]
    fn after_a_minute_a_failure_counts_and_a_success_is_unclear() {
        let mut update = sent(Some("1"), None);
        let later = AT.plus(STATUS_DELAY + Duration::from_millis(1));
        assert_eq!(update.outcome(Some(succeeded("1")), later), UpdateOutcome::Unclear);
        assert_eq!(update.outcome(Some(failed("1")), later), UpdateOutcome::Failed(Value::Null));
        assert!(update.is_late(STATUS_DELAY, later) && !update.is_late(STATUS_DELAY, AT));
    }
}
