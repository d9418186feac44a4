//! The data of a page of the set-up beside the state.

use askama::Template;
use serde::Deserialize;

use super::fields::Entered;
use super::plan::PlanView;
use crate::web::error::PageError;

/// A fold that a link opens, since a field in it is where a person acts on a problem.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Fold {
    /// The fields that few people need.
    Advanced,
    /// The configurations for a proxy before Music Assistant itself.
    Proxies,
    /// The form of the skill.
    Form,
    /// Music Assistant's Alexa provider.
    Provider,
    /// The form that connects Music Assistant.
    Connection,
}

/// Data of the page beside the state.
#[derive(Clone, Debug, Default)]
pub(super) struct PageData {
    /// Music Assistant's machine, as it was entered.
    pub(super) machine: Option<String>,
    pub(super) entered: Entered,
    pub(super) open: Option<Fold>,
    /// The client id of a security profile that was not taken.
    pub(super) client_id: Option<String>,
    pub(super) keys: ShownKeys,
    /// The changes of the skill before they are made.
    pub(super) plan: Option<PlanView>,
}

/// The keys of the grants as text, once a person asked for them. `Debug` shows none.
#[derive(Clone, Default)]
pub(super) struct ShownKeys(pub(super) Option<String>);

impl std::fmt::Debug for ShownKeys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("ShownKeys").field(&self.0.is_some()).finish()
    }
}

/// A part of the page as a text.
pub(super) fn part(template: &impl Template) -> Result<String, PageError> {
    template.render().map_err(|error| {
        tracing::error!(%error, "a template cannot be rendered");
        PageError::internal()
    })
}
