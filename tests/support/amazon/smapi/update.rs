//! Updates of a manifest or a model, and the statuses that show them.

use serde_json::{Value, json};

/// A resource that is changed in the background: a manifest, or the model of a locale.
#[derive(Clone, Debug, Default)]
pub(super) struct Updated {
    /// The number in the entity tag.
    etag: u64,
    /// The update before: its tag, and the reason where it failed.
    before: Option<(u64, Option<String>)>,
    lags: usize,
    polls: usize,
    /// Reason why the write failed.
    failed: Option<String>,
    touched: bool,
}

impl Updated {
    /// A resource that was written long ago.
    pub(super) fn settled() -> Self {
        Self { etag: 1, touched: true, ..Self::default() }
    }

    /// Accepts a write.
    pub(super) fn write(&mut self, lags: usize, polls: usize, failed: Option<String>) {
        self.before = self.touched.then(|| (self.etag, self.failed.clone()));
        // A failed update leaves the version that serves.
        self.etag += u64::from(failed.is_none());
        (self.lags, self.polls, self.failed, self.touched) = (lags, polls, failed, true);
    }

    pub(super) fn etag(&self) -> String {
        format!("etag-{}", self.etag)
    }

    /// Whether another write would be refused.
    pub(super) fn is_busy(&self) -> bool {
        self.polls > 0
    }

    /// Whether the last update serves.
    pub(super) fn serves(&self) -> bool {
        self.touched && self.polls == 0 && self.failed.is_none()
    }

    /// The next status.
    pub(super) fn status(&mut self) -> Option<Value> {
        if !self.touched {
            return None;
        }
        if self.lags > 0 {
            self.lags -= 1;
            return self.before.clone().map(|(etag, failed)| said(etag, failed.as_deref()));
        }
        if self.polls > 0 {
            self.polls -= 1;
            let etag = self.before.as_ref().map_or(self.etag, |(etag, _)| *etag);
            return Some(json!({
                "eTag": format!("etag-{etag}"), "lastUpdateRequest": { "status": "IN_PROGRESS" },
            }));
        }
        Some(said(self.etag, self.failed.as_deref()))
    }
}

fn said(etag: u64, failed: Option<&str>) -> Value {
    let request = match failed {
        None => json!({ "status": "SUCCEEDED" }),
        Some(reason) => json!({ "status": "FAILED", "errors": [{ "code": "INVALID", "message": reason }] }),
    };
    json!({ "eTag": format!("etag-{etag}"), "lastUpdateRequest": request })
}
