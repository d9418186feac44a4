//! Observations of a player: the reports of its Echo, and what was started in other ways.

use std::time::Duration;

use super::{Role, Transport};
use crate::renderer::playhead::Playhead;
use crate::renderer::speech::is_speech;
use crate::renderer::stage::{NEXT_WITHIN, REPORTED_WITHIN, Stage};
use crate::speakers::{MediaItem, Observed, ObservedReport, ObservedState};
use crate::upnp::TransportState;

impl Transport {
    /// Takes a player as it is stored. Whether an item follows now that is not kept yet.
    pub(super) fn observed(&mut self, now: Duration, observed: Observed) -> bool {
        let is_old = observed.version < self.newest
            || observed.version == self.newest && observed.revision < self.revision;
        let Some(report) = observed.report.filter(|_| !is_old) else { return false };
        (self.newest, self.revision) = (observed.version, observed.revision);
        self.sounds = report.state == ObservedState::Playing;
        if self.is_foreign(observed.version, observed.item.as_ref()) {
            self.leave(now);
        } else if self.version == Some(observed.version) {
            if self.report.as_ref().is_none_or(|last| last.id != report.id) {
                self.reported(now, report, observed.is_next_given);
            }
        } else if self.version.is_some() || self.item.is_none() {
            if let Some(item) = observed.item {
                // What followed an item that is over does not begin by itself.
                let next = observed.next.filter(|_| self.sounds && self.role == Role::Alone);
                let is_new = self.adopt(now, observed.version, item, next);
                self.reported(now, report, observed.is_next_given);
                return is_new;
            }
        } else {
            self.stop_unwanted(now, observed.version);
        }
        false
    }

    /// Takes the item of a version that was started in another way. Whether an item follows that is not kept yet.
    fn adopt(&mut self, now: Duration, version: u64, item: MediaItem, next: Option<MediaItem>) -> bool {
        // What a controller set goes back to it as it came.
        let known = self.next.take().filter(|known| known.uri == item.uri);
        let after = self.after_next.take().filter(|_| known.is_some() && self.sounds);
        let is_new = after.is_some();
        (self.item, self.next) = (Some(known.unwrap_or(item)), after.or(next));
        (self.version, self.report, self.is_next_given) = (Some(version), None, false);
        self.own = Some(version);
        if !self.is_ending() {
            self.enter(Stage::Rest);
            self.show(now, TransportState::Transitioning);
        }
        is_new
    }

    /// Whether a version of a group's member is neither the last one of this transport nor its next item, and its address is
    /// not for the group. Music Assistant's has the name of the renderer in it, as it is or without its dashes.
    fn is_foreign(&self, version: u64, item: Option<&MediaItem>) -> bool {
        let Role::Member(group) = &self.role else { return false };
        let is_for = |item: &MediaItem| {
            item.uri.contains(group.as_str()) || item.uri.contains(&group.replace('-', ""))
        };
        let is_known = self.own == Some(version) || item.is_some_and(is_for);
        let follows = self.next.as_ref().zip(item).is_some_and(|(next, item)| next.uri == item.uri);
        !(is_known || follows && self.version.is_some())
    }

    /// Leaves the Echo to what else was started there. An item that is not stored yet may still be played.
    fn leave(&mut self, now: Duration) {
        self.sounds = false;
        if self.version.is_some() {
            (self.item, self.next, self.version, self.report) = (None, None, None, None);
            self.rest(now, TransportState::NoMediaPresent);
            self.playhead = Playhead::default();
        } else if self.is_ending() {
            self.enter(Stage::Rest);
        }
    }

    /// Stops what began although it was given up. Whether it did.
    fn stop_unwanted(&mut self, now: Duration, version: u64) -> bool {
        let is_it = |(unwanted, until): (u64, Duration)| unwanted == version && now < until;
        if !self.sounds || !self.unwanted.is_some_and(is_it) {
            return false;
        }
        self.unwanted = None;
        self.enter(Stage::Stopping { at: now, until: None, is_sent: false });
        true
    }

    /// Takes a report of the item.
    fn reported(&mut self, now: Duration, report: ObservedReport, is_next_given: bool) {
        let state = report.state;
        self.playhead = Playhead::new(report.position, now);
        self.report = Some(report);
        self.is_next_given |= is_next_given;
        let is_ending = self.is_ending();
        let is_under_way = matches!(self.state, TransportState::Playing | TransportState::Transitioning);
        match state {
            ObservedState::Playing
                if self.version.is_some_and(|version| self.stop_unwanted(now, version)) => {}
            // It may have been sent before the command came there.
            ObservedState::Playing if is_ending => {}
            ObservedState::Playing => self.rest(now, TransportState::Playing),
            ObservedState::Stopped => self.reported_stop(now),
            // What was stopped and is too old to go on has no next item, either.
            ObservedState::Finished if is_ending || !is_under_way => {
                self.rest(now, TransportState::Stopped);
            }
            ObservedState::Finished if self.is_next_given && self.next.is_some() => {
                self.await_play(now, NEXT_WITHIN, true);
            }
            ObservedState::Finished => {
                if !self.start_next(now) {
                    self.rest(now, TransportState::Stopped);
                }
            }
            ObservedState::Retrying if !is_ending => self.await_play(now, REPORTED_WITHIN, false),
            ObservedState::Retrying => {}
            ObservedState::Failed if !is_ending && is_under_way && self.brings_back() => {
                self.start_next(now);
            }
            ObservedState::Failed if !is_ending && self.state != TransportState::Stopped => {
                self.fail(now, TransportState::Stopped);
            }
            ObservedState::Failed => self.rest(now, TransportState::Stopped),
        }
    }

    /// Whether music comes back after the present item, however that ends.
    fn brings_back(&self) -> bool {
        self.next.is_some() && self.item.as_ref().is_some_and(is_speech)
    }

    fn reported_stop(&mut self, now: Duration) {
        match self.stage {
            Stage::Stopping { .. } => self.rest(now, TransportState::Stopped),
            // It is that of the pause before, and comes late.
            Stage::Resuming { .. } => {}
            Stage::Rest if self.state == TransportState::Stopped => {}
            _ => self.rest(now, TransportState::Paused),
        }
    }

    fn await_play(&mut self, now: Duration, within: Duration, is_next: bool) {
        self.enter(Stage::Awaiting { until: now + within, is_next });
        self.show(now, TransportState::Transitioning);
    }
}
