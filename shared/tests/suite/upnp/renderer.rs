//! A stand-in for an Echo.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use ma_alexa::upnp::{
    ActionError, Identity, MediaItem, MediaRenderer, RendererModel, RendererSnapshot, TransportState,
};
use tokio::sync::watch;

/// Keeps what it is asked for, and does it at once.
#[derive(Debug)]
pub(super) struct StandIn {
    identity: Identity,
    state: watch::Sender<RendererSnapshot>,
    refusal: Mutex<Option<ActionError>>,
    panics: Mutex<bool>,
}

impl StandIn {
    pub(super) fn new(number: usize, name: &str) -> Arc<Self> {
        let identity = Identity {
            udn: format!("2fac1234-31f8-11b4-a222-{number:012}"),
            name: name.to_owned(),
            model: RendererModel::Echo,
        };
        let state = RendererSnapshot { volume: Some(30), muted: Some(false), ..RendererSnapshot::default() };
        Arc::new(Self {
            identity,
            state: watch::Sender::new(state),
            refusal: Mutex::default(),
            panics: Mutex::default(),
        })
    }

    /// The same one under another name.
    pub(super) fn renamed(&self, name: &str) -> Arc<Self> {
        let identity = Identity { name: name.to_owned(), ..self.identity.clone() };
        let state = watch::Sender::new(self.snapshot());
        Arc::new(Self { identity, state, refusal: Mutex::default(), panics: Mutex::default() })
    }

    pub(super) fn udn(&self) -> &str {
        &self.identity.udn
    }

    pub(super) fn snapshot(&self) -> RendererSnapshot {
        self.state.borrow().clone()
    }

    pub(super) fn change(&self, change: impl FnOnce(&mut RendererSnapshot)) {
        self.state.send_modify(change);
    }

    /// Refuses every action from now on.
    pub(super) fn refuse(&self, refusal: Option<ActionError>) {
        *self.refusal.lock().unwrap() = refusal;
    }

    /// Panics at every action from now on.
    pub(super) fn break_down(&self) {
        *self.panics.lock().unwrap() = true;
    }

    fn act(&self, change: impl FnOnce(&mut RendererSnapshot)) -> Result<(), ActionError> {
        assert!(!*self.panics.lock().unwrap(), "the stand-in breaks down");
        if let Some(refusal) = *self.refusal.lock().unwrap() {
            return Err(refusal);
        }
        self.change(change);
        Ok(())
    }
}

#[async_trait]
impl MediaRenderer for StandIn {
    fn identity(&self) -> Identity {
        self.identity.clone()
    }

    fn snapshots(&self) -> watch::Receiver<RendererSnapshot> {
        self.state.subscribe()
    }

    fn position(&self) -> Duration {
        Duration::from_millis(61_500)
    }

    async fn set_item(&self, item: MediaItem) -> Result<(), ActionError> {
        self.act(|state| {
            state.item = Some(item);
            state.state = TransportState::Stopped;
        })
    }

    async fn set_next_item(&self, item: Option<MediaItem>) -> Result<(), ActionError> {
        self.act(|state| state.next = item)
    }

    async fn play(&self) -> Result<(), ActionError> {
        self.act(|state| state.state = TransportState::Playing)
    }

    async fn pause(&self) -> Result<(), ActionError> {
        self.act(|state| state.state = TransportState::Paused)
    }

    async fn stop(&self) -> Result<(), ActionError> {
        self.act(|state| state.state = TransportState::Stopped)
    }

    async fn set_volume(&self, percent: u8) -> Result<(), ActionError> {
        self.act(|state| state.volume = Some(percent))
    }

    async fn set_muted(&self, muted: bool) -> Result<(), ActionError> {
        self.act(|state| state.muted = Some(muted))
    }
}
