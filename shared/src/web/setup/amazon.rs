//! Sign-in to the account of the Echos.

use axum::extract::State;
use axum::response::Response;
use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;

use super::answer::{StepForm, answer, answer_with_next};
use super::state::next_after;
use super::step::SetupStep;
use crate::amazon::{AmazonError, LoginError, TransportError};
use crate::api::ApiState;
use crate::web::error::PageError;
use crate::web::flash::Flash;
use crate::web::form::ValidForm;
use crate::web::page::Page;

/// The place of the page that shows it.
const PLACE: StepForm = StepForm::new(SetupStep::Amazon, "household");

/// The form for the address of a sign-in that waits.
const PASTE: StepForm = StepForm::new(SetupStep::Amazon, "household-paste");

#[derive(Deserialize)]
pub(super) struct PasteForm {
    address: SecretString,
}

/// Begins; the page then shows where to sign in, until the sign-in has ended.
pub(super) async fn begin(State(state): State<ApiState>, page: Page) -> Result<Response, PageError> {
    let language = state.effective().await?.speech.locale;
    Ok(match state.session().begin_login(language.as_str()).await {
        Ok(login) => PLACE.go_and_open(&page, &login.url),
        Err(error) => answer(&page, PLACE, problem(&page, &error)),
    })
}

/// Ends a sign-in with the address of the page that was not found.
pub(super) async fn complete(
    State(state): State<ApiState>,
    page: Page,
    ValidForm(form): ValidForm<PasteForm>,
) -> Result<Response, PageError> {
    let session = state.session().clone();
    let address = form.address;
    let completed =
        state.account.finish(async move { session.complete_login(address.expose_secret().trim()).await });
    let flash = match completed.await {
        Ok(done) => match done.not_ready {
            None => Flash::good("setup-amazon-signed-in", &[]),
            Some(error) => Flash::bad("setup-amazon-not-ready", &[("problem", &sentence(&page, &error))]),
        },
        Err(error) => {
            let is_pending = matches!(state.session().pending_login("en-US").await, Ok(Some(_)));
            let place = if is_pending { PASTE } else { PLACE };
            return Ok(answer(&page, place, problem(&page, &error)));
        }
    };
    let next = if flash.is_good() { next_after(&state, SetupStep::Amazon).await? } else { None };
    Ok(answer_with_next(&page, PLACE, next, flash))
}

pub(super) async fn sign_out(State(state): State<ApiState>, page: Page) -> Response {
    let session = state.session().clone();
    let done = state.account.finish(async move { session.logout().await }).await;
    let good = |_| Flash::good("login-logged-out", &[]);
    answer(&page, PLACE, done.map_or_else(|error| problem(&page, &error), good))
}

fn problem(page: &Page, error: &AmazonError) -> Flash {
    Flash::bad("setup-amazon-problem", &[("problem", &sentence(page, error))])
}

/// The problem on the Amazon side and its remedy, in the language of the page.
pub(super) fn sentence(page: &Page, error: &AmazonError) -> String {
    let key = match error.root() {
        AmazonError::Login(LoginError::NotBegun | LoginError::TooLate) => "setup-amazon-problem-not-begun",
        AmazonError::Login(LoginError::WrongAddress(_)) => "setup-amazon-problem-wrong-address",
        AmazonError::Login(LoginError::Used) => "setup-amazon-problem-used",
        AmazonError::Login(LoginError::Expired) => "setup-amazon-problem-expired",
        AmazonError::NotSignedIn => "setup-amazon-problem-not-signed-in",
        AmazonError::SignInAgain(_) => "setup-amazon-problem-sign-in-again",
        AmazonError::Throttled { .. } | AmazonError::Busy { .. } | AmazonError::Throttling(_) => {
            "setup-amazon-problem-throttled"
        }
        AmazonError::Offline { .. } => "setup-amazon-problem-offline",
        error if error.may_be_done() => "setup-amazon-problem-unclear",
        AmazonError::Transport(TransportError::Certificate(_)) => "setup-amazon-problem-certificate",
        AmazonError::Unavailable(_) | AmazonError::Transport(_) => "setup-amazon-problem-unavailable",
        AmazonError::UnexpectedResponse { .. } => "setup-amazon-problem-changed",
        AmazonError::Secrets(_) | AmazonError::Conflict => "setup-amazon-problem-secrets",
        _ => "setup-amazon-problem-other",
    };
    page.format(key, &[("said", &error.to_string())])
}
