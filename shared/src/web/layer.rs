//! The layer of every page: rejects the forms of other sites, renders errors and adds headers.

use std::time::Duration;

use askama::Template;
use axum::Extension;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};

use super::error::PageError;
use super::page::{Page, reads_only};
use super::render::ConsumesFlash;
use super::{cookies, flash, headers, language, origin, theme};
use crate::api::{self, ApiState, OfPage, Proven};
use crate::deadline::Deadline;

/// Time for which the choice of a language or of a theme is kept.
const CHOICE_KEPT: Duration = Duration::from_hours(365 * 24);

/// Time limit of a page that says an error.
const ERROR_PAGE: Duration = Duration::from_secs(1);

#[derive(Template)]
#[template(path = "shared/error.html")]
struct ErrorPage<'a> {
    page: &'a Page,
    title: &'a str,
    text: &'a str,
    detail: Option<&'a str>,
}

/// The inner layer of every page: finds the session, and rejects the forms of other sites.
pub(super) async fn open(State(state): State<ApiState>, request: Request, next: Next) -> Response {
    let (mut parts, body) = request.into_parts();
    let is_ours =
        reads_only(&parts) || origin::is_same_origin(&parts, origin::configured(&state).await.as_ref());
    match Page::of(&state, &parts).await {
        Err((page, error)) => (Extension(page), error).into_response(),
        Ok(page) if !is_ours => (Extension(page), PageError::forbidden()).into_response(),
        Ok(page) => {
            parts.extensions.insert(page.clone());
            let mut response = in_time(next.run(Request::from_parts(parts, body))).await;
            if page.session().is_some() {
                response.extensions_mut().insert(Proven);
            }
            response.extensions_mut().insert(page);
            response
        }
    }
}

/// Gives up a page a little before its request is, so that it says so as a page.
async fn in_time(response: impl Future<Output = Response>) -> Response {
    let Some(deadline) = Deadline::current() else {
        return response.await;
    };
    let answered = deadline.limit_before(ERROR_PAGE, response).await;
    answered.unwrap_or_else(|_| PageError::from(api::too_late()).into_response())
}

/// The outer layer of every page: renders errors, and puts on what every answer has. An answer of the API, which the
/// fallback gives too, stays as it is.
pub(super) async fn finish(State(state): State<ApiState>, request: Request, next: Next) -> Response {
    let (parts, body) = request.into_parts();
    let mut response = next.run(Request::from_parts(parts.clone(), body)).await;
    let error = response.extensions_mut().remove::<PageError>();
    let page = match response.extensions_mut().remove::<Page>() {
        Some(page) => page,
        None if error.is_some() => Page::after_panic(&state, &parts),
        None => return response,
    };
    if let Some(error) = error {
        let rendered = render(&page, &error.of_request(&parts));
        let (head, body) = rendered.into_parts();
        *response.body_mut() = body;
        response.headers_mut().remove(header::CONTENT_LENGTH);
        response.headers_mut().extend(head.headers);
        response.extensions_mut().extend(head.extensions);
    }
    let is_shown = response.extensions().get::<ConsumesFlash>().is_some() && page.has_flash();
    if is_shown && response.status() == StatusCode::OK {
        let spent = cookies::cookie(flash::COOKIE, String::new(), page.is_https(), Duration::ZERO);
        cookies::add(&mut response, &spent);
    }
    response.extensions_mut().insert(OfPage);
    headers::put(response.headers_mut());
    let language = language::asked(&parts).map(|language| (language::COOKIE, language.tag().to_owned()));
    let theme = theme::asked(&parts).map(|theme| (theme::COOKIE, theme.id().to_owned()));
    for (name, value) in language.into_iter().chain(theme) {
        cookies::add(&mut response, &cookies::cookie(name, value, page.is_https(), CHOICE_KEPT));
    }
    if !reads_only(&parts) || parts.uri.query().is_some() {
        // It may repeat what another site has put into the request.
        response.extensions_mut().insert(headers::NotCompressed);
    }
    response
}

/// The page of an error, or its sentence for the script.
fn render(page: &Page, error: &PageError) -> Response {
    let title = page.text(&error.title_key());
    let text = page.text(error.text_key());
    if page.is_fetch() {
        return page.sentence(false, &format!("{title}. {text}"));
    }
    page.render(&ErrorPage { page, title: &title, text: &text, detail: error.detail() })
}

/// For a path that no route has: a page for a browser, and for any other client the error of the API.
pub(super) async fn not_found(State(state): State<ApiState>, request: Request) -> Response {
    if request.method() != Method::GET || !takes_html(request.headers()) {
        return api::not_found().await.into_response();
    }
    let (parts, _) = request.into_parts();
    match Page::of(&state, &parts).await {
        Ok(page) => (Extension(page), PageError::not_found()).into_response(),
        Err((page, error)) => (Extension(page), error).into_response(),
    }
}

fn takes_html(headers: &HeaderMap) -> bool {
    let accepted = headers.get(header::ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    accepted.split(',').filter_map(|range| range.split(';').next()).any(|kind| kind.trim() == "text/html")
}
