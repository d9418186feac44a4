//! The transports of a renderer as one: that of an Echo, or one for each member of a group. It does no I/O.
//!
//! Each member of a group starts for itself, so they are not in sync. A group plays as long as one member does, and a
//! play failed where it failed on all. What a member plays for another renderer is no part of it.

use std::time::Duration;

use super::command::{Effect, Input};
use super::transport::Transport;
use crate::speakers::{MediaItem, Member, Observed};
use crate::upnp::{ActionError, TransportState};

/// Time around the end of an item in which the Echo is to report: it ends, or the next item begins.
const NEAR_END: Duration = Duration::from_secs(10);

/// Commands that follow, each with the serial number of its member.
pub type Effects = Vec<(String, Effect)>;

/// The transports of one renderer.
#[derive(Clone, Debug)]
pub struct Ensemble {
    parts: Vec<Part>,
    /// The unique device name of a group.
    group: Option<String>,
    /// The item that follows in a group, and the number of the item that it follows.
    next: Option<(u64, MediaItem)>,
    /// Whether the next item of a group follows itself, too. A controller that repeats a track sets it as the next one again
    /// before it begins.
    repeats: bool,
}

#[derive(Clone, Debug)]
struct Part {
    member: Member,
    /// Name of the player of what plays, where the Echo had that name then.
    before: Option<String>,
    transport: Transport,
    /// Number of items that ended since a controller set the first one.
    number: u64,
}

impl Part {
    fn new(member: Member, group: Option<&str>) -> Self {
        let transport = group.map_or_else(Transport::default, Transport::of_member);
        Self { member, before: None, transport, number: 0 }
    }

    fn take(&mut self, now: Duration, input: Input, effects: &mut Effects) -> Result<(), ActionError> {
        let is_set = matches!(input, Input::SetItem(_) | Input::SetNext(_));
        let had_next = self.transport.next().is_some() && !is_set;
        let taken = self.transport.take(now, input)?;
        if had_next && self.transport.next().is_none() && self.transport.item().is_some() {
            self.number += 1;
        }
        effects.extend(taken.into_iter().map(|effect| (self.member.serial.clone(), effect)));
        Ok(())
    }

    /// Time until the end of what plays is near, zero while it is; none where the end is not known or long over.
    fn end_is_near_in(&self, now: Duration) -> Option<Duration> {
        let plays = self.transport.state() == TransportState::Playing;
        let duration = self.transport.item().filter(|_| plays)?.duration?;
        let position = self.transport.position(now);
        (position <= duration + NEAR_END).then(|| duration.saturating_sub(position + NEAR_END))
    }

    /// Whether a report is about to come.
    fn is_expecting(&self, now: Duration) -> bool {
        self.transport.state() == TransportState::Transitioning
            || self.transport.is_ending()
            || self.end_is_near_in(now) == Some(Duration::ZERO)
    }

    fn is_called(&self, name: &str) -> bool {
        self.member.name == name || self.before.as_deref() == Some(name)
    }
}

impl Ensemble {
    /// Of an Echo alone, or of the members of the group with this unique device name.
    #[must_use]
    pub fn new(members: &[Member], group: Option<&str>) -> Self {
        let parts = members.iter().map(|member| Part::new(member.clone(), group)).collect();
        Self { parts, group: group.map(str::to_owned), next: None, repeats: false }
    }

    /// The state that is shown.
    #[must_use]
    pub fn state(&self) -> TransportState {
        self.leader().map_or(TransportState::NoMediaPresent, |part| part.transport.state())
    }

    /// Whether the last play failed on all members.
    #[must_use]
    pub fn has_failed(&self) -> bool {
        self.leader().is_some() && self.taking_part().all(|part| part.transport.has_failed())
    }

    /// The present item.
    #[must_use]
    pub fn item(&self) -> Option<&MediaItem> {
        self.leader()?.transport.item()
    }

