//! Request bodies: bounded, JSON, and in UTF-8.

use axum::body::{Body, Bytes};
use axum::extract::{FromRequest, Request};
use axum::http::{HeaderMap, HeaderValue, header};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use futures_util::StreamExt as _;
use serde::de::DeserializeOwned;

use super::error::{ApiError, ErrorCode};

/// Largest body that is taken, in bytes.
pub const MAX_BODY: usize = 256 * 1024;

/// How much more is read and thrown away, in bytes, so that whoever sends it hears the answer.
const DISCARDED: usize = 4 * 1024 * 1024;

/// Longest sentence of the JSON reader that is passed on, in characters: it may quote what was sent.
const QUOTED: usize = 160;

/// Reads the whole body before anything is answered. A client that is refused while it still sends would lose the
/// answer and the connection.
pub async fn buffer(request: Request, next: Next) -> Response {
    let (head, body) = request.into_parts();
    match read(body).await {
        Ok(Read::Whole(bytes)) => next.run(Request::from_parts(head, Body::from(bytes))).await,
        Ok(Read::TooLarge { all_read }) => {
            let mut response =
                ApiError::new(ErrorCode::BodyTooLarge, "the body is larger than 256 KiB, which no push is")
                    .into_response();
            if !all_read {
                let close = HeaderValue::from_static("close");
                response.headers_mut().insert(header::CONNECTION, close);
            }
            response
        }
        Err(err) => {
            tracing::debug!(error = %err, "a body broke off");
            ApiError::invalid("the body broke off").into_response()
        }
    }
}

enum Read {
    Whole(Bytes),
    TooLarge { all_read: bool },
}

async fn read(body: Body) -> Result<Read, axum::Error> {
    let mut stream = body.into_data_stream();
    let mut kept = Vec::new();
    let mut length = 0;
    while let Some(chunk) = stream.next().await {
        let chunk = chunk?;
        length += chunk.len();
        if length > MAX_BODY + DISCARDED {
            return Ok(Read::TooLarge { all_read: false });
        }
        if length > MAX_BODY {
            kept = Vec::new();
        } else {
            kept.extend_from_slice(&chunk);
        }
    }
    if length > MAX_BODY {
        return Ok(Read::TooLarge { all_read: true });
    }
    Ok(Read::Whole(Bytes::from(kept)))
}

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
    headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.split(';').next())
        .is_some_and(|media_type| media_type.trim().eq_ignore_ascii_case("application/json"))
}

fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, ApiError> {
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
