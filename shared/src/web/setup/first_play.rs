//! The sixth step: the first sound.

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use serde::Deserialize;

use super::answer::{StepForm, answer};
use super::checklist::{SetupState, newest_has_failed};
use super::shown::part;
use super::step::SetupStep;
use crate::account::DeviceKind;
use crate::api::devices::{TestBody, TrialBody, test_device};
use crate::api::{self, ApiState};
use crate::clock::Timestamp;
use crate::playback::{Household, Player, PlayerState, Trial};
use crate::web::chain::Chain;
use crate::web::error::PageError;
use crate::web::flash::Flash;
use crate::web::form::ValidForm;
use crate::web::page::Page;

/// The place of the test tone.
const TONE: StepForm = StepForm::new(SetupStep::Sound, "tone");

/// Number of activities among which the last play is looked for.
const ACTIVITIES: usize = 20;

/// The progress until the first sound.
struct FirstPlay {
    /// The chain of the play that was started last.
    chain: Chain,
    /// Whether the Echo reported that it could not play.
    has_failed: bool,
    /// Whether an Echo reported that it plays.
    has_played: bool,
    /// Title and player of what plays now.
    now: Option<(String, String)>,
    /// The name of the Echo that was tested since, and the chain of the tone.
    tone: Option<(String, Chain)>,
}

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

impl FirstPlay {
    async fn of(
        state: &ApiState,
        page: &Page,
        household: &Household,
        now: Timestamp,
    ) -> Result<Self, PageError> {
        let trials = async { Ok::<_, PageError>(state.deps.store.trials(now).await?) };
        let recent = async { Ok::<_, PageError>(api::recent(state, ACTIVITIES).await?) };
        let (trials, recent) = tokio::try_join!(trials, recent)?;
        let newest = api::plays(state, household, &recent).into_iter().next();
        let has_played = household.players.iter().any(Player::has_played);
        let playing =
            household.players.iter().find(|player| household.view(player, now).state == PlayerState::Playing);
        let started_at = newest.as_ref().map(|play| play.started_at);
        Ok(Self {
            chain: newest.map_or_else(|| Chain::before_any(state), |play| Chain::of_play(page, state, &play)),
            has_failed: !has_played && newest_has_failed(household, now),
            has_played,
            now: playing.and_then(|player| {
                Some((player.metadata().title.clone()?, player.player.as_str().to_owned()))
            }),
            tone: tone_since(page, state, &trials, started_at),
        })
    }
}

/// The last test tone, where nothing was started since.
fn tone_since(
    page: &Page,
    state: &ApiState,
    trials: &[Trial],
    started_at: Option<Timestamp>,
) -> Option<(String, Chain)> {
    let trial = trials.iter().max_by_key(|trial| trial.begun_at)?;
    let is_last = started_at.is_none_or(|started_at| trial.begun_at > started_at);
    let chain = || Chain::of_trial(page, state, trial, &TrialBody::of(trial, page.now()));
    is_last.then(|| (trial.player.to_string(), chain()))
}

/// The open card.
pub(super) async fn body(state: &ApiState, page: &Page, setup: &SetupState) -> Result<String, PageError> {
    let devices = setup.devices.iter().flat_map(|list| &list.devices).filter(|_| setup.has_household());
    let echos = devices.filter(|device| device.kind == DeviceKind::Echo && device.online);
    part(&SoundBody {
        page,
        sound: FirstPlay::of(state, page, &setup.household, setup.now).await?,
        echos: echos.map(|device| (device.serial.clone(), device.name.clone())).collect(),
    })
}

/// The fragment with the chain.
pub(super) async fn poll(State(state): State<ApiState>, page: Page) -> Result<Response, PageError> {
    let now = state.clock().now();
    let household = state.deps.store.household(now).await?;
    let sound = FirstPlay::of(&state, &page, &household, now).await?;
    Ok(page.fragment(&ChainFragment { page: &page, sound }))
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
