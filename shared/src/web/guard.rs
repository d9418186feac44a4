//! The guard of the pages behind the login: a session, and for a change the token of its forms.

use axum::body::{Body, Bytes};
use axum::extract::{FromRequest as _, Request};
use axum::http::{HeaderMap, Method, header};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use subtle::ConstantTimeEq as _;

use super::error::PageError;
use super::login;
use super::page::Page;

/// The header in which a script sends the token of a form.
const TOKEN_HEADER: &str = "x-csrf-token";

/// The field in which a form has its token.
const TOKEN_FIELD: &str = "csrf";

/// Passes on requests with a session, and changes only from a page of this session.
pub(super) async fn require(request: Request, next: Next) -> Response {
    let Some(page) = request.extensions().get::<Page>().cloned() else {
        return PageError::internal().into_response();
    };
    let Some(session) = page.session().cloned() else {
        return login::redirect(&request);
    };
    let mut request = request;
    request.extensions_mut().insert(session.clone());
    if matches!(*request.method(), Method::GET | Method::HEAD) {
        return next.run(request).await;
    }
    match with_token(request, session.csrf_token()).await {
        Ok(request) => next.run(request).await,
        Err(error) => error.into_response(),
    }
}

/// The request, if it has this token in its header or form.
async fn with_token(request: Request, token: &str) -> Result<Request, PageError> {
    let (parts, body) = request.into_parts();
    let head = Request::from_parts(parts.clone(), body);
    let bytes = Bytes::from_request(head, &()).await.map_err(|_| PageError::forbidden())?;
    let sent = match parts.headers.get(TOKEN_HEADER) {
        Some(value) => String::from_utf8_lossy(value.as_bytes()).into_owned(),
        None if is_form(&parts.headers) => field(&bytes, TOKEN_FIELD).unwrap_or_default(),
        None => String::new(),
    };
    if !bool::from(sent.as_bytes().ct_eq(token.as_bytes())) {
        return Err(PageError::forbidden());
    }
    Ok(Request::from_parts(parts, Body::from(bytes)))
}

fn is_form(headers: &HeaderMap) -> bool {
    headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.split(';').next())
        .is_some_and(|kind| kind.trim().eq_ignore_ascii_case("application/x-www-form-urlencoded"))
}

/// A field of a form.
pub(super) fn field(form: &[u8], name: &str) -> Option<String> {
    url::form_urlencoded::parse(form).find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
}
