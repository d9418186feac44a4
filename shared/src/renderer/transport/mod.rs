//! The transport of one renderer: from the actions of controllers and the reports of an Echo to commands and the state
//! that is shown. It does no I/O, and time is passed in.
//!
//! One command is on its way at a time, and the last action wins. What an action wants waits until the command before it
//! is sent, and is left out where a later action took its place. A report alone shows `PLAYING`.

mod commands;
mod reports;

use std::time::Duration;

use super::command::{Effect, Input};
use super::in_flight::InFlight;
use super::playhead::Playhead;
use super::speech::{interrupted, is_speech};
use super::stage::{CONFIRMED_WITHIN, LOST_AFTER, REPORTED_WITHIN, STOP_WAITS, STOP_WAITS_FOR_PLAY, Stage};
use crate::speakers::{MediaItem, ObservedReport, ObservedState};
use crate::upnp::{ActionError, TransportState};

/// The part of a transport in a group.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
enum Role {
    /// All that is started on its Echo, in whatever way.
    #[default]
    Alone,
    /// The items of a group, by whose unique device name an address may say that it is for it.
    Member(String),
}

/// The transport of one Echo.
#[derive(Clone, Debug, Default)]
pub struct Transport {
    role: Role,
    item: Option<MediaItem>,
    next: Option<MediaItem>,
    /// The version that the item is; none before it is stored.
    version: Option<u64>,
    /// The last version that an item of this transport was.
    own: Option<u64>,
    /// The newest version that is known of the player.
    newest: u64,
    /// Number of writes of the player when it was last observed.
    revision: u64,
    /// Last report of the item.
    report: Option<ObservedReport>,
    /// Whether the Echo reported last that it plays something of this player.
    sounds: bool,
    /// Whether the Echo was given the next item.
    is_next_given: bool,
    /// The item after the next one. A controller that repeats a track sets it as the next one again as soon as it is
    /// fetched ahead, before it begins.
    after_next: Option<MediaItem>,
    /// The music that the present item is to interrupt, until that starts.
    comes_back: Option<MediaItem>,
    state: TransportState,
    failed: bool,
    stage: Stage,
    /// Counts the stages.
    stages: u64,
    in_flight: InFlight,
    /// A version that the Echo was made to ask for, and that is to be stopped where it begins before this moment.
    unwanted: Option<(u64, Duration)>,
    playhead: Playhead,
}

impl Transport {
    /// The transport of a member of the group with this unique device name. What is started on its Echo in another way ends
    /// its part, and is left alone.
    #[must_use]
    pub fn of_member(group: &str) -> Self {
        Self { role: Role::Member(group.to_owned()), ..Self::default() }
    }

    /// The state that is shown.
    #[must_use]
    pub fn state(&self) -> TransportState {
        self.state
    }

    /// Whether the last play failed.
    #[must_use]
    pub fn has_failed(&self) -> bool {
        self.failed
    }

    /// The present item.
    #[must_use]
    pub fn item(&self) -> Option<&MediaItem> {
        self.item.as_ref()
    }

    /// The item after it.
    #[must_use]
    pub fn next(&self) -> Option<&MediaItem> {
        self.next.as_ref()
    }

    /// Position in the item at a moment.
    #[must_use]
    pub fn position(&self, now: Duration) -> Duration {
        self.playhead.position(now, self.state == TransportState::Playing)
    }

    /// Whether a report of a pause or a stop is about to come.
    #[must_use]
    pub fn is_ending(&self) -> bool {
        matches!(self.stage, Stage::Pausing { .. } | Stage::Stopping { .. })
    }

    /// Forgets the count of versions, since those of another player come next.
    pub fn forget_versions(&mut self) {
        (self.newest, self.revision) = (0, 0);
    }

