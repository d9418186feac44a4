//! Signing in to the developer account.

use axum::extract::{OriginalUri, State};
use axum::http::StatusCode;
use axum::response::Response;
use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;

use super::answer::{StepForm, answer, answer_with_next};
use super::returns::Returns;
use super::shown::PageData;
use super::skill_problem::problem;
use super::state::next_after;
use super::step::SetupStep;
use super::view::show;
use crate::api::ApiState;
use crate::smapi::{SecurityProfile, SmapiError};
use crate::web::error::PageError;
use crate::web::flash::Flash;
use crate::web::form::ValidForm;
use crate::web::page::Page;

/// The place of the page that shows it.
const PLACE: StepForm = StepForm::new(SetupStep::Amazon, "developer");

/// The form for the address of a sign-in that waits.
const PASTE: StepForm = StepForm::new(SetupStep::Amazon, "developer-paste");

#[derive(Deserialize)]
pub(super) struct ProfileForm {
    #[serde(default)]
    client_id: String,
    client_secret: SecretString,
}

#[derive(Deserialize)]
pub(super) struct ReturnForm {
    address: SecretString,
}

/// Keeps the security profile; the page then shows the way to Amazon. It is a link and no redirect, since the pages send
/// their forms nowhere else.
pub(super) async fn begin(
    State(state): State<ApiState>,
    page: Page,
    ValidForm(form): ValidForm<ProfileForm>,
) -> Result<Response, PageError> {
    let effective = state.effective().await?;
    let api_url = effective.setup.api_url.as_ref().map(ToString::to_string);
    let returns = Returns::of(&page, api_url.as_deref(), state.deps.config.api.port);
    let begun = match SecurityProfile::parse(&form.client_id, form.client_secret.expose_secret()) {
        Ok(profile) => state.skills.login().begin(&profile, &returns.url).await,
        Err(error) => Err(error),
    };
    let error = match begun {
        Ok(url) => return Ok(PLACE.go_and_open(&page, &url)),
        Err(error) => error,
    };
    let flash = problem(&page, &error);
    if page.is_fetch() {
        return Ok(answer(&page, PLACE, flash));
    }
    // The page of the answer keeps the client id; a secret is never sent back.
    let page = page.with_flash(flash.at(PLACE.id()));
    let shown = PageData { client_id: Some(form.client_id), ..PageData::default() };
    show(&state, &page, StatusCode::UNPROCESSABLE_ENTITY, PLACE.step(), shown).await
}

/// Amazon leads back.
pub(super) async fn returned(
    State(state): State<ApiState>,
    page: Page,
    OriginalUri(uri): OriginalUri,
) -> Response {
    let query = uri.query().unwrap_or_default();
    let completed = state.skills.login().complete(&format!("?{query}")).await;
    done(&state, &page, completed).await
}

/// The person brings the address back.
pub(super) async fn pasted(
    State(state): State<ApiState>,
    page: Page,
    ValidForm(form): ValidForm<ReturnForm>,
) -> Result<Response, PageError> {
    let completed = state.skills.login().complete(form.address.expose_secret().trim()).await;
    Ok(done(&state, &page, completed).await)
}

pub(super) async fn sign_out(State(state): State<ApiState>, page: Page) -> Response {
    let done = state.skills.login().sign_out().await;
    let good = || Flash::good("login-logged-out", &[]);
    answer(&page, PLACE, done.map_or_else(|error| problem(&page, &error), |()| good()))
}

async fn done(state: &ApiState, page: &Page, completed: Result<(), SmapiError>) -> Response {
    match completed {
        Ok(()) => {
            // The account of the Echos is on the same page. An answer without the next step is an answer, too.
            let household = state.session().status().await.is_ok_and(|status| status.signed_in);
            let next =
                if household { next_after(state, SetupStep::Amazon).await.unwrap_or_default() } else { None };
            answer_with_next(page, PLACE, next, Flash::good("setup-developer-signed-in", &[]))
        }
        Err(error) => {
            let is_pending = matches!(state.skills.login().pending().await, Ok(Some(_)));
            answer(page, if is_pending { PASTE } else { PLACE }, problem(page, &error))
        }
    }
}
