//! Error pages: the problem and the remedy.

use askama::Template;
use axum::Extension;
use axum::extract::{Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};

use super::page::Page;
use crate::api::{self, ApiError, ApiState, ErrorCode, RequestContext};
use crate::store::StoreError;

/// An answer that is an error. It travels in the response's extensions to where the language is known.
#[derive(Clone, Debug)]
pub(crate) struct PageError {
    status: StatusCode,
    /// The texts `KEY-title` and `KEY`, which says the cure.
    key: String,
    /// More details, in English, as the log has them.
    detail: Option<String>,
}

impl PageError {
    fn new(status: StatusCode, key: &str) -> Self {
        Self { status, key: key.to_owned(), detail: None }
    }

    /// There is no such page.
    pub(crate) fn not_found() -> Self {
        Self::new(StatusCode::NOT_FOUND, "error-not-found")
    }

    /// A form that no page of this session has sent.
    pub(crate) fn forbidden() -> Self {
        Self::new(StatusCode::FORBIDDEN, "error-forbidden")
    }

    /// A form with something else in it than its page has.
    pub(crate) fn malformed() -> Self {
        Self::new(StatusCode::BAD_REQUEST, "error-malformed")
    }

    /// A fault of ours, of which the log says more.
    pub(crate) fn internal() -> Self {
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "error-internal")
    }

    /// Credentials cannot be read; the log says what has to be written where.
    pub(crate) fn credentials() -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "error-credentials")
    }

    /// The error with the id of its request, where it sends people to the log.
    pub(super) fn of_request(mut self, parts: &Parts) -> Self {
        if self.status == StatusCode::INTERNAL_SERVER_ERROR
            && let Some(context) = parts.extensions.get::<RequestContext>()
        {
            self.detail = Some(format!("request.id: {}", context.id));
        }
        self
    }

    /// The page, or what the script shows on one.
    pub(super) fn render(&self, page: &Page) -> Response {
        let title = page.text(&format!("{}-title", self.key));
        let text = page.text(&self.key);
        if page.is_fetch() {
            return page.fragment(&Said { good: false, text: &format!("{title}. {text}") });
        }
        page.render(&ErrorPage { page, title: &title, text: &text, detail: self.detail.as_deref() })
    }
}

impl From<StoreError> for PageError {
    fn from(error: StoreError) -> Self {
        ApiError::from(error).into()
    }
}

impl From<ApiError> for PageError {
    fn from(error: ApiError) -> Self {
        let key = match error.code() {
            ErrorCode::StoreUnavailable => "error-store",
            ErrorCode::StoreFull => "error-store-full",
            ErrorCode::Internal => "error-internal",
            ErrorCode::CredentialsUnavailable => "error-credentials",
            ErrorCode::NotFound | ErrorCode::PlayerUnknown | ErrorCode::EchoUnknown => "error-not-found",
            ErrorCode::InvalidRequest => "error-malformed",
            ErrorCode::TookTooLong => "error-late",
            _ => "error-other",
        };
        Self { detail: Some(error.message().to_owned()), ..Self::new(error.code().status(), key) }
    }
}

impl IntoResponse for PageError {
    fn into_response(self) -> Response {
        let mut response = self.status.into_response();
        response.extensions_mut().insert(self);
        response
    }
}

#[derive(Template)]
#[template(path = "shared/error.html")]
struct ErrorPage<'a> {
    page: &'a Page,
    title: &'a str,
    text: &'a str,
    detail: Option<&'a str>,
}

/// One sentence, as the script shows it.
#[derive(Template)]
#[template(path = "shared/said.html")]
pub(super) struct Said<'a> {
    pub(super) good: bool,
    pub(super) text: &'a str,
}

/// For a path that no route has: a page for a browser, and for any other client the error of the API.
pub(crate) async fn not_found(State(state): State<ApiState>, request: Request) -> Response {
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
