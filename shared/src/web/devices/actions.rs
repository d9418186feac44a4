//! Forms of the page of devices.

use std::collections::BTreeMap;

use axum::Extension;
use axum::extract::State;
use axum::response::Response;
use serde::Deserialize;

use crate::amazon::Freshness;
use crate::api::devices::{
    IdentifiedBody, IdentifyAllBody, TestBody, VolumeBody, cancel_trial, change_volume, identify_devices,
    listed, speak_on, test_device,
};
use crate::api::{
    ApiError, ApiState, ErrorCode, RequestContext, pair_by_hand, switch_renderer, unpair_by_hand,
};
use crate::i18n::PageLanguage;
use crate::web::error::PageError;
use crate::web::flash::Flash;
use crate::web::form::{FormId, FormPage, ValidForm};
use crate::web::page::Page;
use crate::web::remedy::PagePart;
use crate::web::unpaired;

/// Answers a form with its result, where the form is: a failure is a sentence on the page, too.
fn respond(page: &Page, place: &FormId, done: Result<Flash, ApiError>) -> Response {
    respond_on(FormPage::Devices, page, place, done)
}

fn respond_on(on: FormPage, page: &Page, place: &FormId, done: Result<Flash, ApiError>) -> Response {
    page.redirect_with_flash(on.path(), &place.says(done.unwrap_or_else(|error| Flash::problem(&error))))
}

#[derive(Deserialize)]
pub(super) struct PairingForm {
    #[serde(default)]
    place: FormId,
    echo: String,
    player: String,
}

/// Pairs an Echo with a player.
pub(super) async fn pair(
    State(state): State<ApiState>,
    Extension(context): Extension<RequestContext>,
    page: Page,
    ValidForm(form): ValidForm<PairingForm>,
) -> Result<Response, PageError> {
    let PairingForm { place, echo, player } = form;
    let done = pair_by_hand(&state, context.id, &echo, player.clone()).await;
    Ok(respond(&page, &place, done.map(|_| Flash::good("devices-paired", &[("player", &player)]))))
}

/// Undoes a pairing.
pub(super) async fn unpair(
    State(state): State<ApiState>,
    page: Page,
    ValidForm(form): ValidForm<PairingForm>,
) -> Result<Response, PageError> {
    let PairingForm { place, echo, player } = form;
    let done = unpair_by_hand(&state, &echo, Some(player.clone())).await;
    let flash = |unpaired| match unpaired {
        0 => Flash::bad("devices-unpaired-before", &[("player", &player)]),
        _ => Flash::good("devices-unpaired", &[("player", &player)]),
    };
    Ok(respond(&page, &place, done.map(flash)))
}

#[derive(Deserialize)]
pub(super) struct Identify {
    #[serde(default)]
    place: FormId,
    #[serde(default, rename = "page")]
    on: FormPage,
    /// None stands for the whole house.
    #[serde(default)]
    serial: Vec<String>,
}

/// Lets Echos tell which they are, and pairs each with the player of its name.
pub(super) async fn identify(
    State(state): State<ApiState>,
    page: Page,
    ValidForm(form): ValidForm<Identify>,
) -> Result<Response, PageError> {
    let body = IdentifyAllBody { devices: form.serial, wait_ms: None };
    let done = identify_devices(&state, body).await.map(|outcome| identified(&page, &outcome));
    Ok(respond_on(form.on, &page, &form.place, done))
}

/// Which Echos are paired now, and why others are not: each reason once with their names.
fn identified(page: &Page, outcome: &IdentifiedBody) -> Flash {
    let mut paired: Vec<&str> = Vec::new();
    let mut reasons: BTreeMap<ErrorCode, (String, Vec<&str>)> = BTreeMap::new();
    for one in &outcome.devices {
        match &one.error {
            None => paired.push(&one.name),
            Some(error) => {
                let reason =
                    || page.flash_text(&Flash::problem_of(None, error.code.as_str(), &error.message));
                reasons.entry(error.code).or_insert_with(|| (reason(), Vec::new())).1.push(&one.name);
            }
        }
    }
    let places = reasons.keys().filter_map(|code| PagePart::of_error(*code));
    // The answer stands beside the devices, or leads to them.
    let place = places.into_iter().find(|place| *place != PagePart::Devices);
    let reasons: Vec<(&str, &[&str])> =
        reasons.values().map(|(reason, names)| (reason.as_str(), &names[..])).collect();
    let not_paired = unpaired::lines(page.language(), &reasons);
    let paired = paired.join(", ");
    let flash = match (paired.is_empty(), not_paired.is_empty()) {
        (true, true) => Flash::bad("devices-no-echo-to-pair", &[]),
        (false, true) => Flash::good("devices-identified", &[("paired", &paired)]),
        (true, false) => Flash::bad("devices-identified-none", &[("reasons", &not_paired)]),
        (false, false) => {
            Flash::good("devices-identified-some", &[("paired", &paired), ("reasons", &not_paired)])
        }
    };
    flash.mended_at(place)
}

