//! Reports of a visual document (Alexa Presentation Language).

use std::fmt;

use serde::Deserialize;
use serde_json::Value;

use super::lenient;

/// `Alexa.Presentation.APL.*`.
#[derive(Debug, Clone, PartialEq)]
pub enum AplRequest {
    /// The user touched something, or the document sent an event of its own.
    UserEvent(UserEvent),
    /// The document failed; the errors as they came.
    RuntimeError(Payload),
    /// A list wants more of its elements, by index.
    LoadIndexListData(LoadIndexListData),
    /// A list wants more of its elements, by page.
    LoadTokenListData(LoadTokenListData),
}

/// `Alexa.Presentation.APL.UserEvent`.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct UserEvent {
    /// The token of the document.
    #[serde(default, deserialize_with = "lenient::or_default")]
    pub token: String,
    /// Arguments that the document sends along.
    #[serde(default)]
    pub arguments: Payload,
}

/// `Alexa.Presentation.APL.LoadIndexListData`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct LoadIndexListData {
    /// Ties the answer to the request.
    #[serde(default, deserialize_with = "lenient::or_default")]
    pub correlation_token: String,
    /// Id of the list.
    #[serde(default, deserialize_with = "lenient::or_default")]
    pub list_id: String,
    /// The first index that is wanted; may be negative.
    #[serde(default, deserialize_with = "lenient::or_default")]
    pub start_index: i64,
    /// Number of requested elements.
    #[serde(default, deserialize_with = "lenient::or_default")]
    pub count: u64,
}

/// `Alexa.Presentation.APL.LoadTokenListData`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct LoadTokenListData {
    /// Ties the answer to the request.
    #[serde(default, deserialize_with = "lenient::or_default")]
    pub correlation_token: String,
    /// Id of the list.
    #[serde(default, deserialize_with = "lenient::or_default")]
    pub list_id: String,
    /// Token of the requested page.
    #[serde(default, deserialize_with = "lenient::or_default")]
    pub page_token: String,
}

/// JSON that another skill or a document made, of unknown content. `Debug` does not show it.
#[derive(Clone, Default, PartialEq, Deserialize)]
#[serde(transparent)]
pub struct Payload(pub Value);

impl Payload {
    pub(super) fn of(body: &Value, field: &str) -> Self {
        Self(body.get(field).cloned().unwrap_or_default())
    }
}

impl fmt::Debug for Payload {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Payload(..)")
    }
}
