//! Commands of renderers to devices of the account, and their refusals.

use std::time::Duration;

use super::amazon::amazon_error;
use super::devices::{listed, play_target};
use super::error::{ApiError, ErrorCode};
use super::state::ApiState;
use crate::account::ChallengePurpose;
use crate::amazon::{Freshness, PlayTarget, SentWords};
use crate::config::Speech;
use crate::renderer::Refusal;

/// Time in which an Echo that was made to ask does so.
const ASKS_WITHIN: Duration = Duration::from_secs(12);

/// Makes devices ask for versions of their players, all in one request.
pub(super) async fn ask(
    state: &ApiState,
    renderer: &str,
    versions: &[(String, u64)],
) -> Vec<Result<(), Refusal>> {
    let targets = targets(state, renderer, versions).await;
    let asked: Vec<_> = targets.iter().flatten().cloned().collect();
    let sent = async {
        let (account, speech) = (state.account.clone(), state.effective().await?.speech.clone());
        let spoken = speech.clone();
        let sent = state.account.finish(async move { account.send_words(&asked, &spoken).await });
        let sent = sent.await.map_err(|error| amazon_error(state, error))?;
        await_words(state, renderer.to_owned(), sent, speech);
        Ok(())
    };
    let sent = if targets.iter().any(Result::is_ok) { sent.await } else { Ok(()) };
    let sent = sent.map_err(|error: ApiError| failed(state, renderer, &error));
    targets.into_iter().map(|target| target.and_then(|_| sent.clone())).collect()
}

/// The devices that can be made to ask, and the refusals of the others, in the order of `versions`.
async fn targets(
    state: &ApiState,
    renderer: &str,
    versions: &[(String, u64)],
) -> Vec<Result<(PlayTarget, ChallengePurpose), Refusal>> {
    let mut targets = Vec::with_capacity(versions.len());
    for (serial, version) in versions {
        let target = play_target(state, serial.clone()).await;
        let asked = |target| (target, ChallengePurpose::Play { version: *version });
        targets.push(target.map(asked).map_err(|error| failed(state, renderer, &error)));
    }
    targets
}

/// Notes for the owner where no word came back.
fn await_words(state: &ApiState, renderer: String, sent: SentWords, speech: Speech) {
    let (account, state) = (state.account.clone(), state.clone());
    // An Echo of another person of the household may need its sentence in that person's name.
    tokio::spawn(async move {
        match account.await_words(sent, &speech, ASKS_WITHIN).await {
            Ok(0) => {
                tracing::warn!("an Echo that was to play did not ask for its stream");
                let error = silence(&state, &renderer).await;
                failed(&state, &renderer, &error);
            }
            Ok(_) => {}
            Err(error) => tracing::warn!(%error, "it is not known whether an Echo asked for its stream"),
        }
    });
}

/// Stops what devices play, all in one request.
pub(super) async fn stop(state: &ApiState, renderer: &str, serials: &[String]) -> Vec<Result<(), Refusal>> {
    if serials.is_empty() {
        return Vec::new();
    }
    let locale = match state.effective().await {
        Ok(effective) => effective.speech.locale,
        Err(error) => {
            let refusal = failed(state, renderer, &error.into());
            return serials.iter().map(|_| Err(refusal.clone())).collect();
        }
    };
    let (account, serials) = (state.account.clone(), serials.to_vec());
    let count = serials.len();
    // A command to pause would go to Amazon's own player, which knows nothing of a skill's stream and may take it for
    // other music.
    let stopped = async move { Ok(account.stop_playback(&serials, locale.as_str()).await) };
    let failed = |error| failed(state, renderer, &amazon_error(state, error));
    match state.account.finish(stopped).await {
        Ok(outcomes) => outcomes.into_iter().map(|outcome| outcome.map_err(failed)).collect(),
        Err(error) => vec![Err(failed(error)); count],
    }
}

/// The refusal of a device, which is noted for its owner.
pub(super) fn failed(state: &ApiState, serial: &str, error: &ApiError) -> Refusal {
    state.renderers().failed(serial, error.code().as_str(), error.message(), state.clock().now());
    refusal(error)
}

/// Why an Echo did not ask: it went offline, which a new list of devices says, or it is not known.
async fn silence(state: &ApiState, serial: &str) -> ApiError {
    let code = ErrorCode::NeverAsked;
    let unknown = ApiError::new(code, code.description());
    if listed(state, Freshness::Now).await.is_err() {
        return unknown;
    }
    let target = play_target(state, serial.to_owned()).await;
    target.err().filter(|error| error.code() == ErrorCode::DeviceOffline).unwrap_or(unknown)
}

/// The refusal of an error.
pub(super) fn refusal(error: &ApiError) -> Refusal {
    refused(error.message().to_owned())
}

/// The refusal for a reason.
pub(super) fn refused(reason: String) -> Refusal {
    Refusal { reason }
}
