//! Trials: which routes and forms an Echo takes, found by a tone in each.

use std::sync::Arc;
use std::time::Duration;

use axum::Json;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use serde::Deserialize;
use utoipa::ToSchema;

use super::identify::wait;
use super::serial::serial;
use super::trial_body::{LastTrialBody, TrialBody};
use super::trial_tones::ChosenTones;
use crate::account::ChallengePurpose;
use crate::amazon::PlayTarget;
use crate::api::amazon::amazon_error;
use crate::api::body::JsonBody;
use crate::api::error::{ApiError, ErrorBody};
use crate::api::responses::{AmazonWriteErrors, ReadErrors};
use crate::api::state::ApiState;
use crate::config::Effective;
use crate::playback::Trial;
use crate::store::TrialChange;

/// Looks at a trial whose word came back, and the pause between two of them.
const LOOKS: usize = 8;
const LOOK_EVERY: Duration = Duration::from_millis(100);

/// Time that an Echo may take to ask, and what it is to play.
#[derive(Clone, Copy, Debug, Default, Deserialize, ToSchema)]
pub struct TestBody {
    /// Time to wait for the Echo, in milliseconds, up to 12000. The tones go on after that.
    #[serde(default)]
    #[schema(minimum = 0, maximum = 12000, default = 12000)]
    pub wait_ms: Option<u64>,
    /// Whether the forms are played that are no route: another port, a bare IP address, a redirect, HLS lists. Else the
    /// routes are.
    #[serde(default)]
    pub forms: bool,
}

/// Starts a trial: the Echo plays five seconds of a tone by each route that is set up, or in each form, and its reports say
/// which it takes. Music Assistant serves the direct route itself, which is learned from the first play. A trial that runs
/// goes on, and ends within five minutes.
#[utoipa::path(
    post, path = "/devices/{serial}/test", operation_id = "test_device", tag = "devices",
    params(("serial" = String, Path, description = "The device's serial number", max_length = 64)),
    request_body = TestBody, security(("basic" = []), ("token" = ["everything"])),
    responses(
        (status = 200, description = "The trial as it is; GET shows how it goes on", body = TrialBody),
        AmazonWriteErrors,
    )
)]
pub(super) async fn start(
    State(state): State<ApiState>,
    path: Result<Path<String>, PathRejection>,
    JsonBody(body): JsonBody<TestBody>,
) -> Result<Json<TrialBody>, ApiError> {
    test_device(&state, serial(path)?, body).await.map(Json)
}

/// The last trial of a device, as far as it is.
#[utoipa::path(
    get, path = "/devices/{serial}/test", operation_id = "device_test", tag = "devices",
    params(("serial" = String, Path, description = "The device's serial number", max_length = 64)),
    security(("basic" = []), ("token" = ["control"])),
    responses(
        (status = 200, description = "The trial", body = LastTrialBody),
        (status = 400, description = "invalid_request: the serial number is none", body = ErrorBody),
        ReadErrors,
    )
)]
pub(super) async fn last(
    State(state): State<ApiState>,
    path: Result<Path<String>, PathRejection>,
) -> Result<Json<LastTrialBody>, ApiError> {
    let serial = serial(path)?;
    let now = state.clock().now();
    let trials = state.deps.store.trials(now).await?;
    let test = trials.iter().find(|trial| trial.serial == serial);
    Ok(Json(LastTrialBody { test: test.map(|trial| TrialBody::of(trial, now)) }))
}

/// Cancels the trial of a device, where one runs: what plays stops with the Echo's next report.
#[utoipa::path(
    delete, path = "/devices/{serial}/test", operation_id = "cancel_device_test", tag = "devices",
    params(("serial" = String, Path, description = "The device's serial number", max_length = 64)),
    security(("basic" = []), ("token" = ["everything"])),
    responses(
        (status = 200, description = "The trial as it is then", body = LastTrialBody),
        (status = 400, description = "invalid_request: the serial number is none", body = ErrorBody),
        ReadErrors,
    )
)]
pub(super) async fn cancel(
    State(state): State<ApiState>,
    path: Result<Path<String>, PathRejection>,
) -> Result<Json<LastTrialBody>, ApiError> {
    let (_, test) = cancel_trial(&state, &serial(path)?).await?;
    Ok(Json(LastTrialBody { test }))
}

