//! Commands of renderers to devices of the account, and their refusals.

use std::time::Duration;

use super::amazon::amazon_error;
use super::devices::{listed, play_target};
use super::error::{ApiError, ErrorCode};
use super::state::ApiState;
use crate::account::{ChallengePurpose, OneTimeWord};
use crate::amazon::{Freshness, PlayTarget};
use crate::speakers::{EchoAnswer, Refusal};

/// Time in which an Echo that was made to ask does so.
const ASKS_WITHIN: Duration = Duration::from_secs(12);

/// Makes devices ask for versions of their players, all in one request. It answers once Amazon took that.
pub(super) async fn ask(state: &ApiState, versions: &[(String, u64)]) -> Result<EchoAnswer, ApiError> {
    let (mut targets, mut refusals) = (Vec::new(), Vec::with_capacity(versions.len()));
    for (serial, version) in versions {
        match play_target(state, serial.clone()).await {
            Ok(target) => {
                targets.push((target, ChallengePurpose::Play { version: *version }));
                refusals.push(None);
            }
            Err(error) => refusals.push(Some(refusal(&error))),
        }
    }
    let words = if targets.is_empty() { Vec::new() } else { send_words(state, targets).await? };
    Ok(EchoAnswer::Asked { refusals, words })
}

async fn send_words(
    state: &ApiState,
    targets: Vec<(PlayTarget, ChallengePurpose)>,
) -> Result<Vec<String>, ApiError> {
    let (account, speech) = (state.account.clone(), state.effective().await?.speech.clone());
    let sent = state.account.finish(async move { account.send_words(&targets, &speech).await });
    let sent = sent.await.map_err(|error| amazon_error(state, error))?;
    Ok(sent.words().map(|word| word.as_str().to_owned()).collect())
}

/// Waits until words came back. An error where none did, for the device with this serial number. An Echo of another person of
/// the household may need its sentence in that person's name, which is sent meanwhile.
pub(super) async fn await_words(
    state: &ApiState,
    serial: String,
    words: Vec<String>,
) -> Result<EchoAnswer, ApiError> {
    let words: Vec<OneTimeWord> = words.iter().filter_map(|word| OneTimeWord::parse(word)).collect();
    let (account, speech) = (&state.account, state.effective().await?.speech.clone());
    let came_back = async {
        let sent = account.sent_words(&words).await?;
        account.await_words(sent, &speech, ASKS_WITHIN).await
    };
    match came_back.await {
        Ok(0) => Err(silence(state, serial).await),
        Ok(_) => Ok(EchoAnswer::Done {}),
        Err(error) => {
            tracing::warn!(%error, "it is not known whether an Echo asked for its stream");
            Ok(EchoAnswer::Done {})
        }
    }
}

/// Stops what devices play, all in one request; the refusals in their order.
pub(super) async fn stop(state: &ApiState, serials: &[String]) -> Vec<Result<(), ApiError>> {
    if serials.is_empty() {
        return Vec::new();
    }
    let locale = match state.effective().await {
        Ok(effective) => effective.speech.locale,
        Err(error) => {
            let error = ApiError::from(error);
            return serials.iter().map(|_| Err(error.clone())).collect();
        }
    };
    let (account, serials) = (state.account.clone(), serials.to_vec());
    let count = serials.len();
    // A command to pause would go to Amazon's own player, which knows nothing of a skill's stream and may take it for
    // other music.
    let stopped = async move { Ok(account.stop_playback(&serials, locale.as_str()).await) };
    let failed = |error| amazon_error(state, error);
    match state.account.finish(stopped).await {
        Ok(outcomes) => outcomes.into_iter().map(|outcome| outcome.map_err(failed)).collect(),
        Err(error) => vec![Err(failed(error)); count],
    }
}

/// Why an Echo did not ask: it went offline, which a new list of devices says, or it is not known.
async fn silence(state: &ApiState, serial: String) -> ApiError {
    let code = ErrorCode::NeverAsked;
    let unknown = ApiError::new(code, code.description());
    if listed(state, Freshness::Now).await.is_err() {
        return unknown;
    }
    let target = play_target(state, serial).await;
    target.err().filter(|error| error.code() == ErrorCode::DeviceOffline).unwrap_or(unknown)
}

/// The refusal of an error.
pub(super) fn refusal(error: &ApiError) -> Refusal {
    Refusal::new(error.code().as_str(), error.message())
}
