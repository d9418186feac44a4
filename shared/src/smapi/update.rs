//! What Amazon says of the last change of a manifest or a model.

use serde_json::Value;

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