    /// The next moment at which time alone changes something; none where nothing waits.
    #[must_use]
    pub fn wakes_at(&self) -> Option<Duration> {
        let stage = match self.stage {
            Stage::Rest => None,
            Stage::Starting { until, .. } | Stage::Resuming { until, .. } | Stage::Awaiting { until, .. } => {
                Some(until)
            }
            Stage::Pausing { until, .. } => until,
            Stage::Stopping { at, until, is_sent } => {
                let at = Some(at).filter(|_| !is_sent && self.in_flight.is_free());
                at.into_iter().chain(until).min()
            }
        };
        stage.into_iter().chain(self.in_flight.lost_at()).min()
    }

    /// Takes an input at a moment of a clock that only goes forward. Returns the commands that follow from it.
    ///
    /// # Errors
    /// When an action does not fit the state, which stays as it is then.
    pub fn take(&mut self, now: Duration, input: Input) -> Result<Vec<Effect>, ActionError> {
        let mut effects = Vec::new();
        match input {
            Input::SetItem(item) => self.set_item(now, item),
            Input::SetNext(next) => {
                let is_known = self.next == next;
                let present = self.item.as_ref().map(|item| &item.uri);
                self.after_next = next.clone().filter(|next| is_known && present == Some(&next.uri));
                if !is_known {
                    self.next = next;
                    self.keep_next(&mut effects);
                }
            }
            Input::Play => self.play(now)?,
            Input::Pause => self.pause(now)?,
            Input::Stop => self.stop(now),
            Input::Stored { ticket, version } => {
                if self.stored(ticket, version) && self.next.is_some() {
                    self.keep_next(&mut effects);
                }
            }
            Input::Sent(ticket) => self.sent(ticket),
            Input::Refused(ticket) => self.refused(now, ticket),
            Input::Observed(observed) => {
                if self.observed(now, observed) {
                    self.keep_next(&mut effects);
                }
            }
            Input::Tick => {}
        }
        self.pass(now);
        effects.extend(self.command(now));
        Ok(effects)
    }

    fn keep_next(&mut self, effects: &mut Vec<Effect>) {
        self.is_next_given = false;
        effects.extend(self.version.map(|version| Effect::KeepNext(version, self.next.clone())));
    }

    fn show(&mut self, now: Duration, state: TransportState) {
        self.playhead = Playhead::new(self.position(now), now);
        self.state = if self.item.is_some() { state } else { TransportState::NoMediaPresent };
    }

    fn enter(&mut self, stage: Stage) {
        self.stage = stage;
        self.stages += 1;
    }

    /// Ends what the last action wants.
    fn rest(&mut self, now: Duration, state: TransportState) {
        self.enter(Stage::Rest);
        self.show(now, state);
        self.failed = false;
    }

    /// Rests after a failure.
    fn fail(&mut self, now: Duration, state: TransportState) {
        self.rest(now, state);
        self.failed = true;
    }

    /// Ends a pause or a stop that the Echo does not know of.
    fn go_on(&mut self, now: Duration) {
        let plays = |report: &ObservedReport| report.state == ObservedState::Playing;
        let state =
            if self.report.as_ref().is_some_and(plays) { TransportState::Playing } else { self.state };
        self.enter(Stage::Rest);
        self.show(now, state);
    }

    /// Whether a command of the present stage is on its way.
    fn is_commanded(&self) -> bool {
        self.in_flight.is_of(self.stages)
    }

    fn set_item(&mut self, now: Duration, item: MediaItem) {
        let is_given_up = self.give_up_play(now);
        let is_owed = match self.stage {
            Stage::Pausing { is_sent, .. } | Stage::Stopping { is_sent, .. } => {
                !is_sent && !self.is_commanded()
            }
            _ => false,
        };
        // What a controller stops just before it sets the next item is heard until that plays.
        let is_heard = match self.stage {
            Stage::Rest => self.state == TransportState::Playing,
            Stage::Stopping { .. } => is_owed,
            _ => false,
        };
        let plays = self.report.as_ref().is_some_and(|report| report.state == ObservedState::Playing);
        self.comes_back = interrupted(self.item.as_ref().filter(|_| is_heard && plays), &item);
        (self.item, self.next, self.after_next) = (Some(item), None, None);
        (self.version, self.report) = (None, None);
        self.rest(now, TransportState::Stopped);
        self.playhead = Playhead::default();
        if is_given_up || is_owed {
            let at = now + STOP_WAITS_FOR_PLAY;
            self.enter(Stage::Stopping { at, until: None, is_sent: false });
        }
    }

