//! The first step, which is done on every page: a password opens it.

use askama::Template;

use super::shown::part;
use crate::api::ApiState;
use crate::web::error::PageError;
use crate::web::page::Page;

#[derive(Template)]
#[template(path = "setup/sign-in.html")]
struct SignInBody<'a> {
    page: &'a Page,
    /// The place of the passwords; none in an add-on, whose files a person does not reach.
    place: Option<String>,
}

/// The open card.
pub(super) fn body(state: &ApiState, page: &Page) -> Result<String, PageError> {
    let place = (!state.is_add_on()).then(|| state.secrets.location());
    part(&SignInBody { page, place })
}
