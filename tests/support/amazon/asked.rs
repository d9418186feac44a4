//! One request, as far as it can be understood.
#![expect(clippy::unwrap_used, reason = "a request that cannot be read fails the test")]

use axum::body::to_bytes;
use axum::extract::Request;
use axum::http::{HeaderMap, Method, header};
use serde_json::{Map, Value};
use url::form_urlencoded;

use super::host::Host;

/// The largest body, in bytes.
const MAX_BODY: usize = 1024 * 1024;

/// A request to Amazon.
#[derive(Clone, Debug)]
pub(super) struct Asked {
    /// As the `Host` header names it.
    pub(super) host_name: String,
    /// Nothing when there is no such host.
    pub(super) host: Option<Host>,
    pub(super) method: Method,
    /// As it was sent, without the query.
    pub(super) path: String,
    /// Query of the request, decoded.
    pub(super) query: Vec<(String, String)>,
    pub(super) headers: HeaderMap,
    /// JSON, or a form as an object of texts, or the text, or null, by the content type.
    pub(super) body: Value,
}

impl Asked {
    pub(super) async fn read(request: Request) -> Self {
        let (parts, body) = request.into_parts();
        let bytes = to_bytes(body, MAX_BODY).await.unwrap_or_default();
        let host_name = parts.headers.get(header::HOST).map(|name| name.to_str().unwrap().to_owned());
        // HTTP/2 has it in the address.
        let authority = || parts.uri.authority().map(|authority| authority.as_str().to_owned());
        let host_name = host_name.or_else(authority).unwrap_or_default();
        let query = form_urlencoded::parse(parts.uri.query().unwrap_or_default().as_bytes());
        Self {
            host: Host::parse(&host_name),
            host_name,
            method: parts.method,
            path: parts.uri.path().to_owned(),
            query: query.into_owned().collect(),
            body: decode(&parts.headers, &bytes),
            headers: parts.headers,
        }
    }

    /// A header, empty when there is none.
    pub(super) fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    /// A parameter of the query, empty when there is none.
    pub(super) fn query(&self, name: &str) -> &str {
        let found = self.query.iter().find(|(known, _)| known == name);
        found.map_or("", |(_, value)| value)
    }

    /// A field of the form, empty when there is none.
    pub(super) fn field(&self, name: &str) -> &str {
        self.body[name].as_str().unwrap_or_default()
    }

    /// The cookies that it carries; values as they stand.
    pub(super) fn cookies(&self) -> Vec<(&str, &str)> {
        let pairs = self.headers.get_all(header::COOKIE).into_iter().filter_map(|value| value.to_str().ok());
        pairs.flat_map(|pairs| pairs.split(';')).filter_map(|pair| pair.trim().split_once('=')).collect()
    }

    /// One of them.
    pub(super) fn cookie(&self, name: &str) -> Option<&str> {
        self.cookies().into_iter().find(|(known, _)| *known == name).map(|(_, value)| value)
    }

    /// The token of its `Authorization` header, empty when there is none.
    pub(super) fn bearer(&self) -> &str {
        self.header("authorization").strip_prefix("Bearer ").unwrap_or_default()
    }

    /// Path and query in readable form.
    pub(super) fn address(&self) -> String {
        let query = self.query.iter().map(|(name, value)| format!("&{name}={value}"));
        format!("{}{}{}", self.host_name, self.path, query.collect::<String>())
    }
}

fn decode(headers: &HeaderMap, bytes: &[u8]) -> Value {
    let content_type =
        headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let text = || Value::from(String::from_utf8_lossy(bytes).into_owned());
    if bytes.is_empty() {
        Value::Null
    } else if content_type.starts_with("application/json") {
        serde_json::from_slice(bytes).unwrap_or_else(|_| text())
    } else if content_type.starts_with("application/x-www-form-urlencoded") {
        let fields = form_urlencoded::parse(bytes).into_owned();
        Value::Object(fields.map(|(name, value)| (name, value.into())).collect::<Map<_, _>>())
    } else {
        text()
    }
}
