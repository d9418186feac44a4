//! The answers of the pages below a base path.
//!
//! Templates, redirects and cookies know no base path: they have root-relative addresses, and all of them get it here.

use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse as _, Response};
use axum_extra::extract::cookie::Cookie;

use super::base_path::BasePath;
use crate::api::{ApiError, ErrorCode};
use crate::web::headers::GO;

/// The largest page in bytes.
const LARGEST: usize = 8 * 1024 * 1024;

/// Attributes that hold an address, besides every `data-…`.
const ADDRESSES: [&str; 4] = ["action", "formaction", "href", "src"];

/// Prefix of cookies on https. A browser takes it only with the path `/`.
const HOST_PREFIX: &str = "__Host-";

/// Prefix of the same cookies below a base path.
const PATH_PREFIX: &str = "__Secure-";

/// The answer with the base path before its addresses, for a frame of the same origin.
pub(super) async fn below(response: Response, base: &BasePath) -> Response {
    let (mut parts, body) = response.into_parts();
    put_before_location(&mut parts.headers, base);
    put_into_cookies(&mut parts.headers, base);
    allow_frame(&mut parts.headers);
    if !is_html(&parts.headers) {
        return Response::from_parts(parts, body);
    }
    let Ok(html) = to_bytes(body, LARGEST).await else {
        return ApiError::new(ErrorCode::Internal, "the page could not be written").into_response();
    };
    parts.headers.remove(header::CONTENT_LENGTH);
    let html = with_base(&String::from_utf8_lossy(&html), base);
    Response::from_parts(parts, Body::from(html))
}

/// The cookies of a request by their names without a base path.
pub(super) fn rename_cookies(headers: &mut HeaderMap) {
    let renamed: Vec<HeaderValue> = headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .filter_map(|value| HeaderValue::from_str(&with_host_prefixes(value)).ok())
        .collect();
    headers.remove(header::COOKIE);
    for value in renamed {
        headers.append(header::COOKIE, value);
    }
}

fn with_host_prefixes(cookies: &str) -> String {
    let pairs = cookies.split(';').map(|pair| {
        let pair = pair.trim();
        match pair.strip_prefix(PATH_PREFIX) {
            Some(rest) => format!("{HOST_PREFIX}{rest}"),
            None => pair.to_owned(),
        }
    });
    pairs.collect::<Vec<_>>().join("; ")
}

/// The HTML with the base path before each root-relative address of an attribute. A value of a person's cannot look like
/// one: templates escape its quotes.
fn with_base(html: &str, base: &BasePath) -> String {
    let base = base.to_string();
    let mut written = String::with_capacity(html.len().saturating_mul(5) / 4);
    let mut rest = html;
    while let Some(at) = rest.find("=\"/") {
        let (before, value) = rest.split_at(at + 2);
        written.push_str(before);
        if !value.starts_with("//") && is_address(&before[..at]) {
            written.push_str(&base);
        }
        rest = value;
    }
    written.push_str(rest);
    written
}

/// Whether a text ends with the name of an attribute that holds an address.
fn is_address(before: &str) -> bool {
    let name = before.rsplit(|c: char| !c.is_ascii_lowercase() && c != '-').next().unwrap_or_default();
    let is_apart = before[..before.len() - name.len()].ends_with(|c: char| c.is_ascii_whitespace());
    is_apart && (name.starts_with("data-") || ADDRESSES.contains(&name))
}

/// Puts it before the address of a redirect, and of the page to which the script goes.
fn put_before_location(headers: &mut HeaderMap, base: &BasePath) {
    for name in [header::LOCATION, GO] {
        let location = headers.get(&name).and_then(|value| value.to_str().ok());
        let path = location.filter(|to| to.starts_with('/') && !to.starts_with("//"));
        let Some(Ok(location)) = path.map(|path| HeaderValue::from_str(&format!("{base}{path}"))) else {
            continue;
        };
        headers.insert(name, location);
    }
}

