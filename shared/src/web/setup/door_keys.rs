//! The keys of the grants in the line that starts a door at home.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use secrecy::ExposeSecret as _;

use super::answer::{StepForm, answer};
use super::shown::{PageData, ShownKeys};
use super::step::SetupStep;
use super::view::show;
use crate::api::ApiState;
use crate::web::error::PageError;
use crate::web::flash::Flash;
use crate::web::page::Page;

/// The place of the page that shows them.
const PLACE: StepForm = StepForm::new(SetupStep::Address, "door-keys");

/// The page with the keys of the grants in the line that starts a door.
pub(super) async fn reveal_keys(State(state): State<ApiState>, page: Page) -> Result<Response, PageError> {
    let Some(keys) = state.authenticator.grant_keys().await else {
        return Ok(answer(&page, PLACE, Flash::bad("setup-door-no-keys", &[])));
    };
    let keys = ShownKeys(Some(keys.text().expose_secret().to_owned()));
    show(&state, &page, StatusCode::OK, SetupStep::Address, PageData { keys, ..PageData::default() }).await
}
