//! What Amazon says of the last change of a manifest or a model.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::clock::Timestamp;

/// The last change, as a status tells it.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Last {
    /// It is being worked on.
    InProgress,
    /// It serves.
    Succeeded {
        /// The tag of what serves.
        etag: Option<String>,
    },
    /// It does not serve.
    Failed {
        /// The tag of what serves instead.
        etag: Option<String>,
        /// Amazon's list of errors.
        errors: Value,
    },
}

impl Last {
    /// That of the manifest; none where nothing is said of it.
    pub(super) fn of_manifest(status: &Value) -> Option<Self> {
        Self::of(&status["manifest"])
    }

    /// That of the model of this locale; none where nothing is said of it.
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

/// How long it takes at most until a status speaks of what was written.
const SETTLED: Duration = Duration::from_mins(1);

/// A change that was sent, and what tells its outcome from that of another.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Write {
    /// The tag in the status before.
    pub(super) before: Option<String>,
    /// The tag that the answer gave it, where it gave one.
    pub(super) etag: Option<String>,
    /// When it was about to be sent.
    pub(super) at: Timestamp,
    /// Whether its answer came.
    pub(super) sent: bool,
    /// Whether Amazon was seen at work since.
    pub(super) seen: bool,
}

/// What became of a change.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Verdict {
    /// Amazon works, or speaks of an older one still.
    Pending,
    /// It serves.
    Serves,
    /// A status that stays as it was says that something serves: only a look at the thing itself tells.
    LookAgain,
    /// It does not serve; Amazon's list of errors.
    Failed(Value),
}

impl Write {
    pub(super) fn about_to(before: Option<&Last>, at: Timestamp) -> Self {
        Self { before: before.and_then(Last::etag), etag: None, at, sent: false, seen: false }
    }

    /// Whether its outcome is overdue. What was sent before the clock was set back is waited for by the job's own patience.
    pub(super) fn is_late(&self, patience: Duration, now: Timestamp) -> bool {
        now.since(self.at) >= patience
    }

    /// What a status says of this change, and not of one before.
    pub(super) fn verdict(&mut self, last: Option<Last>, now: Timestamp) -> Verdict {
        let Some(last) = last else {
            return Verdict::Pending;
        };
        if last == Last::InProgress {
            self.seen = true;
            return Verdict::Pending;
        }
        let shown = last.etag();
        let is_own = self.seen || (shown.is_some() && (shown == self.etag || shown != self.before));
        let is_settled = !now.is_within(SETTLED, self.at);
        match last {
            Last::Failed { errors, .. } if is_own || is_settled => Verdict::Failed(errors),
            Last::Succeeded { .. } if is_own => Verdict::Serves,
            Last::Succeeded { .. } if is_settled => Verdict::LookAgain,
            _ => Verdict::Pending,
        }
    }
}