fn put_into_cookies(headers: &mut HeaderMap, base: &BasePath) {
    let set: Vec<HeaderValue> = headers.get_all(header::SET_COOKIE).iter().cloned().collect();
    headers.remove(header::SET_COOKIE);
    for value in set {
        let cookie = value.to_str().ok().and_then(|text| Cookie::parse(text.to_owned()).ok());
        let Some(mut cookie) = cookie else { continue };
        if let Some(rest) = cookie.name().strip_prefix(HOST_PREFIX) {
            cookie.set_name(format!("{PATH_PREFIX}{rest}"));
        }
        // Home Assistant and other add-ons get none of them.
        cookie.set_path(format!("{base}/"));
        if let Ok(value) = HeaderValue::from_str(&cookie.to_string()) {
            headers.append(header::SET_COOKIE, value);
        }
    }
}

/// Home Assistant shows the pages in a frame of its own origin.
fn allow_frame(headers: &mut HeaderMap) {
    if headers.contains_key(header::X_FRAME_OPTIONS) {
        headers.insert(header::X_FRAME_OPTIONS, HeaderValue::from_static("SAMEORIGIN"));
    }
    let policy = headers.get(header::CONTENT_SECURITY_POLICY).and_then(|value| value.to_str().ok());
    let policy = policy.map(|policy| policy.replace("frame-ancestors 'none'", "frame-ancestors 'self'"));
    if let Some(Ok(policy)) = policy.map(|policy| HeaderValue::from_str(&policy)) {
        headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    }
}

fn is_html(headers: &HeaderMap) -> bool {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    kind.is_some_and(|kind| kind.starts_with("text/html"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn base() -> BasePath {
        BasePath::parse("/api/hassio_ingress/T").unwrap()
    }

    #[test]
    fn addresses_of_ours_get_the_base_path_and_nothing_else_does() {
        for (html, written) in [
            (r#"<a href="/setup">"#, r#"<a href="/api/hassio_ingress/T/setup">"#),
            (r#"<a href="/">"#, r#"<a href="/api/hassio_ingress/T/">"#),
            (
                r#"<form method="post" action="/x">"#,
                r#"<form method="post" action="/api/hassio_ingress/T/x">"#,
            ),
            ("<img\nsrc=\"/x\">", "<img\nsrc=\"/api/hassio_ingress/T/x\">"),
            (
                r#"<p data-live="/x" data-every="4">"#,
                r#"<p data-live="/api/hassio_ingress/T/x" data-every="4">"#,
            ),
            (r#"<a href="//elsewhere.example/">"#, r#"<a href="//elsewhere.example/">"#),
            (r#"<a href="https://a.example/">"#, r#"<a href="https://a.example/">"#),
            (r##"<a href="#main">"##, r##"<a href="#main">"##),
            (r#"<a href="?lang=de">"#, r#"<a href="?lang=de">"#),
            (r#"<input value="/setup">"#, r#"<input value="/setup">"#),
            (r#"<p xhref="/x">"#, r#"<p xhref="/x">"#),
            ("<p>href=&#34;/x&#34;</p>", "<p>href=&#34;/x&#34;</p>"),
        ] {
            assert_eq!(with_base(html, &base()), written);
        }
    }

    #[test]
    fn a_cookie_keeps_its_name_across_the_base_path() {
        let mut headers = HeaderMap::new();
        headers.append(
            header::SET_COOKIE,
            HeaderValue::from_static(
                "__Host-ma-alexa-said=e30; HttpOnly; SameSite=Lax; Secure; Path=/; Max-Age=60",
            ),
        );
        put_into_cookies(&mut headers, &base());
        let set = headers[header::SET_COOKIE].to_str().unwrap();
        assert!(set.starts_with("__Secure-ma-alexa-said=e30; "), "{set}");
        for kept in ["Path=/api/hassio_ingress/T/", "HttpOnly", "SameSite=Lax", "Secure", "Max-Age=60"] {
            assert!(set.split("; ").any(|attribute| attribute == kept), "{kept}: {set}");
        }
        let returned = "a=b; __Secure-ma-alexa-said=__Secure-x";
        assert_eq!(with_host_prefixes(returned), "a=b; __Host-ma-alexa-said=__Secure-x");
    }
}
