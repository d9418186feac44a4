//! Logging in and out.

use std::time::Duration;

use askama::Template;
use axum::extract::{Query, Request, State};
use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse as _, Redirect, Response};
use axum::{Extension, Router};
use axum_extra::extract::cookie::Cookie;
use axum_extra::extract::{CookieJar, Form};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::digest::{SHA256, digest};
use serde::Deserialize;
use subtle::ConstantTimeEq as _;

use super::cookies;
use super::error::PageError;
use super::flash::Flash;
use super::page::Page;
use super::session::{self, OwnerSession};
use crate::api::{self, ApiState, AuthError, CallerAddress, Role};
use crate::routing::{get, post};
use crate::telemetry::Metric;

/// Names the browser that the login form was made for.
const FORM_COOKIE: &str = "login";

/// Time for which a login form can be sent.
const FORM_LASTS: Duration = Duration::from_hours(12);

/// Paths that a login may lead to, and what is below them.
const OURS: [&str; 3] = ["/setup", "/status", "/devices"];

pub(super) fn open() -> Router<ApiState> {
    Router::new().route("/login", get(form).merge(post(log_in)))
}

pub(super) fn behind_login() -> Router<ApiState> {
    Router::new().route("/logout", post(log_out)).route("/logout/everywhere", post(log_out_everywhere))
}

/// To the login, and from there back to what was asked for.
pub(super) fn redirect(request: &Request) -> Response {
    let asked = request.uri().path_and_query().map_or("/", |asked| asked.as_str());
    let to = match (request.method(), local(asked)) {
        (&Method::GET, Some(path)) => {
            let query: String =
                url::form_urlencoded::Serializer::new(String::new()).append_pair("next", path).finish();
            format!("/login?{query}")
        }
        _ => "/login".to_owned(),
    };
    Redirect::to(&to).into_response()
}

/// The path and query, if it is one of our pages: a login must not lead to another site's, and one in the middle
/// of a sign-in at Amazon not lose what Amazon answered.
pub(super) fn local(path: &str) -> Option<&str> {
    let whole = path;
    let (path, query) = whole.split_once('?').unwrap_or((whole, ""));
    let is_plain = path.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'/' | b'-' | b'_'))
        && query.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.~%&=+:".contains(&b));
    let is_ours = OURS
        .iter()
        .any(|ours| path.strip_prefix(ours).is_some_and(|rest| rest.is_empty() || rest.starts_with('/')));
    (is_plain && is_ours).then_some(whole)
}

#[derive(Debug, Deserialize)]
struct LoginQuery {
    next: Option<String>,
}

#[derive(Deserialize)]
struct LoginForm {
    #[serde(default)]
    username: String,
    #[serde(default)]
    password: String,
    #[serde(default)]
    next: String,
    #[serde(default)]
    csrf: String,
}

#[derive(Template)]
#[template(path = "shared/login.html")]
struct LoginPage<'a> {
    page: &'a Page,
    next: &'a str,
    username: &'a str,
    token: &'a str,
    problem: Option<String>,
    is_add_on: bool,
}

async fn form(
    State(state): State<ApiState>,
    page: Page,
    jar: CookieJar,
    Query(wanted): Query<LoginQuery>,
) -> Result<Response, PageError> {
    let next = wanted.next.as_deref().and_then(local).unwrap_or("/");
    if page.session().is_some() {
        return Ok(Redirect::to(next).into_response());
    }
    if let Err(AuthError::Unavailable) = state.authenticator.session_key().await {
        return Err(PageError::credentials());
    }
    show(&state, &page, &jar, &LoginView { next, username: USUAL_NAME, problem: None })
}

/// The user name that every way of installing makes, so that a person enters the password alone.
const USUAL_NAME: &str = "owner";

struct LoginView<'a> {
    next: &'a str,
    username: &'a str,
    problem: Option<&'a str>,
}

/// The form, with a token for this browser.
fn show(
    state: &ApiState,
    page: &Page,
    jar: &CookieJar,
    shown: &LoginView<'_>,
) -> Result<Response, PageError> {
    let form = OpenForm::of(state, page, jar)?;
    let mut response = page.render(&LoginPage {
        page,
        next: shown.next,
        username: shown.username,
        token: form.token(),
        problem: shown.problem.map(|key| page.text(key)),
        is_add_on: state.is_add_on(),
    });
    form.put(&mut response);
    Ok(response)
}

/// A form that is sent without a session. Only a client that can read its cookie can make one, and no other site can.
/// Nothing secret is in it: a token made from the password would let any reader try passwords on it at home.
pub(super) struct OpenForm {
    token: String,
    new_cookie: Option<Cookie<'static>>,
}

impl OpenForm {
    /// The form for this browser.
    pub(super) fn of(state: &ApiState, page: &Page, jar: &CookieJar) -> Result<Self, PageError> {
        if let Some(nonce) = form_cookie(page, jar) {
            return Ok(Self { token: form_token(&nonce), new_cookie: None });
        }
        let mut bytes = [0; 16];
        state.random().fill(&mut bytes).map_err(|_| PageError::internal())?;
        let nonce = URL_SAFE_NO_PAD.encode(bytes);
        let token = form_token(&nonce);
        let cookie = cookies::cookie(FORM_COOKIE, nonce, page.is_https(), FORM_LASTS);
        Ok(Self { token, new_cookie: Some(cookie) })
    }

