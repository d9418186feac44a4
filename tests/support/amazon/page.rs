//! Answers of every kind.
#![expect(clippy::unwrap_used, reason = "these answers are well-formed")]

use axum::body::Body;
use axum::http::{HeaderName, HeaderValue, Response, StatusCode, header};
use serde_json::Value;

/// An answer.
pub(super) type Page = Response<Body>;

/// With this status, content type and body.
pub(super) fn page(status: u16, content_type: &str, body: impl Into<Body>) -> Page {
    let page = Response::builder().status(status).header(header::CONTENT_TYPE, content_type);
    page.body(body.into()).unwrap()
}

/// JSON.
pub(super) fn json(status: u16, body: &Value) -> Page {
    page(status, "application/json;charset=utf-8", body.to_string())
}

/// No body.
pub(super) fn empty(status: u16) -> Page {
    let mut page = Page::default();
    *page.status_mut() = StatusCode::from_u16(status).unwrap();
    page
}

/// A web page with this headline.
pub(super) fn html(status: u16, headline: &str) -> Page {
    let body =
        format!("<!DOCTYPE html><html><head><title>{headline}</title></head><body>{headline}</body></html>");
    page(status, "text/html;charset=UTF-8", body)
}

/// Page of Amazon where there is nothing, and where a sign-in ends.
pub(super) fn not_found() -> Page {
    html(404, "Page Not Found")
}

/// Page of Amazon for a person who is not signed in.
pub(super) fn sign_in_page() -> Page {
    html(200, "Amazon Sign-In")
}

/// Sends the caller to the sign-in page. The address is relative: a client that follows it is seen here, and reaches
/// nothing outside the machine.
pub(super) fn sign_in_redirect() -> Page {
    redirect("/ap/signin?openid.mode=checkid_setup")
}

/// Sends the caller elsewhere.
pub(super) fn redirect(location: &str) -> Page {
    with(empty(302), "location", location)
}

/// The same answer with one more header.
pub(super) fn with(mut page: Page, name: &'static str, value: &str) -> Page {
    page.headers_mut().append(HeaderName::from_static(name), HeaderValue::from_str(value).unwrap());
    page
}