#[derive(Deserialize)]
pub(super) struct DeviceForm {
    #[serde(default)]
    place: FormId,
    serial: String,
}

/// Makes a device say a sentence, which needs neither Music Assistant nor the skill.
pub(super) async fn test(
    State(state): State<ApiState>,
    page: Page,
    ValidForm(form): ValidForm<DeviceForm>,
) -> Result<Response, PageError> {
    let DeviceForm { place, serial } = form;
    // Alexa speaks the language of the Echos, not that of the page.
    let spoken = state.effective().await.map_err(PageError::from)?.speech.locale;
    let language = PageLanguage::of(spoken.as_str()).unwrap_or_else(PageLanguage::english);
    let done = speak_on(&state, &serial, &language.text("devices-test-sentence")).await;
    Ok(respond(
        &page,
        &place,
        done.map(|outcome| Flash::good("devices-tested", &[("device", &outcome.name)])),
    ))
}

#[derive(Deserialize)]
pub(super) struct SoundTest {
    #[serde(default)]
    place: FormId,
    serial: String,
    /// Any value stands for the forms.
    forms: Option<String>,
}

/// Starts a sound test by every route, or in every form; the page shows how it goes on.
pub(super) async fn trial(
    State(state): State<ApiState>,
    page: Page,
    ValidForm(form): ValidForm<SoundTest>,
) -> Result<Response, PageError> {
    let body = TestBody { wait_ms: None, forms: form.forms.is_some() };
    let done = test_device(&state, form.serial, body).await;
    let flash = done.map(|trial| match trial.asked_at {
        Some(_) if trial.is_of_forms => Flash::good("devices-forms-begun", &[]),
        Some(_) => Flash::good("devices-trial-begun", &[]),
        None => Flash::bad("devices-trial-silent", &[]),
    });
    Ok(respond(&page, &form.place, flash))
}

/// Ends a sound test before its end.
pub(super) async fn stop_trial(
    State(state): State<ApiState>,
    page: Page,
    ValidForm(form): ValidForm<DeviceForm>,
) -> Result<Response, PageError> {
    let done = cancel_trial(&state, &form.serial).await;
    let flash = done.map(|(ran, _)| {
        if ran { Flash::good("devices-trial-cancelled", &[]) } else { Flash::bad("devices-trial-over", &[]) }
    });
    Ok(respond(&page, &form.place, flash))
}

#[derive(Deserialize)]
pub(super) struct VolumeForm {
    #[serde(default)]
    place: FormId,
    #[serde(default, rename = "page")]
    on: FormPage,
    serial: String,
    volume: i64,
}

/// Changes a volume.
pub(super) async fn volume(
    State(state): State<ApiState>,
    page: Page,
    ValidForm(form): ValidForm<VolumeForm>,
) -> Result<Response, PageError> {
    let VolumeForm { place, on, serial, volume } = form;
    let body = VolumeBody { volume: Some(volume), step: None, muted: None };
    let done = change_volume(&state, &serial, body).await;
    let flash = done.map(|outcomes| {
        let name = outcomes.devices.first().map(|one| one.outcome.name.clone()).unwrap_or_default();
        let sent = outcomes.devices.iter().find_map(|one| one.volume).map_or(volume, i64::from);
        match outcomes.devices.len() {
            0 | 1 => Flash::good("devices-volume-set", &[("device", &name), ("volume", &sent.to_string())]),
            _ => Flash::good("devices-volumes-set", &[("volume", &sent.to_string())]),
        }
    });
    Ok(respond_on(on, &page, &place, flash))
}

#[derive(Deserialize)]
pub(super) struct Renderer {
    #[serde(default)]
    place: FormId,
    serial: String,
    on: bool,
}

/// Switches a device on or off as a player in Music Assistant.
pub(super) async fn renderer(
    State(state): State<ApiState>,
    page: Page,
    ValidForm(form): ValidForm<Renderer>,
) -> Result<Response, PageError> {
    let Renderer { place, serial, on } = form;
    let key = if on { "devices-player-turned-on" } else { "devices-player-turned-off" };
    let done = switch_renderer(&state, &serial, on).await;
    Ok(respond(&page, &place, done.map(|name| Flash::good(key, &[("device", &name)]))))
}

/// A form about all devices.
#[derive(Deserialize)]
pub(super) struct Whole {
    #[serde(default)]
    place: FormId,
}

/// Asks Amazon for its devices now.
pub(super) async fn refresh(
    State(state): State<ApiState>,
    page: Page,
    ValidForm(form): ValidForm<Whole>,
) -> Response {
    let done = listed(&state, Freshness::Now).await.and_then(|devices| match devices.problem {
        None => Ok(Flash::good("devices-refreshed", &[])),
        Some(error) => Err(crate::api::amazon_error(&state, error)),
    });
    respond(&page, &form.place, done)
}
