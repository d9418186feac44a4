//! One Echo, stereo pair or group as a media renderer.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use ring::digest::{SHA256, digest};
use tokio::sync::{mpsc, oneshot, watch};

use super::actor::{Actor, ActorMessage, Position, RendererView, WAITING_AT_MOST};
use super::command::Input;
use super::echos::Echos;
use super::level;
use super::timer::Timer;
use crate::speakers::{LevelChange, MediaItem, Speaker};
use crate::task;
use crate::upnp::{ActionError, Identity, MediaRenderer, RendererSnapshot};

/// A renderer: what controllers use of its task.
pub(super) struct EchoRenderer {
    identity: Identity,
    task: Task,
}

/// A way to the task of a renderer, which runs as long as there is one; cheap to clone.
#[derive(Clone)]
pub(super) struct Task {
    serial: String,
    inbox: mpsc::Sender<ActorMessage>,
    levels: mpsc::Sender<LevelChange>,
    shown: Arc<RendererView>,
    echos: Arc<dyn Echos>,
    timer: Arc<dyn Timer>,
}

impl Task {
    /// Starts the task of a device.
    pub(super) fn start(speaker: &Speaker, echos: &Arc<dyn Echos>, timer: &Arc<dyn Timer>) -> Self {
        let (inbox, messages) = mpsc::channel(WAITING_AT_MOST);
        let shown = Arc::new(RendererView {
            snapshots: watch::Sender::new(RendererSnapshot::default()),
            position: watch::Sender::new(Position::default()),
        });
        let (echos, timer) = (Arc::clone(echos), Arc::clone(timer));
        let actor = Actor::new(
            speaker,
            &udn(&speaker.serial),
            Arc::clone(&echos),
            Arc::clone(&timer),
            inbox.downgrade(),
            Arc::clone(&shown),
        );
        task::spawn(actor.run(messages));
        let levels = level::changes(&speaker.serial, Arc::clone(&echos), inbox.downgrade());
        Self { serial: speaker.serial.clone(), inbox, levels, shown, echos, timer }
    }

    fn check(&self, item: &MediaItem) -> Result<(), ActionError> {
        self.echos.check(&self.serial, item)
    }

    /// Hands a message over. One that finds no room is lost: the store is read again.
    pub(super) fn hand(&self, message: ActorMessage) {
        let _ = self.inbox.try_send(message);
    }

    /// Hands a message over as soon as there is room.
    pub(super) async fn send(&self, message: ActorMessage) {
        // It fails only where the task has ended.
        let _ = self.inbox.send(message).await;
    }

    /// Waits until the messages so far are taken, and what they change is shown.
    pub(super) async fn settle(&self) {
        // It fails only where the task has ended, or has more to do than it takes.
        let _ = self.act(Input::Tick).await;
    }

    async fn act(&self, input: Input) -> Result<(), ActionError> {
        let (reply, taken) = oneshot::channel();
        self.inbox.try_send(ActorMessage::Act(input, reply)).map_err(|_| ActionError::Failed)?;
        taken.await.unwrap_or(Err(ActionError::Failed))
    }

    fn change(&self, change: LevelChange) -> Result<(), ActionError> {
        self.levels.try_send(change).map_err(|_| ActionError::Failed)
    }
}

impl EchoRenderer {
    /// A device under its present name.
    pub(super) fn new(speaker: &Speaker, task: Task) -> Self {
        let identity =
            Identity { udn: udn(&speaker.serial), name: speaker.name.clone(), model: speaker.model };
        Self { identity, task }
    }
}

/// The unique device name of a device, which follows from its serial number alone: a UUID of the form that RFC 9562, 5.8,
/// leaves to its maker. It is made of hex digits, so that Music Assistant takes it for no other maker's.
#[must_use]
pub fn udn(serial: &str) -> String {
    let hash = digest(&SHA256, format!("media renderer {serial}").as_bytes());
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&hash.as_ref()[..16]);
    bytes[6] = bytes[6] & 0x0f | 0x80;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    let hex = format!("{:032x}", u128::from_be_bytes(bytes));
    format!("{}-{}-{}-{}-{}", &hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..])
}

#[async_trait]
impl MediaRenderer for EchoRenderer {
    fn identity(&self) -> Identity {
        self.identity.clone()
    }

    fn snapshots(&self) -> watch::Receiver<RendererSnapshot> {
        self.task.shown.snapshots.subscribe()
    }

    fn position(&self) -> Duration {
        let Position { at, since, moves } = *self.task.shown.position.borrow();
        if moves { at + self.task.timer.clock().monotonic().saturating_sub(since) } else { at }
    }

    async fn set_item(&self, item: MediaItem) -> Result<(), ActionError> {
        self.task.check(&item)?;
        self.task.act(Input::SetItem(item)).await
    }

    async fn set_next_item(&self, item: Option<MediaItem>) -> Result<(), ActionError> {
        if let Some(item) = &item {
            self.task.check(item)?;
        }
        self.task.act(Input::SetNext(item)).await
    }

    async fn play(&self) -> Result<(), ActionError> {
        self.task.act(Input::Play).await
    }

    async fn pause(&self) -> Result<(), ActionError> {
        self.task.act(Input::Pause).await
    }

    async fn stop(&self) -> Result<(), ActionError> {
        self.task.act(Input::Stop).await
    }

    async fn set_volume(&self, percent: u8) -> Result<(), ActionError> {
        self.task.change(LevelChange::To(percent.min(100)))
    }

    async fn set_muted(&self, muted: bool) -> Result<(), ActionError> {
        self.task.change(LevelChange::Muted(muted))
    }
}
