//! Errors of the pages: the keys of the problem and the remedy.

use axum::http::StatusCode;
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};

use crate::api::{ApiError, ErrorCode, RequestContext};
use crate::store::StoreError;

/// An answer that is an error. It travels in the response's extensions to where the language is known.
#[derive(Clone, Debug)]
pub(crate) struct PageError {
    status: StatusCode,
    /// The texts `KEY-title` and `KEY`, which says the remedy.
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

    /// The key of its title.
    pub(super) fn title_key(&self) -> String {
        format!("{}-title", self.key)
    }

    /// The key of its text.
    pub(super) fn text_key(&self) -> &str {
        &self.key
    }

    /// More details, in English.
    pub(super) fn detail(&self) -> Option<&str> {
        self.detail.as_deref()
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
