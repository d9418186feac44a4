//! Cookies of the pages: their names and attributes.

use std::time::Duration;

use axum::http::{HeaderValue, header};
use axum::response::Response;
use axum_extra::extract::cookie::{Cookie, SameSite};

/// The name of a cookie. On https a browser takes the prefix as a promise: this very host has set it. Browsers
/// keep the cookies of all ports of a host together, and `session` is a name of many programs.
pub(super) fn name(name: &str, https: bool) -> String {
    if https { format!("__Host-ma-alexa-{name}") } else { format!("ma-alexa-{name}") }
}

/// A cookie of ours, for `lasts`.
pub(super) fn cookie(name: &str, value: String, https: bool, lasts: Duration) -> Cookie<'static> {
    let mut cookie = Cookie::new(self::name(name, https), value);
    cookie.set_path("/");
    cookie.set_http_only(true);
    cookie.set_same_site(SameSite::Lax);
    if https {
        cookie.set_secure(true);
    }
    cookie.set_max_age(time::Duration::try_from(lasts).unwrap_or(time::Duration::ZERO));
    cookie
}

/// Puts a cookie on a response.
pub(super) fn add(response: &mut Response, cookie: &Cookie<'static>) {
    if let Ok(value) = HeaderValue::from_str(&cookie.to_string()) {
        response.headers_mut().append(header::SET_COOKIE, value);
    }
}
