//! The renderers of this process, over its own account.

use std::sync::Arc;

use tokio::sync::broadcast::error::RecvError;

use super::account_echos::AccountEchos;
use super::devices::listed;
use super::state::ApiState;
use crate::account::Device;
use crate::amazon::Freshness;
use crate::amazon::live::{LiveChange, LiveValue};
use crate::renderer::{Echos as _, HouseholdEchos, NewsFeed, SpeakerObservation, TokioTimer, offer};
use crate::task;
use crate::upnp::RendererList;

/// Offers the Echos, pairs and groups of the account as media renderers, for as long as the list has a holder. `feed` is the
/// listener of the skill in this process.
#[must_use]
pub fn offer_renderers(state: &ApiState, feed: &NewsFeed) -> RendererList {
    let (access, clock) = (Arc::new(AccountEchos::here(state)), &state.deps.clock);
    let echos = HouseholdEchos::new(access, feed, state.renderers().clone(), Arc::clone(clock));
    let renderers = offer(Arc::new(echos.clone()), feed, Arc::new(TokioTimer(Arc::clone(clock))));
    task::spawn(hear_live_events(state.clone(), feed.clone(), echos));
    renderers
}

/// Hands on the volumes of Amazon's live events, until there is no renderer.
async fn hear_live_events(state: ApiState, feed: NewsFeed, echos: HouseholdEchos) {
    let mut changes = state.live().changes();
    loop {
        let change = match changes.recv().await {
            Ok(change) => change,
            // What was missed is asked for from time to time.
            Err(RecvError::Lagged(_)) => continue,
            Err(RecvError::Closed) => return,
        };
        if !feed.has_listeners() {
            return;
        }
        hand_on(&state, &feed, &echos, &change).await;
    }
}

/// A volume is read where all are, since an event may say 0 for what we muted.
async fn hand_on(state: &ApiState, feed: &NewsFeed, echos: &HouseholdEchos, change: &LiveChange) {
    if !matches!(change.value, LiveValue::Volume(_)) {
        return;
    }
    for (serial, level) in echos.levels(&sounding_as(state, &change.serial).await).await {
        feed.observe(SpeakerObservation { serial, level });
    }
}

/// A device, and the pairs and groups that sound as it does.
async fn sounding_as(state: &ApiState, serial: &str) -> Vec<String> {
    let mut serials = vec![serial.to_owned()];
    if let Ok(devices) = listed(state, Freshness::Cached).await {
        let list = &devices.list;
        let has_it = |device: &&Device| {
            !device.members.is_empty() && list.echos_of(device).iter().any(|echo| echo.serial == serial)
        };
        serials.extend(list.devices.iter().filter(has_it).map(|device| device.serial.clone()));
    }
    serials
}
