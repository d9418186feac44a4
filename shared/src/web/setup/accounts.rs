//! The third step: the two sign-ins at Amazon.

use askama::Template;

use super::checklist::SetupState;
use super::returns::Returns;
use super::shown::{PageData, part};
use crate::api::ApiState;
use crate::web::error::PageError;
use crate::web::page::Page;

#[derive(Template)]
#[template(path = "setup/amazon.html")]
struct AccountsBody<'a> {
    page: &'a Page,
    setup: &'a SetupState,
    returns: Returns,
    client_id: String,
    /// Whether Amazon leads the pending developer sign-in to a page that this browser does not find.
    is_pasted: bool,
    /// Whether the way in use works without the account of the Echos.
    is_optional: bool,
    has_renderers: bool,
}

/// The open card.
pub(super) fn body(
    state: &ApiState,
    page: &Page,
    setup: &SetupState,
    shown: &PageData,
) -> Result<String, PageError> {
    let returns = Returns::of(page, setup.api_url().as_deref(), state.deps.config.api.port);
    let known = setup.developer.client_id.clone();
    part(&AccountsBody {
        page,
        setup,
        is_pasted: setup
            .consent
            .as_ref()
            .is_some_and(|consent| returns.is_pasted || consent.return_url != returns.url),
        client_id: shown.client_id.clone().or(known).unwrap_or_default(),
        returns,
        is_optional: !setup.needs_household(),
        has_renderers: setup.renderers.address().is_some(),
    })
}
