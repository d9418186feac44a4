//! Renderers and the requests of persons that wait: what a controller starts is handed to such a request, and its Echo is
//! not made to ask by a sentence.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use super::devices::play_target;
use super::ma::PushBody;
use super::state::ApiState;
use crate::playback::{HANDED_WITHIN, Household, Player, PlayerId, StreamUrl, Transition};
use crate::store::PushResult;

/// Time after a hand-over in which its Echo reports. Without a report, the answer was lost.
const REPORTED_WITHIN: Duration = Duration::from_secs(6);

/// Pause between two looks whether a request still waits.
const LOOK_EVERY: Duration = Duration::from_millis(250);

/// Most devices of which a start is remembered: far more than a home has Echos.
const DEVICES: usize = 256;

/// The last start of each device, and whether it was handed over.
#[derive(Debug, Default)]
pub(super) struct Starts(Mutex<HashMap<String, PushResult>>);

impl Starts {
    /// Notes a start.
    pub(super) fn note(&self, serial: &str, pushed: PushResult) {
        let mut starts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if starts.len() < DEVICES || starts.contains_key(serial) {
            starts.insert(serial.to_owned(), pushed);
        }
    }

    /// Whether the start of this version was handed over; none where it is not known here, or was asked for already.
    fn take(&self, serial: &str, version: u64) -> Option<bool> {
        let mut starts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let start = starts.remove(serial)?;
        (start.version == version).then_some(start.handed)
    }
}

/// What a controller starts, as a push. Music Assistant alone carries out what people ask for, and a request waits for that.
pub(super) fn offered(media: PushBody) -> PushBody {
    let is_music = StreamUrl::of_controller(&media.stream_url).is_ok_and(|stream| !stream.is_media());
    PushBody { can_skip_speech: is_music.then_some(true), ..media }
}

/// A version that a request was handed.
pub(super) struct Handed {
    player: PlayerId,
    version: u64,
    is_start: bool,
}

/// Hands a version of a device's player over to the request that waits; none where none does.
pub(super) async fn hand_over(
    state: &ApiState,
    starts: &Starts,
    serial: &str,
    version: u64,
) -> Option<Handed> {
    let known = starts.take(serial, version);
    if known == Some(false) {
        return None;
    }
    let player = play_target(state, serial.to_owned()).await.ok()?.player();
    if known.is_none() {
        let handed = state.deps.store.hand_over(player.key(), version, state.clock().now()).await;
        handed.ok().filter(|handed| *handed == Transition::Applied)?;
    }
    Some(Handed { player, version, is_start: known.is_some() })
}

impl Handed {
    /// Waits for the report of the Echo. Whether none came, so that the answer was lost. What a person resumed has a report
    /// from before, and says nothing of that.
    pub(super) async fn is_lost(&self, state: &ApiState) -> bool {
        if !self.is_start {
            return false;
        }
        tokio::time::sleep(REPORTED_WITHIN).await;
        let household = state.deps.store.household(state.clock().now()).await;
        let is_silent =
            |player: &Player| player.version == self.version && player.effective_report().is_none();
        household.is_ok_and(|household| household.player(&self.player).is_some_and(is_silent))
    }
}

/// A request waits for the next start of a player.
pub(super) struct Awaited {
    player: PlayerId,
    version: u64,
}

/// The requests that wait for starts of these devices, in their order. A controller stops what plays before it starts the
/// next, and a stop at that moment would end what the request is handed.
pub(super) async fn awaited(state: &ApiState, serials: &[String]) -> Vec<Option<Awaited>> {
    let now = state.clock().now();
    let Ok(household) = state.deps.store.household(now).await else {
        return serials.iter().map(|_| None).collect();
    };
    if !household.players.iter().any(|player| player.is_awaited(now)) {
        return serials.iter().map(|_| None).collect();
    }
    let mut awaited = Vec::with_capacity(serials.len());
    for serial in serials {
        awaited.push(waiting(state, &household, serial).await);
    }
    awaited
}

async fn waiting(state: &ApiState, household: &Household, serial: &str) -> Option<Awaited> {
    let id = play_target(state, serial.to_owned()).await.ok()?.player();
    let player = household.player(&id).filter(|player| player.is_awaited(state.clock().now()))?;
    Some(Awaited { version: player.version, player: id })
}

impl Awaited {
    /// Waits until the request does not wait any more. Whether nothing was started meanwhile, so that the stop is due.
    pub(super) async fn ends_without_start(&self, state: &ApiState) -> bool {
        let ended = async {
            loop {
                tokio::time::sleep(LOOK_EVERY).await;
                let now = state.clock().now();
                let Ok(household) = state.deps.store.household(now).await else { return false };
                let Some(player) = household.player(&self.player) else { return false };
                if !player.is_awaited(now) {
                    return player.version == self.version && !player.was_handed(self.version);
                }
            }
        };
        tokio::time::timeout(HANDED_WITHIN * 2, ended).await.unwrap_or_default()
    }
}
