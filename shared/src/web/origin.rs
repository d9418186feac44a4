//! Whether a request comes from a page of ours, and by which scheme.

use axum::http::request::Parts;
use axum::http::{HeaderMap, header, uri};
use url::Url;

use crate::api::ApiState;
use crate::config::ApiUrl;

/// The address of this deployment, where it is configured.
pub(super) async fn configured(state: &ApiState) -> Option<ApiUrl> {
    // A store that is down must not keep a person from the page that says so.
    let settings = state.settings().await.unwrap_or_default();
    state.deps.config.with(&settings).setup.api_url.clone()
}

/// Whether the browser speaks https, though perhaps not to us but to a proxy before us. What is forged here decides
/// over nothing but the cookie of the forger.
pub(super) fn is_https(parts: &Parts, configured: Option<&ApiUrl>) -> bool {
    if parts.uri.scheme() == Some(&uri::Scheme::HTTPS) {
        return true;
    }
    if let Some(scheme) = text(&parts.headers, "x-forwarded-proto") {
        return scheme.split(',').next().is_some_and(|first| first.trim().eq_ignore_ascii_case("https"));
    }
    // A proxy that says nothing may have been named all the same. The same machine may be reached by its address
    // in the house too, where a cookie for https only would be lost.
    configured.is_some_and(|url| {
        url.as_url().scheme() == "https" && hosts(parts).any(|host| is_host_of(host, url.as_url()))
    })
}

/// Whether the browser says that a page of ours sends this. Where it says nothing, a token has to do.
pub(super) fn is_same_origin(parts: &Parts, configured: Option<&ApiUrl>) -> bool {
    // A page cannot write this header; a browser that sends it knows better than we what stands before a proxy.
    if let Some(site) = text(&parts.headers, "sec-fetch-site") {
        return site == "same-origin";
    }
    let Some(origin) = parts.headers.get(header::ORIGIN) else {
        return true;
    };
    let Some(origin) = origin.to_str().ok().and_then(|origin| Url::parse(origin).ok()) else {
        return false;
    };
    hosts(parts).any(|host| is_host_of(host, &origin))
        || configured.is_some_and(|url| url.as_url().origin() == origin.origin())
}

/// Scheme, host and port, as the browser has them.
pub(super) fn of(parts: &Parts, https: bool) -> Option<String> {
    let scheme = if https { "https" } else { "http" };
    let host = text(&parts.headers, "x-forwarded-host").or_else(|| hosts(parts).next())?;
    let url = Url::parse(&format!("{scheme}://{}", host.split(',').next()?.trim())).ok()?;
    Some(url.origin().ascii_serialization())
}

/// The names of this machine in the request, and in the headers of a proxy.
fn hosts(parts: &Parts) -> impl Iterator<Item = &str> {
    let headers = &parts.headers;
    let named = text(headers, "host").or_else(|| parts.uri.authority().map(uri::Authority::as_str));
    named.into_iter().chain(text(headers, "x-forwarded-host"))
}

fn is_host_of(host: &str, url: &Url) -> bool {
    let Ok(named) = Url::parse(&format!("{}://{}", url.scheme(), host.trim())) else {
        return false;
    };
    named.origin() == url.origin()
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}
