//! Sign-in by a link that works once, which the terminal prints.
//!
//! The link itself only shows a page with a button: the preview of a chat or the prefetch of a browser, which open any
//! address, do not use it up. The button sends the token.

use askama::Template;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Redirect, Response};
use axum::{Extension, Router};
use axum_extra::extract::{CookieJar, Form};
use serde::Deserialize;

use super::error::PageError;
use super::headers::NotCompressed;
use super::login::{self, OpenForm};
use super::page::Page;
use crate::access;
use crate::api::{self, ApiState, AuthError, CallerAddress, Nameless};
use crate::routing::{get, post};
use crate::telemetry::Metric;

pub(super) fn open() -> Router<ApiState> {
    Router::new().route("/link/{token}", get(show)).route("/link", post(sign_in))
}

#[derive(Template)]
#[template(path = "shared/link.html")]
struct LinkPage<'a> {
    page: &'a Page,
    token: &'a str,
    csrf: &'a str,
    problem: Option<String>,
}

#[derive(Deserialize)]
struct LinkForm {
    #[serde(default)]
    token: String,
    #[serde(default)]
    csrf: String,
}

/// The page with the button. It does not say whether the link is right, so that no token is tried here.
async fn show(
    State(state): State<ApiState>,
    page: Page,
    jar: CookieJar,
    Path(token): Path<String>,
) -> Result<Response, PageError> {
    if page.session().is_some() {
        return Ok(Redirect::to("/").into_response());
    }
    render(&state, &page, &jar, (&token, None))
}

fn render(
    state: &ApiState,
    page: &Page,
    jar: &CookieJar,
    (token, problem): (&str, Option<&str>),
) -> Result<Response, PageError> {
    let form = OpenForm::of(state, page, jar)?;
    let problem = problem.map(|key| page.text(key));
    let mut response = page.render(&LinkPage { page, token, csrf: form.token(), problem });
    form.put(&mut response);
    // It repeats the path beside the token of the form.
    response.extensions_mut().insert(NotCompressed);
    Ok(response)
}

async fn sign_in(
    State(state): State<ApiState>,
    page: Page,
    jar: CookieJar,
    caller: Option<Extension<CallerAddress>>,
    Form(sent): Form<LinkForm>,
) -> Result<Response, PageError> {
    let caller = caller.map(|Extension(caller)| caller);
    let refused = |status: StatusCode, problem: &str| {
        let mut response = render(&state, &page, &jar, (&sent.token, Some(problem)))?;
        *response.status_mut() = status;
        Ok(response)
    };
    if !OpenForm::is_ours(&page, &jar, &sent.csrf) {
        return refused(StatusCode::FORBIDDEN, "link-old-form");
    }
    if let Err(AuthError::TooMany(wait)) = state.authenticator.may_try(Nameless::SignInLink, caller) {
        count_failure(&state);
        let mut response = refused(StatusCode::TOO_MANY_REQUESTS, "login-too-many")?;
        login::retry_after(&mut response, wait);
        return Ok(response);
    }
    if access::take_sign_in_link(state.deps.store.as_ref(), &sent.token, state.clock().now()).await? {
        tracing::info!("the owner signed in by a link");
        return login::signed_in(&state, &page, "/").await;
    }
    state.authenticator.note_wrong(Nameless::SignInLink, caller);
    api::log_refusal(&state, caller, &AuthError::Wrong);
    count_failure(&state);
    refused(StatusCode::FORBIDDEN, if state.is_add_on() { "link-wrong-add-on" } else { "link-wrong" })
}

fn count_failure(state: &ApiState) {
    state.metrics().count(&[Metric::AuthFailures], state.clock().now());
}
