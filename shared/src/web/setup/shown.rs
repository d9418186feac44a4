//! What a page of the set-up shows beside the state.

use askama::Template;

use super::fields::Entered;
use super::plan::PlanView;
use crate::web::error::PageError;

/// Data of the page beside the state.
#[derive(Clone, Debug, Default)]
pub(super) struct Shown {
    /// Music Assistant's machine, as it was entered.
    pub(super) machine: Option<String>,
    pub(super) entered: Entered,
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
