//! The addresses for streams and pictures.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use axum_extra::extract::Form;

use super::fields::Entered;
use super::known;
use super::settings::AddressForm;
use super::view::{Shown, show};
use crate::api::ApiState;
use crate::web::error::PageError;
use crate::web::flash::Flash;
use crate::web::page::Page;

/// Keeps them.
pub(super) async fn save(
    State(state): State<ApiState>,
    page: Page,
    Form(form): Form<AddressForm>,
) -> Result<Response, PageError> {
    let settings = known::settings(&state).await?;
    match form.apply(&settings, page.language()) {
        Ok(changed) => {
            state.put_settings(&changed).await?;
            Ok(page.done("/setup#streams", &Flash::good("setup-saved", &[])))
        }
        Err(problems) => {
            let entered = Entered { addresses: Some(form), problems, ..Entered::default() };
            show(&state, &page, StatusCode::UNPROCESSABLE_ENTITY, Shown { entered, ..Shown::default() }).await
        }
    }
}
