//! Table of what was heard of each device, pure and bounded.

use std::collections::BTreeMap;
use std::time::Duration;

use super::change::{Knowledge, LiveChange, LiveValue};
use super::event::EventKind;
use crate::amazon::reported::{NowPlaying, Reading, SpeakerVolume};
use crate::clock::{Moment, Timestamp};

/// Most devices, queues and commands that are remembered.
const REMEMBERED: usize = 256;

/// Age up to which a value serves without a new query. Amazon's events are never the only source.
const CONFIRMED_FOR: Duration = Duration::from_mins(5);

/// Time for which an event from before our last command to a device is ignored.
const SETTLES: Duration = Duration::from_secs(3);

/// Time for which what an event told of a device holds against one that names no device.
const JUST_NOW: Duration = Duration::from_secs(2);

/// The age of an event before the stream from which on it counts as a replay. Amazon replays the state of each device.
const REPLAY: Duration = Duration::from_secs(5);

/// Time for which a queue belongs to the device that last played it.
const QUEUE_KEPT: Duration = Duration::from_hours(6);

/// The values of all devices.
#[derive(Debug, Default)]
pub(super) struct LiveTable {
    /// The present stream; none while none is open.
    stream: Option<OpenStream>,
    volumes: Slot<SpeakerVolume>,
    online: Slot<bool>,
    do_not_disturb: Slot<bool>,
    playing: Slot<NowPlaying>,
    /// The device that played a queue last.
    queues: BTreeMap<String, (String, Moment)>,
    /// Time of the last change of what plays somewhere.
    sessions_changed_at: Option<Timestamp>,
    /// The last command of ours to a device.
    commands: BTreeMap<String, Moment>,
}

#[derive(Clone, Copy, Debug)]
struct OpenStream {
    opened_at: Timestamp,
    /// By how much Amazon's clock is ahead of ours, in milliseconds.
    ahead: i64,
}

#[derive(Debug)]
struct Slot<T> {
    /// Time of the last query about all devices on this stream.
    polled_at: Option<Moment>,
    items: BTreeMap<String, Item<T>>,
}

impl<T> Default for Slot<T> {
    fn default() -> Self {
        Self { polled_at: None, items: BTreeMap::new() }
    }
}

#[derive(Clone, Debug)]
struct Item<T> {
    value: T,
    /// Time of the source, by our clock.
    at: Timestamp,
    /// Time of its arrival; none for a value of an earlier stream, or of one that a command has changed since.
    heard_at: Option<Moment>,
}

/// The effect of an event.
#[derive(Debug, Default)]
pub(super) struct EventEffect {
    /// The change, where it is one.
    pub(super) change: Option<LiveChange>,
    /// Whether a query has to tell what plays.
    pub(super) needs_sessions: bool,
}

/// An event at its device, and its times.
struct Heard<'a> {
    serial: &'a str,
    at: Timestamp,
    is_replay: bool,
    now: Moment,
}

impl LiveTable {
    /// A stream is open. What was heard before is known, and no longer trusted.
    pub(super) fn open(&mut self, opened_at: Timestamp, ahead: i64) {
        self.close();
        self.stream = Some(OpenStream { opened_at, ahead });
    }

    pub(super) fn close(&mut self) {
        self.stream = None;
        self.volumes.distrust();
        self.online.distrust();
        self.do_not_disturb.distrust();
        self.playing.distrust();
    }

    /// An event of the present stream.
    pub(super) fn event(
        &mut self,
        serial: Option<&str>,
        at: Option<Timestamp>,
        kind: EventKind,
        now: Moment,
    ) -> EventEffect {
        let Some(stream) = self.stream else { return EventEffect::default() };
        let at = at.map_or(now.wall(), |at| stream.ours(at).min(now.wall()));
        let is_replay = at.plus(REPLAY) < stream.opened_at;
        let heard = |serial| Heard { serial, at, is_replay, now };
        let changed = |change| EventEffect { change, needs_sessions: false };
        match (kind, serial) {
            (EventKind::Volume { volume, muted }, Some(serial)) if !self.is_outdated(serial, at, now) => {
                let before = self.volumes.items.get(serial).is_some_and(|item| item.value.muted);
                let value = SpeakerVolume { volume, muted: muted.unwrap_or(before) };
                changed(self.volumes.hear(&heard(serial), value, LiveValue::Volume))
            }
            (EventKind::DoNotDisturb(value), Some(serial)) if !self.is_outdated(serial, at, now) => {
                changed(self.do_not_disturb.hear(&heard(serial), value, LiveValue::DoNotDisturb))
            }
            (EventKind::Online(value), Some(serial)) => {
                changed(self.online.hear(&heard(serial), value, LiveValue::Online))
            }
            (EventKind::Player { queue }, Some(serial)) => {
                if let Some(queue) = queue {
                    remember(&mut self.queues, queue, (serial.to_owned(), now), |(_, at)| *at);
                }
                if !is_replay {
                    self.playing.doubt(serial);
                }
                self.sessions_changed(is_replay, now)
            }
            (EventKind::NowPlaying { queue, playing }, _) if !is_replay => {
                let placed = queue.and_then(|queue| self.queues.get(&queue));
                let placed =
                    placed.filter(|(_, at)| now.since(*at) < QUEUE_KEPT).map(|(serial, _)| serial.clone());
                match placed {
                    Some(serial) => changed(self.playing.hear(&heard(&serial), *playing, LiveValue::Playing)),
                    None => self.sessions_changed(false, now),
                }
            }
            (EventKind::Sessions, _) => self.sessions_changed(is_replay, now),
            _ => EventEffect::default(),
        }
    }

