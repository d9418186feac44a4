//! Answers of pages: a whole page, a fragment for the script, or a redirect with a message.

use std::time::Duration;

use askama::Template;
use axum::response::{Html, IntoResponse as _, Redirect, Response};

use super::cookies;
use super::error::PageError;
use super::flash::{self, Flash};
use super::page::Page;
use super::remedy::Link;

/// Time that a sentence waits for the page that says it.
const FLASH_KEPT: Duration = Duration::from_mins(1);

/// Marks a response that shows the waiting message.
#[derive(Clone, Copy, Debug)]
pub(super) struct ConsumesFlash;

impl Page {
    /// A whole page.
    pub(crate) fn render(&self, template: &impl Template) -> Response {
        let mut response = self.fragment(template);
        response.extensions_mut().insert(ConsumesFlash);
        response
    }

    /// A part of a page, which the script puts into it.
    #[expect(clippy::unused_self, reason = "beside `render`")]
    pub(crate) fn fragment(&self, template: &impl Template) -> Response {
        match template.render() {
            Ok(html) => Html(html).into_response(),
            Err(error) => {
                tracing::error!(%error, "a template cannot be rendered");
                PageError::internal().into_response()
            }
        }
    }

    /// One sentence, which the script shows; `good` for a success.
    pub(super) fn sentence(&self, good: bool, text: &str) -> Response {
        self.fragment(&Said { good, text, link: None })
    }

    /// A message, which the script shows.
    fn said(&self, flash: &Flash) -> Response {
        self.fragment(&Said {
            good: flash.is_good(),
            text: &self.flash_text(flash),
            link: self.flash_link(flash),
        })
    }

    /// The response to a form: the page at `to` shows `flash`, or the script does.
    pub(crate) fn redirect_with_flash(&self, to: &str, flash: &Flash) -> Response {
        if self.is_fetch() {
            return self.said(flash);
        }
        let to = match flash.place() {
            Some(place) => format!("{to}#{place}"),
            None => to.to_owned(),
        };
        let mut response = Redirect::to(&to).into_response();
        let cookie = cookies::cookie(flash::COOKIE, flash.to_cookie(), self.is_https(), FLASH_KEPT);
        cookies::add(&mut response, &cookie);
        response
    }
}

/// A message, as the script shows it.
#[derive(Template)]
#[template(path = "shared/said.html")]
struct Said<'a> {
    good: bool,
    text: &'a str,
    link: Option<Link>,
}