    fn play(&mut self, now: Duration) -> Result<(), ActionError> {
        if self.item.is_none() {
            return Err(ActionError::NotNow);
        }
        match self.stage {
            Stage::Starting { .. } | Stage::Resuming { .. } | Stage::Awaiting { .. } => {}
            Stage::Rest if self.state == TransportState::Playing => {}
            Stage::Pausing { is_sent: false, .. } if !self.is_commanded() => self.go_on(now),
            Stage::Pausing { .. } => self.resume(now),
            Stage::Rest if self.state == TransportState::Paused && self.version.is_some() => self.resume(now),
            Stage::Rest | Stage::Stopping { .. } => self.start(now),
        }
        Ok(())
    }

    fn resume(&mut self, now: Duration) {
        self.enter(Stage::Resuming { until: now + REPORTED_WITHIN, is_asked: false });
        self.show(now, TransportState::Transitioning);
        (self.failed, self.unwanted) = (false, None);
    }

    fn start(&mut self, now: Duration) {
        // Music that has ended meanwhile stays so.
        let comes_back = self.comes_back.take().filter(|_| self.sounds);
        self.next = self.next.take().or(comes_back);
        (self.version, self.report, self.unwanted) = (None, None, None);
        self.enter(Stage::Starting { until: now + REPORTED_WITHIN, is_asked: false });
        self.show(now, TransportState::Transitioning);
        (self.failed, self.is_next_given, self.playhead) = (false, false, Playhead::default());
    }

    /// Starts the next item. Whether there is one.
    fn start_next(&mut self, now: Duration) -> bool {
        let Some(next) = self.next.take() else { return false };
        (self.item, self.next) = (Some(next), self.after_next.take());
        self.start(now);
        true
    }

    fn pause(&mut self, now: Duration) -> Result<(), ActionError> {
        match self.stage {
            Stage::Rest if self.state == TransportState::Playing => {
                self.enter(Stage::Pausing { until: Some(now + CONFIRMED_WITHIN), is_sent: false });
                Ok(())
            }
            Stage::Rest if self.state == TransportState::Paused => Ok(()),
            Stage::Pausing { .. } => Ok(()),
            _ => Err(ActionError::NotNow),
        }
    }

    fn stop(&mut self, now: Duration) {
        if matches!(self.stage, Stage::Stopping { .. }) {
            return;
        }
        let is_given_up = self.give_up_play(now);
        let plays = self.state == TransportState::Playing;
        // Speech that a person ends brings no music.
        if self.item.as_ref().is_some_and(is_speech) {
            (self.next, self.comes_back) = (None, None);
        }
        if !plays && self.item.is_some() {
            self.rest(now, TransportState::Stopped);
        }
        if plays || self.sounds || is_given_up {
            let until = plays.then_some(now + CONFIRMED_WITHIN);
            self.enter(Stage::Stopping { at: now + STOP_WAITS, until, is_sent: false });
        }
    }

    /// Gives up a play that the Echo has not reported. Whether the Echo may begin it all the same: then it is stopped when
    /// it does.
    fn give_up_play(&mut self, now: Duration) -> bool {
        let is_asked = match self.stage {
            Stage::Starting { is_asked, .. } | Stage::Resuming { is_asked, .. } => is_asked,
            Stage::Awaiting { .. } => true,
            Stage::Rest | Stage::Pausing { .. } | Stage::Stopping { .. } => false,
        };
        if let Some(version) = self.version.filter(|_| is_asked) {
            self.unwanted = Some((version, now + LOST_AFTER));
        }
        is_asked
    }
}
