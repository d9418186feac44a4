//! Buttons of what plays, where Music Assistant is not connected: Amazon commands the Echo.

use axum::extract::State;
use axum::response::Response;
use serde::Deserialize;

use crate::api::ApiState;
use crate::api::devices::{PlaybackCommand, transport_on};
use crate::web::flash::Flash;
use crate::web::form::{FormId, FormPage, ValidForm};
use crate::web::page::Page;

/// The fields of a button.
#[derive(Deserialize)]
pub(super) struct TransportForm {
    serial: String,
    command: PlaybackCommand,
    #[serde(default)]
    place: FormId,
    /// The page of the button: the first one where it is not named.
    page: Option<FormPage>,
}

/// Sends the command of a button to an Echo.
pub(super) async fn send(
    State(state): State<ApiState>,
    page: Page,
    ValidForm(form): ValidForm<TransportForm>,
) -> Response {
    let flash = match transport_on(&state, &form.serial, form.command).await {
        Ok(outcome) => Flash::good("transport-sent", &[("device", &outcome.name)]),
        Err(error) => Flash::problem(&error),
    };
    let on = form.page.unwrap_or(FormPage::Home);
    page.redirect_with_flash(on.path(), &form.place.says(flash))
}