    /// The item after it.
    #[must_use]
    pub fn next(&self) -> Option<&MediaItem> {
        let leader = self.leader()?;
        if self.group.is_none() {
            return leader.transport.next();
        }
        self.next.as_ref().filter(|(after, _)| *after == leader.number).map(|(_, item)| item)
    }

    /// Position in the item at a moment.
    #[must_use]
    pub fn position(&self, now: Duration) -> Duration {
        self.leader().map_or(Duration::ZERO, |part| part.transport.position(now))
    }

    /// The next moment at which time alone changes something; none where nothing waits.
    #[must_use]
    pub fn wakes_at(&self) -> Option<Duration> {
        self.parts.iter().filter_map(|part| part.transport.wakes_at()).min()
    }

    /// The names of the players of which a report is about to come.
    pub(super) fn expected(&self, now: Duration) -> Vec<String> {
        let expecting = self.parts.iter().filter(|part| part.is_expecting(now));
        expecting.map(|part| part.member.name.clone()).collect()
    }

    /// Time until the end of what plays comes near; none where it is near, or not known.
    pub(super) fn end_is_near_in(&self, now: Duration) -> Option<Duration> {
        let ends = self.parts.iter().filter_map(|part| part.end_is_near_in(now));
        ends.filter(|left| !left.is_zero()).min()
    }

    /// The name of the player of a member.
    pub(super) fn player(&self, serial: &str) -> Option<&str> {
        let part = self.parts.iter().find(|part| part.member.serial == serial);
        part.map(|part| part.member.name.as_str())
    }

    /// Takes an action of a controller, or that time went on.
    ///
    /// # Errors
    /// When an action does not fit the state, which stays as it is then.
    pub fn act(&mut self, now: Duration, input: &Input) -> Result<Effects, ActionError> {
        let mut effects = Effects::new();
        match input {
            Input::Tick => self.each(now, input, &mut effects),
            input if self.group.is_none() => {
                for part in &mut self.parts {
                    part.take(now, input.clone(), &mut effects)?;
                }
            }
            Input::Play => self.play(now, &mut effects)?,
            Input::Pause => self.pause(now, &mut effects)?,
            Input::SetNext(next) => {
                let after = self.leader().map_or(0, |part| part.number);
                self.set_next(now, after, next.clone(), &mut effects);
            }
            Input::SetItem(_) => {
                (self.next, self.repeats) = (None, false);
                self.each(now, input, &mut effects);
                for part in &mut self.parts {
                    part.number = 0;
                }
            }
            _ => self.each(now, input, &mut effects),
        }
        self.share_next(now, &mut effects);
        Ok(effects)
    }

    /// Takes the answer to a command of a member.
    pub fn answer(&mut self, now: Duration, serial: &str, input: Input) -> Effects {
        let mut effects = Effects::new();
        if let Some(part) = self.parts.iter_mut().find(|part| part.member.serial == serial) {
            if matches!(input, Input::Stored { .. }) {
                part.before = None;
            }
            // An answer is no action: it is never refused.
            part.take(now, input, &mut effects).unwrap_or_default();
        }
        self.share_next(now, &mut effects);
        effects
    }

    /// Takes the player of this name as it is stored.
    pub fn observe(&mut self, now: Duration, name: &str, observed: &Observed) -> Effects {
        let mut effects = Effects::new();
        for part in self.parts.iter_mut().filter(|part| part.is_called(name)) {
            part.take(now, Input::Observed(observed.clone()), &mut effects).unwrap_or_default();
        }
        self.share_next(now, &mut effects);
        effects
    }

    /// Follows the members to what they are now. What one that is gone plays is left alone.
    pub fn follow(&mut self, members: &[Member]) {
        let mut known = std::mem::take(&mut self.parts);
        for member in members {
            let at = known.iter().position(|part| part.member.serial == member.serial);
            let Some(mut part) = at.map(|at| known.swap_remove(at)) else {
                self.parts.push(Part::new(member.clone(), self.group.as_deref()));
                continue;
            };
            if part.member.name != member.name {
                part.before = Some(std::mem::replace(&mut part.member.name, member.name.clone()));
                part.transport.forget_versions();
            }
            self.parts.push(part);
        }
    }