/// Cancels the trial of a device. Whether one ran, and the trial as it is then; none where there was none.
///
/// # Errors
/// When the store does not answer.
pub(crate) async fn cancel_trial(
    state: &ApiState,
    serial: &str,
) -> Result<(bool, Option<TrialBody>), ApiError> {
    let now = state.clock().now();
    let trials = state.deps.store.trials(now).await?;
    let Some(trial) = trials.into_iter().find(|trial| trial.serial == serial) else {
        return Ok((false, None));
    };
    let ran = !trial.stage(now).is_over();
    let cancel: TrialChange = Arc::new(move |known: &mut Option<Trial>| {
        if let Some(trial) = known {
            trial.cancel(now);
        }
    });
    let cancelled = state.deps.store.change_trial(Trial::key_of(&trial.player), now, cancel).await?;
    Ok((ran, cancelled.map(|trial| TrialBody::of(&trial, now))))
}

/// Starts a trial, and waits for the Echo to ask.
///
/// # Errors
/// When no route can be tried, or Amazon does not make the Echo ask.
pub(crate) async fn test_device(
    state: &ApiState,
    serial: String,
    body: TestBody,
) -> Result<TrialBody, ApiError> {
    let wait = wait(body.wait_ms)?;
    let account = state.account.clone();
    let found = state.account.finish(async move { account.player(&serial).await }).await;
    let target = found.map_err(|error| amazon_error(state, error))?;
    let effective = state.effective().await?;
    let (player, now) = (target.player(), state.clock().now());
    let chosen = ChosenTones::choose(state, &effective, &player, body.forms, now).await?;
    let new = Trial {
        echo_kind: Some(target.echo.echo_kind()),
        is_of_forms: body.forms,
        left_out: chosen.left_out,
        ..Trial::new(&target.device.serial, &player, chosen.tones, now)
    };
    let (key, number) = (Trial::key_of(&player), new.number);
    let change = Arc::new(move |known: &mut Option<Trial>| Trial::begin(known, &new));
    let begun = state.deps.store.change_trial(key, now, change).await?;
    let is_new = begun.as_ref().is_some_and(|begun| begun.number == number);
    let came_back = is_new && ask(state, &target, number, &effective, wait).await?;
    for _ in 0..LOOKS {
        let now = state.clock().now();
        let read: TrialChange = Arc::new(|_: &mut Option<Trial>| {});
        let Some(trial) = state.deps.store.change_trial(key, now, read).await? else { break };
        if trial.asked_at.is_some() || !came_back {
            return Ok(TrialBody::of(&trial, now));
        }
        // The skill has the word, and is about to answer it.
        tokio::time::sleep(LOOK_EVERY).await;
    }
    begun.map(|trial| TrialBody::of(&trial, now)).ok_or_else(ApiError::internal)
}

/// Makes the Echo ask; whether its word came back. A trial whose sentence Amazon did not take is no trial.
async fn ask(
    state: &ApiState,
    target: &PlayTarget,
    number: u64,
    effective: &Effective,
    wait: Duration,
) -> Result<bool, ApiError> {
    let (account, speech, requested) = (state.account.clone(), effective.speech.clone(), target.clone());
    let purpose = ChallengePurpose::Test { number };
    let store = Arc::clone(&state.deps.store);
    let key = Trial::key_of(&target.player());
    let clock = Arc::clone(&state.deps.clock);
    let asked = async move {
        let sent = account.send_words(&[(requested, purpose)], &speech).await?;
        let now = clock.now();
        let hear = move |known: &mut Option<Trial>| {
            if let Some(trial) = known.as_mut().filter(|trial| trial.number == number) {
                trial.hear(now);
            }
        };
        store.change_trial(key, now, Arc::new(hear)).await?;
        Ok(account.await_words(sent, &speech, wait).await? > 0)
    };
    let error = match state.account.finish(asked).await {
        Ok(came_back) => return Ok(came_back),
        Err(error) => error,
    };
    let remove = move |known: &mut Option<Trial>| {
        known.take_if(|trial| trial.number == number && trial.asked_at.is_none());
    };
    state.deps.store.change_trial(key, state.clock().now(), Arc::new(remove)).await?;
    Err(amazon_error(state, error))
}