    /// Something plays or ends somewhere. Amazon says so after it said what, so that what came just now holds.
    fn sessions_changed(&mut self, is_replay: bool, now: Moment) -> EventEffect {
        if !is_replay {
            self.playing.distrust_before(now);
            self.sessions_changed_at = Some(now.wall());
        }
        EventEffect { change: None, needs_sessions: !is_replay }
    }

    /// Time of the last change of what plays somewhere: an older answer of Amazon's is outdated.
    pub(super) fn sessions_changed_at(&self) -> Option<Timestamp> {
        self.sessions_changed_at
    }

    /// Whether an event is from before our last command to the device, which has not settled yet.
    fn is_outdated(&self, serial: &str, at: Timestamp, now: Moment) -> bool {
        let sent = self.commands.get(serial).filter(|sent| now.since(**sent) < SETTLES);
        sent.is_some_and(|sent| at < sent.wall())
    }

    /// A command of ours to a device: what is known of it may be outdated.
    pub(super) fn commanded(&mut self, serial: &str, now: Moment) {
        remember(&mut self.commands, serial.to_owned(), now, |at| *at);
        self.volumes.doubt(serial);
        self.do_not_disturb.doubt(serial);
    }

    pub(super) fn volume(
        &self,
        serial: &str,
        since: Option<Timestamp>,
        now: Moment,
    ) -> Knowledge<SpeakerVolume> {
        self.known(&self.volumes, serial, since, now)
    }

    pub(super) fn do_not_disturb(&self, serial: &str, now: Moment) -> Knowledge<bool> {
        self.known(&self.do_not_disturb, serial, None, now)
    }

    pub(super) fn playing(
        &self,
        serial: &str,
        since: Option<Timestamp>,
        now: Moment,
    ) -> Knowledge<NowPlaying> {
        self.known(&self.playing, serial, since, now)
    }

    /// Whether Amazon reaches the device, where this stream said so.
    pub(super) fn online(&self, serial: &str) -> Option<Reading<bool>> {
        self.stream?;
        let item = self.online.items.get(serial).filter(|item| item.heard_at.is_some())?;
        Some(Reading { value: item.value, at: item.at })
    }

    pub(super) fn polled_volumes(
        &mut self,
        all: Vec<(String, SpeakerVolume)>,
        poll: Poll,
    ) -> Vec<LiveChange> {
        if self.stream.is_none() { Vec::new() } else { self.volumes.polled(all, poll, LiveValue::Volume) }
    }

    pub(super) fn polled_do_not_disturb(&mut self, all: Vec<(String, bool)>, poll: Poll) -> Vec<LiveChange> {
        if self.stream.is_none() {
            return Vec::new();
        }
        self.do_not_disturb.polled(all, poll, LiveValue::DoNotDisturb)
    }

    pub(super) fn polled_playing(&mut self, all: Vec<(String, NowPlaying)>, poll: Poll) -> Vec<LiveChange> {
        if self.stream.is_none() {
            return Vec::new();
        }
        let is_gone = |serial: &String, item: &Item<NowPlaying>| {
            !poll.is_before(item) && all.iter().all(|(listed, _)| listed != serial)
        };
        let items = self.playing.items.iter();
        let gone: Vec<String> =
            items.filter(|(serial, item)| is_gone(serial, item)).map(|(serial, _)| serial.clone()).collect();
        let mut changes = self.playing.polled(all, poll, LiveValue::Playing);
        for serial in gone {
            self.playing.items.remove(&serial);
            let value = NowPlaying { state: Some("IDLE".to_owned()), ..NowPlaying::default() };
            changes.push(LiveChange { serial, at: poll.at.wall(), value: LiveValue::Playing(value) });
        }
        changes
    }

