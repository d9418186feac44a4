//! Answers to the forms of the set-up: each is shown in the form that was sent, on the page of its step.

use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse as _, Redirect, Response};

use super::step::Step;
use crate::web::flash::Flash;
use crate::web::headers::GO;
use crate::web::page::Page;

/// A form on the page of a step, by its id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place {
    step: Step,
    id: &'static str,
}

impl Place {
    pub(super) const fn new(step: Step, id: &'static str) -> Self {
        Self { step, id }
    }

    pub(super) fn step(self) -> Step {
        self.step
    }

    pub(super) fn id(self) -> &'static str {
        self.id
    }

    /// Its address.
    pub(super) fn path(self) -> String {
        format!("{}#{}", self.step.path(), self.id)
    }

    /// To it, without a message: for a navigation, and for the script.
    pub(super) fn go(self, page: &Page) -> Response {
        if page.is_fetch() {
            return self.named_in(StatusCode::OK.into_response());
        }
        Redirect::to(&self.path()).into_response()
    }

    /// The response with its address for the script.
    fn named_in(self, mut response: Response) -> Response {
        if let Ok(path) = HeaderValue::from_str(&self.path()) {
            response.headers_mut().insert(GO, path);
        }
        response
    }
}

/// The response to a form. The page shows the message there; the script shows a failure beside the button, where what
/// was typed stays, and goes to the page after a success.
pub(super) fn answer(page: &Page, place: Place, flash: Flash) -> Response {
    let is_good = flash.is_good();
    let response = page.redirect_with_flash(&place.step.path(), &flash.at(place.id));
    if page.is_fetch() && is_good { place.named_in(response) } else { response }
}
