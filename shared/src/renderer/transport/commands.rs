//! The commands of a transport: which one is due, how it ends, and what waits for too long.

use std::time::Duration;

use super::Transport;
use crate::renderer::command::{CommandId, Effect};
use crate::renderer::stage::Stage;
use crate::upnp::TransportState;

impl Transport {
    /// Ends the command, if it is the one on its way. Whether the present stage wanted it.
    fn answered(&mut self, ticket: CommandId) -> bool {
        self.in_flight.end(ticket, self.stages)
    }

    /// Whether the version is that of the item.
    pub(super) fn stored(&mut self, ticket: CommandId, version: u64) -> bool {
        let is_wanted = self.answered(ticket);
        if version < self.newest && is_wanted {
            // The player was removed meanwhile, and counts from its beginning.
            (self.newest, self.revision) = (version, 0);
        }
        self.newest = self.newest.max(version);
        if is_wanted {
            (self.version, self.own) = (Some(version), Some(version));
        }
        is_wanted
    }

    pub(super) fn sent(&mut self, ticket: CommandId) {
        if !self.answered(ticket) {
            return;
        }
        if let Stage::Pausing { is_sent, .. } | Stage::Stopping { is_sent, .. } = &mut self.stage {
            *is_sent = true;
        }
    }

    pub(super) fn refused(&mut self, now: Duration, ticket: CommandId) {
        if !self.answered(ticket) {
            return;
        }
        match self.stage {
            Stage::Starting { .. } => self.fail(now, TransportState::Stopped),
            Stage::Resuming { .. } => self.fail(now, TransportState::Paused),
            Stage::Pausing { .. } | Stage::Stopping { .. } => self.go_on(now),
            Stage::Rest | Stage::Awaiting { .. } => {}
        }
    }

    /// Lets time end what has waited for too long.
    pub(super) fn pass(&mut self, now: Duration) {
        if let Some(lost) = self.in_flight.lost(now) {
            self.refused(now, lost);
        }
        let is_due = |until: &Option<Duration>| until.is_some_and(|until| now >= until);
        match &mut self.stage {
            Stage::Starting { until, .. } if now >= *until => self.fail(now, TransportState::Stopped),
            Stage::Resuming { until, .. } if now >= *until => self.fail(now, TransportState::Paused),
            Stage::Awaiting { until, is_next: true } if now >= *until && self.next.is_some() => {
                self.start_next(now);
            }
            Stage::Awaiting { until, .. } if now >= *until => self.fail(now, TransportState::Stopped),
            Stage::Pausing { until, .. } if is_due(until) => {
                *until = None;
                self.show(now, TransportState::Paused);
            }
            Stage::Stopping { until, .. } if is_due(until) => {
                *until = None;
                self.show(now, TransportState::Stopped);
            }
            _ => {}
        }
        if matches!(
            self.stage,
            Stage::Pausing { until: None, is_sent: true }
                | Stage::Stopping { until: None, is_sent: true, .. }
        ) {
            self.enter(Stage::Rest);
        }
    }

    /// The command that the stage wants now, if none is on its way.
    pub(super) fn command(&mut self, now: Duration) -> Option<Effect> {
        if !self.in_flight.is_free() {
            return None;
        }
        let ticket = self.in_flight.next_ticket();
        let effect = match &mut self.stage {
            Stage::Starting { is_asked, .. } if !*is_asked => match self.version {
                None => Effect::Store(ticket, self.item.clone()?),
                Some(version) => {
                    *is_asked = true;
                    Effect::Ask(ticket, version)
                }
            },
            Stage::Resuming { is_asked, .. } if !*is_asked => {
                *is_asked = true;
                Effect::Ask(ticket, self.version?)
            }
            Stage::Pausing { is_sent: false, .. } => Effect::Pause(ticket),
            Stage::Stopping { at, is_sent: false, .. } if now >= *at => Effect::Stop(ticket),
            _ => return None,
        };
        self.in_flight.send(now, self.stages);
        Some(effect)
    }
}
