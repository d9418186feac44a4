//! The one command of a transport that is on its way.

use std::time::Duration;

use super::command::CommandId;
use super::stage::LOST_AFTER;

/// The command that is on its way, if any, and the count of all.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct InFlight {
    command: Option<OpenCommand>,
    count: CommandId,
}

/// A command without an answer.
#[derive(Clone, Copy, Debug)]
struct OpenCommand {
    ticket: CommandId,
    since: Duration,
    /// The stage that wanted it.
    stage: u64,
}

impl InFlight {
    /// Whether a command may be sent.
    pub(super) fn is_free(&self) -> bool {
        self.command.is_none()
    }

    /// Whether a command of this stage is on its way.
    pub(super) fn is_of(&self, stage: u64) -> bool {
        self.command.is_some_and(|command| command.stage == stage)
    }

    /// The ticket of the next command.
    pub(super) fn next_ticket(&self) -> CommandId {
        self.count + 1
    }

    /// Sends the next command, for a stage.
    pub(super) fn send(&mut self, now: Duration, stage: u64) {
        self.count = self.next_ticket();
        self.command = Some(OpenCommand { ticket: self.count, since: now, stage });
    }

    /// Ends the command with this ticket, if it is the one on its way. Whether this stage wanted it.
    pub(super) fn end(&mut self, ticket: CommandId, stage: u64) -> bool {
        let Some(ended) = self.command.filter(|command| command.ticket == ticket) else { return false };
        self.command = None;
        ended.stage == stage
    }

    /// The moment at which the command is lost.
    pub(super) fn lost_at(&self) -> Option<Duration> {
        self.command.map(|command| command.since + LOST_AFTER)
    }

    /// The ticket of a command that is lost.
    pub(super) fn lost(&self, now: Duration) -> Option<CommandId> {
        self.command.filter(|command| now >= command.since + LOST_AFTER).map(|command| command.ticket)
    }
}
