//! The keys of the grants in the line that starts a door at home.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use secrecy::ExposeSecret as _;

use super::answer::{Place, answer};
use super::shown::{Shown, ShownKeys};
use super::step::Step;
use super::view::show;
use crate::api::ApiState;
use crate::web::error::PageError;
use crate::web::flash::Flash;
use crate::web::page::Page;

/// The place of the page that shows them.
const PLACE: Place = Place::new(Step::Address, "door-keys");

/// The page with the keys of the grants in the line that starts a door.
pub(super) async fn reveal_keys(State(state): State<ApiState>, page: Page) -> Result<Response, PageError> {
    let Some(keys) = state.authenticator.grant_keys().await else {
        return Ok(answer(&page, PLACE, Flash::bad("setup-door-no-keys", &[])));
    };
    let keys = ShownKeys(Some(keys.text().expose_secret().to_owned()));
    show(&state, &page, StatusCode::OK, Step::Address, Shown { keys, ..Shown::default() }).await
}
