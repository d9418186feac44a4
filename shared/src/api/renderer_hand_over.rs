//! Renderers and the requests of persons that wait: what a controller starts is handed to such a request, and its Echo is
//! not made to ask by a sentence.

use std::time::Duration;

use super::devices::play_target;
use super::error::ApiError;
use super::renderer_commands::{refusal, stop};
use super::state::ApiState;
use crate::playback::{HANDED_WITHIN, Household, Transition};
use crate::speakers::Stopping;

/// Pause between two looks whether a request still waits.
const LOOK_EVERY: Duration = Duration::from_millis(250);

/// Hands a version of a device's player over to the request that waits. Whether one did.
pub(super) async fn hand_over(state: &ApiState, serial: String, version: u64) -> Result<bool, ApiError> {
    let player = play_target(state, serial).await?.player();
    let handed = state.deps.store.hand_over(player.key(), version, state.clock().now()).await?;
    Ok(handed == Transition::Applied)
}

/// Stops devices, but those for whose players a person's request waits. A controller stops what plays before it starts the
/// next, and a stop at that moment would end what the request is handed.
pub(super) async fn stop_others(state: &ApiState, serials: &[String]) -> Vec<Stopping> {
    let awaited = awaited(state, serials).await;
    let others = serials.iter().zip(&awaited).filter(|(_, awaited)| awaited.is_none());
    let others: Vec<String> = others.map(|(serial, _)| serial.clone()).collect();
    let mut stopped = stop(state, &others).await.into_iter();
    let outcome = |awaited: Option<u64>| {
        if let Some(version) = awaited {
            return Some(Stopping::Awaited(version));
        }
        Some(match stopped.next()? {
            Ok(()) => Stopping::Sent,
            Err(error) => Stopping::Refused(refusal(&error)),
        })
    };
    awaited.into_iter().filter_map(outcome).collect()
}

/// The version of the player of each device for which a request waits; none where none does.
async fn awaited(state: &ApiState, serials: &[String]) -> Vec<Option<u64>> {
    let now = state.clock().now();
    let household = state.deps.store.household(now).await.ok();
    let household = household.filter(|known| known.players.iter().any(|player| player.is_awaited(now)));
    let Some(household) = household else { return vec![None; serials.len()] };
    let mut awaited = Vec::with_capacity(serials.len());
    for serial in serials {
        awaited.push(waiting(state, &household, serial).await);
    }
    awaited
}

async fn waiting(state: &ApiState, household: &Household, serial: &str) -> Option<u64> {
    let id = play_target(state, serial.to_owned()).await.ok()?.player();
    let player = household.player(&id).filter(|player| player.is_awaited(state.clock().now()))?;
    Some(player.version())
}

/// Waits until no request waits for the player of a device any more, and stops the device where nothing was started
/// meanwhile. The player had this version when a request was seen to wait.
pub(super) async fn stop_unless_started(
    state: &ApiState,
    serial: String,
    version: u64,
) -> Result<(), ApiError> {
    let player = play_target(state, serial.clone()).await?.player();
    let ended = async {
        loop {
            tokio::time::sleep(LOOK_EVERY).await;
            let now = state.clock().now();
            let Ok(household) = state.deps.store.household(now).await else { return false };
            let Some(player) = household.player(&player) else { return false };
            if !player.is_awaited(now) {
                return player.version() == version && !player.was_handed(version);
            }
        }
    };
    if !tokio::time::timeout(HANDED_WITHIN * 2, ended).await.unwrap_or_default() {
        return Ok(());
    }
    stop(state, &[serial]).await.pop().unwrap_or(Ok(()))
}
