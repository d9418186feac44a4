//! Forms of the pages.

use axum::extract::{FromRequest, Request};
use axum_extra::extract::Form;
use serde::de::DeserializeOwned;

use super::error::PageError;

/// The fields of a form. A form that its page cannot have sent is answered with an error page.
#[derive(Debug)]
pub(super) struct ValidForm<T>(pub(super) T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for ValidForm<T> {
    type Rejection = PageError;

    async fn from_request(request: Request, state: &S) -> Result<Self, Self::Rejection> {
        let form = Form::<T>::from_request(request, state).await;
        form.map(|Form(fields)| Self(fields)).map_err(|_| PageError::malformed())
    }
}
