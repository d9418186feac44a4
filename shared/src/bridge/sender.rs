//! The skill's end of the bridge.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures_util::future::BoxFuture;
use tokio::time::{Instant, timeout_at};

use super::queue::{Outbox, REQUEST_AT_MOST};
use crate::alexa::DeviceId;
use crate::clock::{Clock, Timestamp};
use crate::config::VoicePause;
use crate::control::{
    Control, ControlError, ControlRequest, JUST_PAUSED, LONGEST_WAIT, Reply, WaitingRequest,
};
use crate::playback::{Household, Transition};
use crate::store::{Store, StoreError, note_silence};

/// Time between two looks for the reply. Each is a strongly consistent read.
pub const POLL: Duration = Duration::from_millis(150);

/// Longest time in which a stop is noted, after its answer.
const SETTLE: Duration = Duration::from_secs(1);

/// Most Echos whose stops wait for being noted; an answer brings one.
const SILENCED_AT_MOST: usize = 16;

/// Carries requests out by a home that asks the queue for them.
#[derive(Debug)]
pub struct BridgeControl {
    store: Arc<dyn Store>,
    outbox: Arc<dyn Outbox>,
    clock: Arc<dyn Clock>,
    /// Echos that people stopped since the last [`Control::settle`].
    silenced: Mutex<Vec<DeviceId>>,
    voice_pause: VoicePause,
}

impl BridgeControl {
    /// Sends into `outbox`, and finds replies in `store`.
    #[must_use]
    pub fn new(store: Arc<dyn Store>, outbox: Arc<dyn Outbox>, clock: Arc<dyn Clock>) -> Self {
        Self { store, outbox, clock, silenced: Mutex::default(), voice_pause: VoicePause::default() }
    }

    /// Whether the home pauses what people stop.
    #[must_use]
    pub fn with_voice_pause(self, voice_pause: VoicePause) -> Self {
        Self { voice_pause, ..self }
    }

    /// Sends a request unless the home is silent, and waits for its reply until its time is over.
    async fn ask(&self, request: &ControlRequest) -> Result<Reply, ControlError> {
        let now = self.clock.now();
        let waiting = WaitingRequest::new(request, now);
        // Both at once: a home that is there needs both, and one that is silent leaves an item that ends by itself.
        let (presence, put) = tokio::join!(self.store.presence(now), self.store.put_waiting(&waiting, now));
        match presence.map_err(|error| failed(&error))? {
            // A household that has no program at home.
            None => return Err(ControlError::NotConnected),
            Some(presence) if !presence.is_present(now) => return Err(ControlError::HomeSilent),
            Some(_) => {}
        }
        match put.map_err(|error| failed(&error))? {
            (WaitingRequest { reply: Some(reply), .. }, _) => return Ok(reply),
            // The same request is on its way: its reply is this one's, too.
            (_, Transition::AlreadyApplied) => {}
            (_, Transition::Applied | Transition::Rejected) => self.send(request, waiting.until).await?,
        }
        self.reply(request).await
    }

    /// Has the home pause the queues of these Echos, each once its Echo has reported its stop.
    async fn pause(&self, mut devices: Vec<DeviceId>, mut household: Household) -> Result<(), StoreError> {
        let since = self.clock.now().minus(JUST_PAUSED);
        loop {
            let now = self.clock.now();
            let mut playing = Vec::new();
            for device in devices {
                let Some(pausing) = household.pausing(&device, since, now) else { continue };
                match ControlRequest::pause_of(&pausing, now) {
                    Some(request) => {
                        self.carry_out(&request).await;
                    }
                    None => playing.push(device),
                }
            }
            if playing.is_empty() {
                return Ok(());
            }
            tokio::time::sleep(POLL).await;
            (devices, household) = (playing, self.store.household(self.clock.now()).await?);
        }
    }

    /// Notes the stops of these Echos; the household in which they were seen.
    async fn noted_stops(&self, devices: &[DeviceId]) -> Result<Household, StoreError> {
        let household = self.store.household(self.clock.now()).await?;
        note_silence(self.store.as_ref(), devices, &household, self.clock.now()).await?;
        Ok(household)
    }

    fn silenced_now(&self) -> MutexGuard<'_, Vec<DeviceId>> {
        self.silenced.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn send(&self, request: &ControlRequest, until: Timestamp) -> Result<(), ControlError> {
        let message = ControlRequest { until, ..request.clone() };
        let body = serde_json::to_string(&message).map_err(|_| ControlError::Failed)?;
        if body.len() > REQUEST_AT_MOST {
            tracing::warn!(bytes = body.len(), "a request is too long for the queue");
            return Err(ControlError::Failed);
        }
        self.outbox.send(body).await.map_err(|error| {
            tracing::error!(%error, "a request did not go into the queue");
            ControlError::Unsent
        })
    }

    /// The reply, looked for until the caller gives up.
    async fn reply(&self, request: &ControlRequest) -> Result<Reply, ControlError> {
        let mut is_logged = false;
        loop {
            tokio::time::sleep(POLL).await;
            match self.store.waiting(&request.id, self.clock.now()).await {
                Ok(Some(WaitingRequest { reply: Some(reply), .. })) => return Ok(reply),
                Ok(None) => return Err(ControlError::Slow),
                Err(error) if !is_logged => {
                    is_logged = true;
                    tracing::warn!(%error, "the reply could not be looked for");
                }
                Ok(Some(_)) | Err(_) => {}
            }
        }
    }
}

impl Control for BridgeControl {
    fn carry_out<'a>(&'a self, request: &'a ControlRequest) -> BoxFuture<'a, Reply> {
        Box::pin(async move {
            let left = request.until.since(self.clock.now()).min(LONGEST_WAIT);
            let asked = tokio::time::timeout(left, self.ask(request)).await;
            asked.unwrap_or(Err(ControlError::Slow)).unwrap_or_else(Reply::Failed)
        })
    }

    fn silenced(&self, device: &DeviceId) {
        let mut silenced = self.silenced_now();
        if silenced.len() < SILENCED_AT_MOST {
            silenced.push(device.clone());
        }
    }

    fn settle(&self) -> BoxFuture<'_, ()> {
        Box::pin(async move {
            let silenced = std::mem::take(&mut *self.silenced_now());
            if silenced.is_empty() {
                return;
            }
            let end = Instant::now() + SETTLE;
            let household = match timeout_at(end, self.noted_stops(&silenced)).await {
                Ok(Ok(household)) => household,
                Ok(Err(error)) => return tracing::warn!(%error, "a stop was not noted"),
                Err(_elapsed) => return tracing::warn!("a stop was not noted in time"),
            };
            if self.voice_pause == VoicePause::Never {
                return;
            }
            match timeout_at(end, self.pause(silenced, household)).await {
                Ok(Ok(())) => {}
                Ok(Err(error)) => tracing::warn!(%error, "a stopped queue was not paused"),
                Err(_elapsed) => {
                    tracing::debug!("an Echo has not reported its stop in time: its queue goes on");
                }
            }
        })
    }
}

fn failed(error: &StoreError) -> ControlError {
    tracing::error!(%error, "the store did not serve a request to the home");
    ControlError::Failed
}
