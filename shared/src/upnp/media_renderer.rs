//! The face of one renderer for a controller: its actions, and its state.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use tokio::sync::watch;

use crate::speakers::{MediaItem, RendererModel};

/// All renderers that are offered; a change is a renderer that came, went or has a new name.
pub type RendererList = watch::Receiver<Vec<Arc<dyn MediaRenderer>>>;

/// One renderer. Each action returns as soon as it is taken; the snapshot shows its outcome.
#[async_trait]
pub trait MediaRenderer: Send + Sync {
    /// Its identity.
    fn identity(&self) -> Identity;

    /// Its state from now on; the present value is that of this moment.
    fn snapshots(&self) -> watch::Receiver<RendererSnapshot>;

    /// The position in the present track.
    fn position(&self) -> Duration;

    /// Takes the item that the next `Play` starts. Nothing is heard.
    async fn set_item(&self, item: MediaItem) -> Result<(), ActionError>;

    /// Takes the item that follows the present one; `None` where none does.
    async fn set_next_item(&self, item: Option<MediaItem>) -> Result<(), ActionError>;

    /// Starts the item, or resumes it.
    async fn play(&self) -> Result<(), ActionError>;

    /// Stops for now.
    async fn pause(&self) -> Result<(), ActionError>;

    /// Stops.
    async fn stop(&self) -> Result<(), ActionError>;

    /// Sets the volume, 0 to 100.
    async fn set_volume(&self, percent: u8) -> Result<(), ActionError>;

    /// Mutes, or ends that.
    async fn set_muted(&self, muted: bool) -> Result<(), ActionError>;
}

/// The identity of a renderer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// Its unique device name without `uuid:`, in the form of a UUID; it never changes.
    pub udn: String,
    /// The name that people see.
    pub name: String,
    /// The model.
    pub model: RendererModel,
}

/// State of the transport (AVTransport:1, `TransportState`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum TransportState {
    /// There is nothing to play.
    #[default]
    NoMediaPresent,
    /// It does not play.
    Stopped,
    /// A controller started it, and it does not play yet.
    Transitioning,
    /// It plays.
    Playing,
    /// It was stopped for now.
    Paused,
}

/// A renderer at one moment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RendererSnapshot {
    /// State of the transport.
    pub state: TransportState,
    /// Whether the last play failed (`TransportStatus` is then `ERROR_OCCURRED`).
    pub failed: bool,
    /// The present item.
    pub item: Option<MediaItem>,
    /// The item after it.
    pub next: Option<MediaItem>,
    /// The volume, 0 to 100, where it is known.
    pub volume: Option<u8>,
    /// Whether it is muted, where that is known.
    pub muted: Option<bool>,
}

/// Reason why an action is refused, as a UPnP error.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ActionError {
    /// The action does not fit the state (701).
    #[error("transition not available")]
    NotNow,
    /// The address is none that can be played (714).
    #[error("illegal MIME type")]
    NotPlayable,
    /// There is nothing there, or it may not be fetched (716).
    #[error("resource not found")]
    NotFound,
    /// The device cannot do it now (501).
    #[error("action failed")]
    Failed,
}
