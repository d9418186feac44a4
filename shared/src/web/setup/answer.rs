//! Answers to the forms of the set-up: each is shown in the form that was sent, on the page of its step.

use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse as _, Redirect, Response};

use super::step::SetupStep;
use crate::web::flash::Flash;
use crate::web::headers::{GO, OPEN};
use crate::web::page::Page;

/// A form on the page of a step, by its id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct StepForm {
    step: SetupStep,
    id: &'static str,
}

impl StepForm {
    pub(super) const fn new(step: SetupStep, id: &'static str) -> Self {
        Self { step, id }
    }

    pub(super) fn step(self) -> SetupStep {
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

    /// To it, and for the script to a page of Amazon.
    pub(super) fn go_and_open(self, page: &Page, url: &str) -> Response {
        let mut response = self.go(page);
        if page.is_fetch()
            && let Ok(url) = HeaderValue::from_str(url)
        {
            response.headers_mut().insert(OPEN, url);
        }
        response
    }

    /// The response with its address for the script.
    fn named_in(self, mut response: Response) -> Response {
        if let Ok(path) = HeaderValue::from_str(&self.path()) {
            response.headers_mut().insert(GO, path);
        }
        response
    }
}

/// The response to the form that ends a step: it leads to the step that is next then. Else as [`answer`].
pub(super) fn answer_with_next(
    page: &Page,
    place: StepForm,
    next: Option<SetupStep>,
    flash: Flash,
) -> Response {
    let Some(next) = next.filter(|next| *next != place.step()) else { return answer(page, place, flash) };
    let response = page.redirect_with_flash(&next.path(), &flash);
    if page.is_fetch() { leading_to(response, next) } else { response }
}

/// A response from which the script goes on to a step.
pub(super) fn leading_to(mut response: Response, next: SetupStep) -> Response {
    if let Ok(path) = HeaderValue::from_str(&next.path()) {
        response.headers_mut().insert(GO, path);
    }
    response
}

/// The response to a form. The page shows the message there; the script shows a failure beside the button, where what
/// was typed stays, and goes to the page after a success.
pub(super) fn answer(page: &Page, place: StepForm, flash: Flash) -> Response {
    let is_good = flash.is_good();
    let response = page.redirect_with_flash(&place.step.path(), &flash.at(place.id));
    if page.is_fetch() && is_good { place.named_in(response) } else { response }
}
