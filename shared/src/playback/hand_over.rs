//! The hand-over: a person's request waits for the stream that it causes, and its answer plays that. Music Assistant then
//! makes no Echo ask for it by a sentence.
//!
//! The player's item alone decides. The push that hands its stream over and the request that gives up are both conditional
//! writes of it, so that one of the two happens: the answer plays the stream, or Music Assistant makes the Echo ask.

use std::time::Duration;

use super::id::{PlayerId, RequestId};
use super::player::Player;
use super::types::{HandOver, HandedVersion, Transition};
use crate::alexa::DeviceId;
use crate::clock::Timestamp;

/// Time that a person's request waits for its stream. Alexa waits about 8 s for an answer (Alexa Skills Kit, limits).
pub const HANDED_WITHIN: Duration = Duration::from_millis(4500);

/// Time from one press of a button to the next one in which both become one command.
pub const PRESSED_WITHIN: Duration = Duration::from_secs(1);

/// The most items that presses of a button go, forward or back.
const MOST_STEPS: i32 = 50;

/// A person's request begins to wait for a start of a player.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AwaitStart {
    /// The player.
    pub player: PlayerId,
    /// The Echo that asked, which has to serve the player.
    pub device: DeviceId,
    /// The request.
    pub request: RequestId,
    /// Time of the request.
    pub at: Timestamp,
    /// Whether a person resumes, which may need no new stream.
    pub resumes: bool,
    /// Items that a press of a button goes, forward or back; 0 for words.
    pub steps: i32,
}

/// State of a request that waited.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WaitState {
    /// It waits.
    Waiting,
    /// It got this version, and has to play it.
    Handed(HandedVersion),
    /// A newer request took its place, and it has nothing to say.
    Replaced,
    /// It does not wait any more, and got nothing.
    Over,
}

impl Player {
    /// Has a request wait for the next start, in the place of any other. Refused where the Echo does not serve the player.
    pub fn await_start(&mut self, wait: &AwaitStart) -> Transition {
        if self.is_expired(wait.at) || !self.is_served_by(&wait.device) {
            return Transition::Rejected;
        }
        let before = self.hand_over.as_deref();
        if before.is_some_and(|before| before.request == wait.request) {
            return Transition::AlreadyApplied;
        }
        let pressed = before.filter(|before| {
            before.device == wait.device
                && wait.at.since(before.at) < PRESSED_WITHIN
                && before.is_open(wait.at)
        });
        let pressed = pressed.map_or(0, |before| before.steps);
        let steps = if wait.steps == 0 { 0 } else { (pressed + wait.steps).clamp(-MOST_STEPS, MOST_STEPS) };
        self.hand_over = Some(Box::new(HandOver {
            request: wait.request.clone(),
            device: wait.device.clone(),
            at: wait.at,
            until: wait.at.plus(HANDED_WITHIN),
            resumes: wait.resumes,
            steps,
            handed: None,
            earlier: before.and_then(|before| Some((before.request.clone(), before.handed?))),
        }));
        Transition::Applied
    }

    /// The items that the presses so far go, which the request with this id sends now; none where another request took its
    /// place. The presses after it count for themselves.
    pub fn send_steps(&mut self, request: &str) -> Option<i32> {
        let waiting = self.hand_over.as_mut().filter(|waiting| waiting.request == request)?;
        Some(std::mem::take(&mut waiting.steps))
    }

    /// Hands its present version over to the request that waits. Refused where none does, or the version is another one.
    pub fn hand_over(&mut self, version: u64, at: Timestamp) -> Transition {
        let is_present = self.is_at(version) && self.is_playable(at) && !self.is_expired(at);
        let device =
            self.hand_over.as_ref().filter(|waiting| waiting.is_open(at)).map(|waiting| &waiting.device);
        let is_served = device.is_some_and(|device| self.is_served_by(device));
        let Some(waiting) = self.hand_over.as_mut().filter(|_| is_present && is_served) else {
            return Transition::Rejected;
        };
        waiting.handed = Some(HandedVersion { version, at });
        Transition::Applied
    }

    /// State of a request that waited.
    #[must_use]
    pub fn wait_state(&self, request: &str) -> WaitState {
        match &self.hand_over {
            Some(own) if own.request == request => own.handed.map_or(WaitState::Waiting, WaitState::Handed),
            Some(newer) => match &newer.earlier {
                Some((earlier, handed)) if earlier == request => WaitState::Handed(*handed),
                _ => WaitState::Replaced,
            },
            None => WaitState::Over,
        }
    }

    /// Ends the wait of a request that gives up. Its state then, which is never [`WaitState::Waiting`].
    pub fn end_wait(&mut self, request: &str) -> WaitState {
        let state = self.wait_state(request);
        if state != WaitState::Waiting {
            return state;
        }
        self.hand_over = None;
        WaitState::Over
    }

    /// Whether a request waits for its next start.
    #[must_use]
    pub fn is_awaited(&self, at: Timestamp) -> bool {
        self.hand_over.as_ref().is_some_and(|waiting| waiting.is_open(at))
    }

    /// Whether a request was handed this version.
    #[must_use]
    pub fn was_handed(&self, version: u64) -> bool {
        let handed = self.hand_over.as_ref().and_then(|hand_over| hand_over.handed);
        handed.is_some_and(|handed| handed.version == version)
    }

    /// The Echo that was handed this version and has not reported it. Its answer may be lost.
    #[must_use]
    pub fn lost_hand_over(&self, version: u64) -> Option<&DeviceId> {
        let is_silent = self.is_at(version) && self.was_handed(version) && self.effective_report().is_none();
        self.hand_over.as_ref().filter(|_| is_silent).map(|hand_over| &hand_over.device)
    }

    /// A person stops the Echo that was handed the present version and has not reported it: nothing is to begin there by
    /// itself then. Refused for any other Echo, and once it has reported.
    pub fn silence(&mut self, device: &DeviceId) -> Transition {
        if self.lost_hand_over(self.version()) != Some(device) {
            return Transition::Rejected;
        }
        self.hand_over = None;
        Transition::Applied
    }

    /// Whether a request that resumes waits.
    #[must_use]
    pub fn awaits_resume(&self, at: Timestamp) -> bool {
        self.hand_over.as_ref().is_some_and(|waiting| waiting.resumes && waiting.is_open(at))
    }

    /// Takes what a push says of the sentence behind it, and hands its stream over where that can be left out.
    /// `can_skip_speech` is none where its sender knows no hand-over.
    pub(super) fn offer(&mut self, can_skip_speech: Option<bool>, is_start: bool, at: Timestamp) {
        match can_skip_speech {
            Some(can) => self.hands_over = can,
            None if is_start => {
                self.hands_over = false;
                // The sentence comes in any case, so that nothing is left to wait for. Presses that are not sent yet are.
                self.hand_over =
                    self.hand_over.take().filter(|waiting| waiting.handed.is_some() || waiting.steps != 0);
            }
            None => {}
        }
        // A start that comes a second time is none of what a request since then has caused.
        if can_skip_speech == Some(true) && is_start {
            self.hand_over(self.version(), at);
        }
    }

    /// Drops the hand-over that a new start does not keep: its request neither waits nor has still to see what it was
    /// handed.
    pub(super) fn drop_past_hand_over(&mut self, at: Timestamp) {
        self.hand_over = self.hand_over.take().filter(|kept| at.is_before(kept.until, HANDED_WITHIN));
    }
}

impl HandOver {
    /// Whether a version can be handed to it.
    fn is_open(&self, at: Timestamp) -> bool {
        self.handed.is_none() && at.is_before(self.until, HANDED_WITHIN)
    }
}
