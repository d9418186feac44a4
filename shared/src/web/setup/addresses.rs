//! The addresses for streams and pictures.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;

use super::fields::Entered;
use super::settings::AddressForm;
use super::view::{Shown, show};
use super::{Sent, fields, known};
use crate::api::ApiState;
use crate::web::error::PageError;
use crate::web::flash::Flash;
use crate::web::page::Page;

/// Keeps them.
pub(super) async fn save(
    State(state): State<ApiState>,
    page: Page,
    sent: Sent<AddressForm>,
) -> Result<Response, PageError> {
    let form = fields(sent)?;
    let settings = known::settings(&state).await?;
    let language = page.language();
    match form.apply(&settings, language) {
        Ok(_) => {
            known::keep(&state, move |settings| form.apply(settings, language)).await?;
            Ok(page.done("/setup#streams", &Flash::good("setup-saved", &[])))
        }
        Err(problems) => {
            let entered = Entered { addresses: Some(form), problems, ..Entered::default() };
            show(&state, &page, StatusCode::UNPROCESSABLE_ENTITY, Shown { entered, ..Shown::default() }).await
        }
    }
}