    fn taking_part(&self) -> impl Iterator<Item = &Part> {
        self.parts.iter().filter(|part| part.transport.item().is_some())
    }

    /// The member that is shown: the first one that plays; else one that begins, is paused, or has an item.
    fn leader(&self) -> Option<&Part> {
        self.taking_part().min_by_key(|part| match part.transport.state() {
            TransportState::Playing => 0,
            TransportState::Transitioning => 1,
            TransportState::Paused => 2,
            TransportState::Stopped | TransportState::NoMediaPresent => 3,
        })
    }

    /// Gives an input that no state refuses to each member.
    fn each(&mut self, now: Duration, input: &Input, effects: &mut Effects) {
        for part in &mut self.parts {
            part.take(now, input.clone(), effects).unwrap_or_default();
        }
    }

    /// Resumes what was paused, or starts all. Where one plays or begins, nothing is left to do.
    fn play(&mut self, now: Duration, effects: &mut Effects) -> Result<(), ActionError> {
        let Some(leader) = self.leader() else { return Err(ActionError::NotNow) };
        let (item, number, state) =
            (leader.transport.item().cloned(), leader.number, leader.transport.state());
        for part in &mut self.parts {
            let has_item = part.transport.item().is_some();
            let is_paused = part.transport.state() == TransportState::Paused;
            match (state, item.clone()) {
                (TransportState::Paused, _) if is_paused || has_item && part.number == number => {}
                (TransportState::Stopped, Some(_)) if has_item && part.number == number => {}
                (TransportState::Stopped, Some(item)) => {
                    part.take(now, Input::SetItem(item), effects)?;
                    part.number = number;
                }
                _ => continue,
            }
            part.take(now, Input::Play, effects)?;
        }
        Ok(())
    }

    /// Pauses those that play, and gives up what has not begun.
    fn pause(&mut self, now: Duration, effects: &mut Effects) -> Result<(), ActionError> {
        if matches!(self.state(), TransportState::Transitioning) {
            return Err(ActionError::NotNow);
        }
        let mut pauses = Err(ActionError::NotNow);
        for part in &mut self.parts {
            let begins = part.transport.state() == TransportState::Transitioning;
            let input = if begins { Input::Stop } else { Input::Pause };
            if part.take(now, input, effects).is_ok() && !begins {
                pauses = Ok(());
            }
        }
        pauses
    }

    fn set_next(&mut self, now: Duration, after: u64, next: Option<MediaItem>, effects: &mut Effects) {
        let present = self.item().map(|item| &item.uri);
        let is_known =
            self.next.as_ref().is_some_and(|(known, item)| *known == after && next.as_ref() == Some(item));
        self.repeats = is_known && next.as_ref().map(|next| &next.uri) == present;
        if next.is_none() {
            for part in self.parts.iter_mut().filter(|part| part.number == after) {
                part.take(now, Input::SetNext(None), effects).unwrap_or_default();
            }
        }
        self.next = next.map(|next| (after, next));
    }

    /// Gives the next item to each member that has come to the item before it.
    fn share_next(&mut self, now: Duration, effects: &mut Effects) {
        if let Some((after, _)) = &mut self.next
            && self.repeats
            && self.parts.iter().any(|part| part.number > *after)
        {
            (*after, self.repeats) = (*after + 1, false);
        }
        let Some((after, next)) = self.next.clone() else { return };
        for part in &mut self.parts {
            let has_come = part.number == after && part.transport.item().is_some();
            if has_come && part.transport.next() != Some(&next) {
                part.take(now, Input::SetNext(Some(next.clone())), effects).unwrap_or_default();
            }
        }
    }
}