    /// Whether a token came back with the cookie of its form.
    pub(super) fn is_ours(page: &Page, jar: &CookieJar, sent: &str) -> bool {
        let expected = form_cookie(page, jar).map(|nonce| form_token(&nonce));
        expected.is_some_and(|token| token.as_bytes().ct_eq(sent.as_bytes()).into())
    }

    /// The value of the field `csrf`.
    pub(super) fn token(&self) -> &str {
        &self.token
    }

    /// Puts the cookie on the answer with the form, where the browser has none yet.
    pub(super) fn put(&self, response: &mut Response) {
        if let Some(cookie) = &self.new_cookie {
            cookies::add(response, cookie);
        }
    }
}

/// The answer to a caller who has to wait before the next try.
pub(super) fn retry_after(response: &mut Response, wait: Duration) {
    let seconds = wait.as_millis().div_ceil(1000).try_into().unwrap_or(u64::MAX);
    response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
}

/// The answer with a new session, which leads to one of our pages.
pub(super) async fn signed_in(state: &ApiState, page: &Page, to: &str) -> Result<Response, PageError> {
    let value = OwnerSession::issue(state).await?;
    let mut response = Redirect::to(to).into_response();
    cookies::add(&mut response, &cookies::cookie(session::COOKIE, value, page.is_https(), session::LASTS));
    let used_up = cookies::cookie(FORM_COOKIE, String::new(), page.is_https(), Duration::ZERO);
    cookies::add(&mut response, &used_up);
    Ok(response)
}

fn form_cookie(page: &Page, jar: &CookieJar) -> Option<String> {
    let cookie = jar.get(&cookies::name(FORM_COOKIE, page.is_https()))?;
    form_nonce(cookie.value()).map(str::to_owned)
}

/// The value of the cookie, if it is one of ours.
pub(super) fn form_nonce(cookie: &str) -> Option<&str> {
    let bytes = URL_SAFE_NO_PAD.decode(cookie).ok()?;
    (bytes.len() == 16).then_some(cookie)
}

pub(super) fn form_token(nonce: &str) -> String {
    URL_SAFE_NO_PAD.encode(digest(&SHA256, format!("login form of {nonce}").as_bytes()))
}

async fn log_in(
    State(state): State<ApiState>,
    page: Page,
    jar: CookieJar,
    caller: Option<Extension<CallerAddress>>,
    Form(sent): Form<LoginForm>,
) -> Result<Response, PageError> {
    let caller = caller.map(|Extension(caller)| caller);
    let next = local(&sent.next).unwrap_or("/");
    let refused = |problem: &str| {
        let shown = LoginView { next, username: &sent.username, problem: Some(problem) };
        let mut response = show(&state, &page, &jar, &shown)?;
        *response.status_mut() = StatusCode::FORBIDDEN;
        Ok(response)
    };
    if !OpenForm::is_ours(&page, &jar, &sent.csrf) {
        return refused("login-old-form");
    }
    let checked = state.authenticator.check_pair(&sent.username, &sent.password, caller).await;
    if let Err(error) = &checked {
        api::log_refusal(&state, caller, error);
    }
    let problem = match checked {
        Ok(Role::Owner) => None,
        Ok(Role::MusicAssistant) => Some("login-not-owner"),
        Err(AuthError::Unavailable) => return Err(PageError::credentials()),
        Err(AuthError::TooMany(wait)) => {
            let mut response = refused("login-too-many")?;
            *response.status_mut() = StatusCode::TOO_MANY_REQUESTS;
            retry_after(&mut response, wait);
            state.metrics().count(&[Metric::AuthFailures], state.clock().now());
            return Ok(response);
        }
        Err(AuthError::Missing | AuthError::Wrong) => Some("login-wrong"),
    };
    if let Some(problem) = problem {
        state.metrics().count(&[Metric::AuthFailures], state.clock().now());
        return refused(problem);
    }
    signed_in(&state, &page, next).await
}

/// Ends this session. Where the store cannot note that, the browser forgets the cookie all the same, and the page says
/// what a copy of it still opens.
async fn log_out(State(state): State<ApiState>, session: OwnerSession, page: Page) -> Response {
    let flash = match session.end(&state).await {
        Ok(()) => Flash::good("login-logged-out", &[]),
        Err(error) => {
            tracing::warn!(%error, "a log-out was not kept: a copy of its cookie works until it is 12 hours old");
            Flash::bad("login-logged-out-here", &[])
        }
    };
    without_session(&page, &flash)
}

/// Ends every session of the pages, on all browsers.
async fn log_out_everywhere(
    State(state): State<ApiState>,
    session: OwnerSession,
    page: Page,
) -> Result<Response, PageError> {
    session.end_all(&state).await?;
    Ok(without_session(&page, &Flash::good("login-logged-out-everywhere", &[])))
}

fn without_session(page: &Page, flash: &Flash) -> Response {
    let mut response = page.redirect_with_flash("/login", flash);
    let ended = cookies::cookie(session::COOKIE, String::new(), page.is_https(), Duration::ZERO);
    cookies::add(&mut response, &ended);
    response
}
