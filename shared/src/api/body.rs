//! Request bodies: bounded, JSON, and in UTF-8.

use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::extract::{FromRequest, Request};
use axum::http::{HeaderMap, HeaderValue, header};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use futures_util::StreamExt as _;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use utoipa::ToSchema;

use super::error::{ApiError, ErrorCode};

/// Largest body that is taken, in bytes.
pub const MAX_BODY: usize = 256 * 1024;

/// Largest form that is taken, in bytes: no page has one that comes near it.
pub const MAX_FORM: usize = 64 * 1024;

/// Time limit for the arrival of the whole body.
pub const BODY_TIME: Duration = Duration::from_secs(10);

/// Number of further bytes that are read and thrown away, so that the sender gets the answer.
const DISCARDED: usize = 4 * 1024 * 1024;

/// Longest sentence of the JSON reader that is passed on, in characters: it may quote what was sent.
const QUOTED: usize = 160;

/// Reads the whole body before anything is answered. A client that is refused while it still sends would lose the
/// answer and the connection.
pub async fn buffer(request: Request, next: Next) -> Response {
    let (head, body) = request.into_parts();
    let most = if is_form(&head.headers) { MAX_FORM } else { MAX_BODY };
    let read = tokio::time::timeout(BODY_TIME, read(body, most)).await;
    let (error, all_read) = match read {
        Ok(Ok(Read::Whole(bytes))) if bytes.is_empty() || is_plain(&head.headers) => {
            return next.run(Request::from_parts(head, Body::from(bytes))).await;
        }
        Ok(Ok(Read::Whole(_))) => {
            let sentence = "the body is compressed; it has to be sent without Content-Encoding";
            (ApiError::new(ErrorCode::UnsupportedMediaType, sentence), true)
        }
        Ok(Ok(Read::TooLarge { all_read })) => {
            let sentence = format!("the body is larger than {} KiB", most / 1024);
            (ApiError::new(ErrorCode::BodyTooLarge, sentence), all_read)
        }
        Ok(Err(err)) => {
            tracing::debug!(error = %err, "a body broke off");
            (ApiError::invalid("the body broke off"), true)
        }
        Err(_elapsed) => {
            let sentence = format!("the body did not arrive within {} s", BODY_TIME.as_secs());
            (ApiError::new(ErrorCode::RequestTimeout, sentence), false)
        }
    };
    let mut response = error.into_response();
    if !all_read {
        response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
    }
    response
}

/// Whether it is a form, as a browser sends it.
fn is_form(headers: &HeaderMap) -> bool {
    ["application/x-www-form-urlencoded", "multipart/form-data"].iter().any(|kind| is_of(headers, kind))
}

/// Whether the body is sent as it is.
fn is_plain(headers: &HeaderMap) -> bool {
    let encodings = headers.get_all(header::CONTENT_ENCODING).iter();
    encodings.map(HeaderValue::as_bytes).all(|encoding| encoding.eq_ignore_ascii_case(b"identity"))
}

enum Read {
    Whole(Bytes),
    TooLarge { all_read: bool },
}

async fn read(body: Body, most: usize) -> Result<Read, axum::Error> {
    let mut stream = body.into_data_stream();
    let mut kept = Vec::new();
    let mut length = 0;
    while let Some(chunk) = stream.next().await {
        let chunk = chunk?;
        length += chunk.len();
        if length > MAX_BODY + DISCARDED {
            return Ok(Read::TooLarge { all_read: false });
        }
        if length > most {
            kept = Vec::new();
        } else {
            kept.extend_from_slice(&chunk);
        }
    }
    if length > most {
        return Ok(Read::TooLarge { all_read: true });
    }
    Ok(Read::Whole(Bytes::from(kept)))
}

/// No member is read.
#[derive(Clone, Copy, Debug, Deserialize, ToSchema)]
pub struct EmptyBody {}

/// A body that is declared as JSON and is a `T`.
#[derive(Debug)]
pub(super) struct JsonBody<T>(pub(super) T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for JsonBody<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, state: &S) -> Result<Self, Self::Rejection> {
        if !is_json(request.headers()) {
            return Err(ApiError::new(
                ErrorCode::UnsupportedMediaType,
                "the body has to be declared as Content-Type: application/json",
            ));
        }
        let bytes = Bytes::from_request(request, state).await.map_err(|err| {
            tracing::debug!(error = %err, "a body cannot be read");
            ApiError::invalid("the body cannot be read")
        })?;
        parse(&bytes).map(Self)
    }
}

fn is_json(headers: &HeaderMap) -> bool {
    is_of(headers, "application/json")
}

/// Whether the body is declared as `media_type`.
fn is_of(headers: &HeaderMap, media_type: &str) -> bool {
    headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.split(';').next())
        .is_some_and(|declared| declared.trim().eq_ignore_ascii_case(media_type))
}

/// Reads a JSON object.
pub(super) fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, ApiError> {
    let text = std::str::from_utf8(bytes).map_err(|_| ApiError::invalid("the body is not UTF-8"))?;
    // An array would be read as the members in their order.
    if !text.trim_start().starts_with('{') {
        return Err(ApiError::invalid("the body is not a JSON object"));
    }
    let mut reader = serde_json::Deserializer::from_str(text);
    let value = serde_path_to_error::deserialize(&mut reader).map_err(|err| {
        let path = err.path().to_string();
        let reason: String = err.inner().to_string().chars().take(QUOTED).collect();
        if err.inner().is_syntax() || err.inner().is_eof() {
            ApiError::invalid(format!("the body is not JSON: {reason}"))
        } else if path == "." {
            ApiError::invalid(reason)
        } else {
            ApiError::invalid(format!("{path}: {reason}"))
        }
    })?;
    reader.end().map_err(|_| ApiError::invalid("the body is not JSON: something stands behind it"))?;
    Ok(value)
}
