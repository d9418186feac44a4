//! The sixth step: the first sound.

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use serde::Deserialize;

use super::answer::{Place, answer};
use super::chain::FirstPlay;
use super::checklist::SetupState;
use super::shown::part;
use super::step::Step;
use crate::account::DeviceKind;
use crate::api::ApiState;
use crate::api::devices::{TestBody, test_device};
use crate::web::error::PageError;
use crate::web::flash::Flash;
use crate::web::form::ValidForm;
use crate::web::page::Page;

/// The place of the test tone.
const TONE: Place = Place::new(Step::Sound, "tone");

#[derive(Template)]
#[template(path = "setup/sound.html")]
struct SoundBody<'a> {
    page: &'a Page,
    sound: FirstPlay,
    /// Echos that can play a test tone: serial number and name.
    echos: Vec<(String, String)>,
}

#[derive(Template)]
#[template(path = "setup/chain.html")]
struct ChainFragment<'a> {
    page: &'a Page,
    sound: FirstPlay,
}

/// The open card.
pub(super) fn body(page: &Page, setup: &SetupState) -> Result<String, PageError> {
    let devices = setup.devices.iter().flat_map(|list| &list.devices).filter(|_| setup.has_household());
    let echos = devices.filter(|device| device.kind == DeviceKind::Echo && device.online);
    part(&SoundBody {
        page,
        sound: FirstPlay::of(&setup.household, setup.now),
        echos: echos.map(|device| (device.serial.clone(), device.name.clone())).collect(),
    })
}

/// The fragment with the chain.
pub(super) async fn poll(State(state): State<ApiState>, page: Page) -> Result<Response, PageError> {
    let now = state.clock().now();
    let household = state.deps.store.household(now).await?;
    Ok(page.fragment(&ChainFragment { page: &page, sound: FirstPlay::of(&household, now) }))
}

#[derive(Deserialize)]
pub(super) struct ToneForm {
    serial: String,
}

/// Plays the test tone on an Echo.
pub(super) async fn tone(
    State(state): State<ApiState>,
    page: Page,
    ValidForm(form): ValidForm<ToneForm>,
) -> Result<Response, PageError> {
    let done = test_device(&state, form.serial, TestBody { wait_ms: None, forms: false }).await;
    let flash = match done {
        Ok(trial) if trial.asked_at.is_some() => Flash::good("setup-tone-begun", &[]),
        Ok(_) => Flash::bad("setup-tone-silent", &[]),
        Err(error) => Flash::problem(&error),
    };
    Ok(answer(&page, TONE, flash))
}