    fn known<T: Clone>(
        &self,
        slot: &Slot<T>,
        serial: &str,
        since: Option<Timestamp>,
        now: Moment,
    ) -> Knowledge<T> {
        if self.stream.is_none() {
            return Knowledge::Unknown;
        }
        let is_recent = |at: Moment| now.since(at) < CONFIRMED_FOR;
        let is_polled = slot.polled_at.is_some_and(is_recent);
        match slot.items.get(serial) {
            Some(item) => {
                let is_fresh = item.heard_at.is_some_and(|heard_at| is_polled || is_recent(heard_at));
                let is_late_enough = since.is_none_or(|since| item.at >= since);
                if is_fresh && is_late_enough {
                    Knowledge::Value(Reading { value: item.value.clone(), at: item.at })
                } else {
                    Knowledge::Unknown
                }
            }
            None if is_polled && since.is_none() => Knowledge::Nothing,
            None => Knowledge::Unknown,
        }
    }
}

/// The times of a query about all devices.
#[derive(Clone, Copy, Debug)]
pub(super) struct Poll {
    /// When it was sent.
    pub(super) sent_at: Moment,
    /// When its answer came.
    pub(super) at: Moment,
}

impl Poll {
    /// Whether an event came since the query was sent.
    fn is_before<T>(self, item: &Item<T>) -> bool {
        item.heard_at.is_some() && self.sent_at.wall() < item.at && item.at <= self.at.wall()
    }
}

impl OpenStream {
    /// A time of Amazon's by our clock.
    fn ours(self, at: Timestamp) -> Timestamp {
        Timestamp::from_millis(at.millis().saturating_sub(self.ahead))
    }
}

impl<T: Clone + PartialEq> Slot<T> {
    /// A value that an event brought; the change, where it is one.
    fn hear(&mut self, heard: &Heard<'_>, value: T, as_value: fn(T) -> LiveValue) -> Option<LiveChange> {
        let before = self.items.get(heard.serial);
        if before.is_some_and(|before| before.at > heard.at) {
            // An older event. That it was replayed does not mend a doubt either.
            return None;
        }
        let is_new = before.is_none_or(|before| before.value != value);
        self.put(heard.serial, Item { value: value.clone(), at: heard.at, heard_at: Some(heard.now) });
        (is_new && !heard.is_replay).then(|| LiveChange {
            serial: heard.serial.to_owned(),
            at: heard.at,
            value: as_value(value),
        })
    }

    /// The values of all devices, by a query. An event that came since the query was sent is newer. What is not in the
    /// answer is not known.
    fn polled(&mut self, all: Vec<(String, T)>, poll: Poll, as_value: fn(T) -> LiveValue) -> Vec<LiveChange> {
        self.polled_at = Some(poll.at);
        let mut before = std::mem::take(&mut self.items);
        let mut changes = Vec::new();
        for (serial, value) in all {
            let known = before.remove(&serial);
            if let Some(newer) = known.as_ref().filter(|item| poll.is_before(item)) {
                self.put(&serial, newer.clone());
                continue;
            }
            let at = poll.at.wall();
            if known.is_some_and(|known| known.value != value) {
                changes.push(LiveChange { serial: serial.clone(), at, value: as_value(value.clone()) });
            }
            self.put(&serial, Item { value, at, heard_at: Some(poll.at) });
        }
        // Amazon lists few volumes; what an event brought stays.
        for (serial, item) in before.into_iter().filter(|(_, item)| item.heard_at.is_some()) {
            self.put(&serial, item);
        }
        changes
    }

    fn put(&mut self, serial: &str, item: Item<T>) {
        if self.items.len() < REMEMBERED || self.items.contains_key(serial) {
            self.items.insert(serial.to_owned(), item);
        }
    }

    fn distrust(&mut self) {
        self.polled_at = None;
        self.items.values_mut().for_each(|item| item.heard_at = None);
    }

    /// Distrusts all but what came just now.
    fn distrust_before(&mut self, now: Moment) {
        self.polled_at = None;
        for item in self.items.values_mut() {
            item.heard_at = item.heard_at.filter(|at| now.since(*at) < JUST_NOW);
        }
    }

    fn doubt(&mut self, serial: &str) {
        if let Some(item) = self.items.get_mut(serial) {
            item.heard_at = None;
        }
    }
}

/// Puts an entry into a bounded map; the oldest one gives way.
fn remember<T>(map: &mut BTreeMap<String, T>, key: String, value: T, at: impl Fn(&T) -> Moment) {
    if map.len() >= REMEMBERED && !map.contains_key(&key) {
        let oldest = map.iter().min_by_key(|(_, value)| at(value).wall()).map(|(key, _)| key.clone());
        if let Some(oldest) = oldest {
            map.remove(&oldest);
        }
    }
    map.insert(key, value);
}
