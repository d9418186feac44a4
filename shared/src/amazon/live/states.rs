//! States of the devices as live events tell them, shared by everything in this process.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::{Notify, broadcast, watch};

use super::change::{Knowledge, LiveChange};
use super::event::LiveEvent;
use super::health::{LiveProblem, LiveReport, LiveStage, StreamHealth};
use super::region::LiveRegion;
use super::table::{LiveTable, Poll};
use crate::amazon::reported::{NowPlaying, Reading, SpeakerVolume};
use crate::clock::{Clock, Moment, Timestamp};

/// Changes that a slow reader may be behind. One that is further behind has lost some, and has to begin again.
const BEHIND: usize = 64;

/// The table of live states, with the health of the stream; cheap to clone. Where no stream is open, nothing is known.
#[derive(Clone, Debug)]
pub struct LiveStates(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    clock: Arc<dyn Clock>,
    table: Mutex<LiveTable>,
    health: Mutex<StreamHealth>,
    changes: broadcast::Sender<LiveChange>,
    /// Wakes the stream's task: a query has to tell what plays.
    sessions: Notify,
    ended: watch::Sender<bool>,
}

impl LiveStates {
    /// An empty table, of a process that opens no stream yet.
    #[must_use]
    pub fn new(clock: Arc<dyn Clock>) -> Self {
        let (changes, _) = broadcast::channel(BEHIND);
        let (ended, _) = watch::channel(false);
        let (table, health, sessions) = Default::default();
        Self(Arc::new(Shared { clock, table, health, changes, sessions, ended }))
    }

    /// Whether this process opens a stream, or waits for another one that has it.
    #[must_use]
    pub fn is_here(&self) -> bool {
        self.health().report.stage != LiveStage::NotHere
    }

    /// The health of the stream.
    #[must_use]
    pub fn report(&self) -> LiveReport {
        let health = self.health();
        LiveReport { opens: health.opens(self.0.clock.moment()), ..health.report.clone() }
    }

    /// The changes from now on. A reader that is too slow loses some, and its receiver says so.
    #[must_use]
    pub fn changes(&self) -> broadcast::Receiver<LiveChange> {
        self.0.changes.subscribe()
    }

    /// Resolves when the process ends.
    pub async fn ended(&self) {
        // The sender lives as long as this table.
        let _ = self.0.ended.subscribe().wait_for(|ended| *ended).await;
    }

    /// The volume of a device, heard at `since` or later.
    #[must_use]
    pub fn volume(&self, serial: &str, since: Option<Timestamp>) -> Knowledge<SpeakerVolume> {
        self.table().volume(serial, since, self.0.clock.moment())
    }

    /// Whether a device is not to disturb.
    #[must_use]
    pub fn do_not_disturb(&self, serial: &str) -> Knowledge<bool> {
        self.table().do_not_disturb(serial, self.0.clock.moment())
    }

    /// The present item of a device, heard at `since` or later.
    #[must_use]
    pub fn playing(&self, serial: &str, since: Option<Timestamp>) -> Knowledge<NowPlaying> {
        self.table().playing(serial, since, self.0.clock.moment())
    }

    /// Time of the last change of what plays somewhere: an older answer of Amazon's is outdated.
    #[must_use]
    pub fn sessions_changed_at(&self) -> Option<Timestamp> {
        self.table().sessions_changed_at()
    }

    /// Whether Amazon reaches a device, where the present stream said so.
    #[must_use]
    pub fn online(&self, serial: &str) -> Option<Reading<bool>> {
        self.table().online(serial)
    }

    /// Takes an event of the present stream.
    pub fn hear(&self, event: LiveEvent) {
        let now = self.0.clock.moment();
        self.health().report.last_event = Some(now.wall());
        let effect = self.table().event(event.serial.as_deref(), event.at, event.kind, now);
        self.tell(effect.change);
        if effect.needs_sessions {
            self.0.sessions.notify_one();
        }
    }

    /// Resolves when a query has to tell what plays.
    pub async fn sessions_wanted(&self) {
        self.0.sessions.notified().await;
    }

    /// Notes that a stream is open, at a host whose clock shows `amazon`, where it shows one.
    pub fn opened(&self, region: LiveRegion, amazon: Option<Timestamp>) {
        let now = self.0.clock.moment();
        let ahead = amazon.map_or(0, |amazon| amazon.millis().saturating_sub(now.wall().millis()));
        self.table().open(now.wall(), ahead);
        let report = &mut self.health().report;
        (report.stage, report.since, report.problem) = (LiveStage::Open, Some(now.wall()), None);
        report.region = Some(region);
    }

    /// Notes that one is about to be opened.
    pub fn opens(&self, region: LiveRegion) {
        let mut health = self.health();
        health.count_open(self.0.clock.moment());
        health.report.region = Some(region);
    }

    /// Notes that no stream is open, and why.
    pub fn closed(&self, stage: LiveStage, problem: Option<LiveProblem>) {
        self.table().close();
        let now = self.0.clock.now();
        let report = &mut self.health().report;
        if report.stage == LiveStage::Open || report.since.is_none() {
            report.since = Some(now);
        }
        report.stage = stage;
        if let Some(problem) = problem {
            report.problem = Some((problem, now));
        }
    }

    /// Ends everything that waits for changes.
    pub fn end(&self) {
        self.0.ended.send_replace(true);
    }

    /// Notes a command of ours to a device.
    pub(in crate::amazon) fn commanded(&self, serial: &str) {
        self.table().commanded(serial, self.0.clock.moment());
    }

    pub(in crate::amazon) fn polled_volumes(&self, sent_at: Moment, all: Vec<(String, SpeakerVolume)>) {
        let changes = self.table().polled_volumes(all, self.poll(sent_at));
        self.tell(changes);
    }

    pub(in crate::amazon) fn polled_do_not_disturb(&self, sent_at: Moment, all: Vec<(String, bool)>) {
        let changes = self.table().polled_do_not_disturb(all, self.poll(sent_at));
        self.tell(changes);
    }

    pub(in crate::amazon) fn polled_playing(&self, sent_at: Moment, all: Vec<(String, NowPlaying)>) {
        let changes = self.table().polled_playing(all, self.poll(sent_at));
        self.tell(changes);
    }

    fn poll(&self, sent_at: Moment) -> Poll {
        Poll { sent_at, at: self.0.clock.moment() }
    }

    fn tell(&self, changes: impl IntoIterator<Item = LiveChange>) {
        for change in changes {
            // Without a reader it reaches none.
            let _ = self.0.changes.send(change);
        }
    }

    fn table(&self) -> MutexGuard<'_, LiveTable> {
        self.0.table.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn health(&self) -> MutexGuard<'_, StreamHealth> {
        self.0.health.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
