//! A person pauses an Echo of Music Assistant's Alexa provider: the queue is paused, too, where that costs no sentence.
//!
//! A provider that leaves sentences out asks before it speaks. Once the Echo has reported its stop, no sentence is needed.

use std::sync::{Arc, Weak};
use std::time::Duration;

use tokio::time::{Instant, sleep};

use super::home::{HomeControl, Shared};
use crate::alexa::DeviceId;
use crate::clock::Timestamp;
use crate::config::VoicePause;
use crate::control::{Control as _, ControlRequest, JUST_PAUSED};
use crate::task;

/// Time in which an Echo reports that it stopped, and the time between two looks.
const REPORTED_WITHIN: Duration = Duration::from_secs(10);
const LOOK_EVERY: Duration = Duration::from_millis(250);

impl HomeControl {
    /// A person stops an Echo. Music Assistant pauses its queue once the Echo has reported it.
    pub(super) fn pauses(&self, device: &DeviceId) {
        if self.0.voice_pause == VoicePause::Never {
            return;
        }
        let Ok(place) = Arc::clone(&self.0.pauses).try_acquire_owned() else { return };
        let (shared, device) = (Arc::downgrade(&self.0), device.clone());
        let since = self.0.clock.now().minus(JUST_PAUSED);
        task::spawn(async move {
            pause_once_silent(&shared, &device, since).await;
            drop(place);
        });
    }
}

/// Waits until the Echo has reported its stop, and pauses the queue then. None where there is nothing to pause.
async fn pause_once_silent(shared: &Weak<Shared>, device: &DeviceId, since: Timestamp) -> Option<()> {
    let end = Instant::now() + REPORTED_WITHIN;
    let mut version = None;
    let mut has_failed = false;
    while Instant::now() < end {
        // The tasks belong to what they hold: a strong reference would keep it for as long.
        let home = HomeControl(shared.upgrade()?);
        let now = home.0.clock.now();
        let household = match home.0.store.household(now).await {
            Ok(household) => household,
            Err(error) => {
                if !std::mem::replace(&mut has_failed, true) {
                    tracing::warn!(%error, "whether the Echo has stopped is not known yet");
                }
                drop(home);
                sleep(LOOK_EVERY).await;
                continue;
            }
        };
        let pausing = household.pausing(device, since, now)?;
        // What started meanwhile is not what the person paused.
        if *version.get_or_insert(pausing.player.version()) != pausing.player.version() {
            return None;
        }
        if let Some(request) = ControlRequest::pause_of(&pausing, now) {
            home.carry_out(&request).await;
            return Some(());
        }
        drop(home);
        sleep(LOOK_EVERY).await;
    }
    None
}
