//! Forms of the public address: it is saved and checked, or confirmed by a person.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use serde::Deserialize;

use super::address_check::{AddressCheck, Targets};
use super::address_lines::CheckView;
use super::answer::{StepForm, answer, leading_to};
use super::fields::{Entered, FormKind};
use super::save::persist;
use super::settings::SettingsForm;
use super::shown::PageData;
use super::state::{self, next_after};
use super::step::SetupStep;
use super::view::show;
use crate::api::ApiState;
use crate::probe::CertificateKind;
use crate::web::error::PageError;
use crate::web::flash::Flash;
use crate::web::form::ValidForm;
use crate::web::page::Page;

/// The place of the check.
const CHECK: StepForm = StepForm::new(SetupStep::Address, "address-check");

#[derive(Template)]
#[template(path = "setup/address-lines.html")]
struct LinesFragment<'a> {
    page: &'a Page,
    check: Option<CheckView>,
}

/// The addresses, and whether a script shows the check as it goes on.
#[derive(Deserialize)]
#[serde(try_from = "Vec<(String, String)>")]
pub(super) struct AddressForm {
    settings: SettingsForm,
    is_scripted: bool,
}

impl TryFrom<Vec<(String, String)>> for AddressForm {
    type Error = &'static str;

    fn try_from(pairs: Vec<(String, String)>) -> Result<Self, Self::Error> {
        let is_scripted = pairs.iter().any(|(name, _)| name == "scripted");
        Ok(Self { settings: SettingsForm::try_from(pairs)?, is_scripted })
    }
}

/// Saves the addresses and checks them.
pub(super) async fn save(
    State(state): State<ApiState>,
    page: Page,
    ValidForm(form): ValidForm<AddressForm>,
) -> Result<Response, PageError> {
    let AddressForm { settings: form, is_scripted } = form;
    let language = page.language();
    if let Err(problems) = form.apply(FormKind::Addresses, &state::settings(&state).await?, language) {
        let shown =
            PageData { entered: Entered::new(FormKind::Addresses, form, problems), ..PageData::default() };
        return show(&state, &page, StatusCode::UNPROCESSABLE_ENTITY, SetupStep::Address, shown).await;
    }
    persist(&state, move |settings| form.apply(FormKind::Addresses, settings, language)).await?;
    check_now(&state, &page, is_scripted).await
}

/// Whether a script shows the check as it goes on.
#[derive(Deserialize)]
pub(super) struct CheckForm {
    scripted: Option<String>,
}

/// Checks the saved addresses once more.
pub(super) async fn check(
    State(state): State<ApiState>,
    page: Page,
    ValidForm(form): ValidForm<CheckForm>,
) -> Result<Response, PageError> {
    check_now(&state, &page, form.scripted.is_some()).await
}

async fn check_now(state: &ApiState, page: &Page, is_scripted: bool) -> Result<Response, PageError> {
    let Some(targets) = Targets::current(state).await? else {
        return Ok(answer(page, CHECK, Flash::bad("setup-address-none", &[])));
    };
    if is_scripted {
        AddressCheck::begin(state, targets).await?;
        return Ok(CHECK.go(page));
    }
    AddressCheck::run(state, targets).await?;
    Ok(CHECK.go(page))
}

/// Goes on with the check; the page's script sends one request after the other.
pub(super) async fn advance(State(state): State<ApiState>, page: Page) -> Result<Response, PageError> {
    let check = AddressCheck::advance(&state).await?;
    if !page.is_fetch() {
        return Ok(CHECK.go(&page));
    }
    let next = match &check {
        Some(check) if check.has_passed() => next_after(&state, SetupStep::Address).await?,
        _ => None,
    };
    let check = check.map(|check| CheckView::new(&page, &check, &[]));
    let response = page.fragment(&LinesFragment { page: &page, check });
    Ok(match next {
        Some(next) => leading_to(response, next),
        None => response,
    })
}

#[derive(Deserialize)]
pub(super) struct OutsideForm {
    certificate: CertificateKind,
}

/// Takes a person's word that the address answers from outside, where this server cannot see it.
pub(super) async fn confirm(
    State(state): State<ApiState>,
    page: Page,
    ValidForm(form): ValidForm<OutsideForm>,
) -> Result<Response, PageError> {
    let Some(targets) = Targets::current(&state).await? else {
        return Ok(answer(&page, CHECK, Flash::bad("setup-address-none", &[])));
    };
    AddressCheck::confirm(&state, targets, form.certificate).await?;
    Ok(answer(&page, CHECK, Flash::good("setup-outside-kept", &[])))
}
