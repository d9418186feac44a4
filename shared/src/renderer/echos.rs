//! The face of Echos, the store and the Amazon account for renderers.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use tokio::sync::broadcast;

use crate::playback::{HeardReport, ReportListener};
use crate::speakers::{LevelChange, Observed, Refusal, ReportSink, Speaker, SpeakerLevel};
use crate::upnp::{ActionError, MediaItem, RendererSnapshot};

/// Number of news that a slow renderer may be behind. What it misses it reads from the store.
const NEWS_KEPT: usize = 256;

/// Longest time that a command may take.
pub(super) const COMMAND_AT_MOST: Duration = Duration::from_secs(25);

/// The volume of a device of the account, as it was seen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SpeakerObservation {
    /// Its serial number.
    pub serial: String,
    /// Its volume.
    pub level: SpeakerLevel,
}

/// News for renderers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum News {
    /// An Echo reported to this process.
    Reported(HeardReport),
    /// An Echo reported to another process, which handed it on.
    Player {
        /// The name of its player.
        name: String,
        /// The player since then.
        observed: Box<Observed>,
    },
    /// The volume of a device was seen.
    Speaker(SpeakerObservation),
}

/// Hands news to all renderers of this process. It never waits; without renderers it does nothing.
#[derive(Clone, Debug)]
pub struct NewsFeed {
    news: broadcast::Sender<News>,
    has_reports: Arc<AtomicBool>,
}

impl Default for NewsFeed {
    fn default() -> Self {
        Self { news: broadcast::Sender::new(NEWS_KEPT), has_reports: Arc::default() }
    }
}

impl NewsFeed {
    /// Hands out the volume of a device.
    pub fn observe(&self, observation: SpeakerObservation) {
        // It fails only where there are no renderers.
        let _ = self.news.send(News::Speaker(observation));
    }

    /// The news from now on.
    #[must_use]
    pub fn subscribe(&self) -> broadcast::Receiver<News> {
        self.news.subscribe()
    }

    /// Whether there is a renderer.
    #[must_use]
    pub fn has_listeners(&self) -> bool {
        self.news.receiver_count() > 0
    }

    /// Whether reports of Echos come to this process. It is unknown before the first report, and `false` then.
    #[must_use]
    pub fn has_reports(&self) -> bool {
        self.has_reports.load(Ordering::Relaxed)
    }
}

/// Reports that functions in AWS handed on.
impl ReportSink for NewsFeed {
    fn heard(&self, player: String, observed: Observed) {
        self.has_reports.store(true, Ordering::Relaxed);
        let _ = self.news.send(News::Player { name: player, observed: Box::new(observed) });
    }
}

impl ReportListener for NewsFeed {
    fn heard(&self, report: HeardReport) {
        self.has_reports.store(true, Ordering::Relaxed);
        let _ = self.news.send(News::Reported(report));
    }
}

/// Echos as renderers use them.
#[async_trait]
pub trait Echos: Send + Sync {
    /// The devices that are offered; none where that is not known for the moment.
    async fn speakers(&self) -> Option<Vec<Speaker>>;

    /// The players of these names as they are stored; none where the store does not answer.
    async fn players(&self, names: &[String]) -> Option<Vec<(String, Observed)>>;

    /// The volumes of these devices, as Amazon reports them now.
    async fn levels(&self, serials: &[String]) -> Vec<(String, SpeakerLevel)>;

    /// Refuses an item that no Echo could play, or that a device could not reach.
    ///
    /// # Errors
    /// [`ActionError::NotPlayable`] and [`ActionError::NotFound`].
    fn check(&self, serial: &str, item: &MediaItem) -> Result<(), ActionError>;

    /// Stores an item as the next version of the player of a member. Nothing is heard. Returns the version. `renderer` is
    /// the serial number of the renderer's device, here and below.
    ///
    /// # Errors
    /// When the member cannot be made to ask, or nothing was stored.
    async fn store(&self, renderer: &str, member: &str, item: &MediaItem) -> Result<u64, Refusal>;

    /// Makes members ask for versions of their players, all in one request. Returns once Amazon took that: the outcome of
    /// each, in their order.
    async fn ask(&self, renderer: &str, versions: &[(String, u64)]) -> Vec<Result<(), Refusal>>;

    /// Stops what members play, which they can go on with, all in one request. Returns once Amazon took that: the outcome
    /// of each, in their order.
    async fn stop(&self, renderer: &str, members: &[String]) -> Vec<Result<(), Refusal>>;

    /// Keeps the item that follows a version of the player of this name, unless that is not the present one any more.
    ///
    /// # Errors
    /// When it was not kept.
    async fn keep_next(&self, name: &str, version: u64, next: Option<&MediaItem>) -> Result<(), Refusal>;

    /// Changes the volume of a device, of a group that of each member. Returns the volume that Amazon took.
    ///
    /// # Errors
    /// When the volume is as before.
    async fn change_level(&self, serial: &str, change: LevelChange) -> Result<SpeakerLevel, Refusal>;

    /// Whether each request costs, so that what changes rarely is asked for rarely.
    fn is_far(&self) -> bool;

    /// Hears what the renderer of a device shows from now on.
    fn shown(&self, serial: &str, snapshot: &RendererSnapshot);
}

/// The end of a serial number, which distinguishes devices in a log.
pub(super) fn short(serial: &str) -> &str {
    serial.char_indices().rev().nth(3).map_or(serial, |(at, _)| &serial[at..])
}
