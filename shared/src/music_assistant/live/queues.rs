//! The players and queues as the events tell them.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::sync::Arc;

use tokio::sync::watch;

use super::super::answers::{MaPlayer, PlaybackState, Queue, QueueItem};
use super::super::echo_players::{EchoName, match_players};
use super::event::Event;
use crate::clock::Timestamp;

/// The most players and the most queues that are kept. Further ones are left out.
const KEPT: usize = 200;

/// A queue with what comes next, as it was last heard of.
#[derive(Clone, Debug, PartialEq)]
pub struct LiveQueue {
    /// The queue.
    pub queue: Queue,
    /// The items after the present one, at most 20; empty as long as they were not read.
    pub coming: Vec<QueueItem>,
    /// When the queue was heard of.
    pub at: Timestamp,
}

impl LiveQueue {
    /// The seconds of the present item that have played until `now`; at most its length.
    #[must_use]
    pub fn position(&self, now: Timestamp) -> f64 {
        let since =
            if self.queue.state == PlaybackState::Playing { now.since(self.at).as_secs_f64() } else { 0.0 };
        let position = (self.queue.elapsed_time + since).max(0.0);
        let length = self.queue.current_item.as_ref().and_then(|item| item.duration);
        length.map_or(position, |length| position.min(length.max(0.0)))
    }
}

/// The players and queues, as events told them.
#[derive(Debug, Default)]
struct QueueTable {
    hears: bool,
    players: BTreeMap<String, MaPlayer>,
    queues: BTreeMap<String, LiveQueue>,
}

/// The live state of Music Assistant's queues; cheap to clone. It is empty where no events are heard.
#[derive(Clone, Debug, Default)]
pub struct LiveQueues(Arc<watch::Sender<QueueTable>>);

/// Hears that something changed.
#[derive(Debug)]
pub struct QueueChanges(watch::Receiver<QueueTable>);

impl LiveQueues {
    /// Whether events are heard at present.
    #[must_use]
    pub fn hears(&self) -> bool {
        self.0.borrow().hears
    }

    /// The queue of an Echo's player; none where it has none, or no events are heard.
    #[must_use]
    pub fn of(&self, echo: &EchoName) -> Option<LiveQueue> {
        let known = self.0.borrow();
        if !known.hears {
            return None;
        }
        let players: Vec<MaPlayer> = known.players.values().cloned().collect();
        let matched = match_players(std::slice::from_ref(echo), &players);
        let (player, _) = *matched.first()?.players.first()?;
        known.queues.get(&player.player_id).cloned()
    }

    /// Hears of changes from now on.
    #[must_use]
    pub fn changes(&self) -> QueueChanges {
        QueueChanges(self.0.subscribe())
    }

    /// Begins with what was read after the sign-in.
    pub(super) fn begin(&self, players: Vec<MaPlayer>, queues: Vec<Queue>, at: Timestamp) {
        let player = |player: MaPlayer| (player.player_id.clone(), player);
        let queue = |queue: Queue| (queue.queue_id.clone(), LiveQueue { queue, coming: Vec::new(), at });
        self.0.send_replace(QueueTable {
            hears: true,
            players: players.into_iter().take(KEPT).map(player).collect(),
            queues: queues.into_iter().take(KEPT).map(queue).collect(),
        });
    }

    /// Forgets everything, since changes are no longer heard.
    pub(super) fn end(&self) {
        self.0.send_if_modified(|known| {
            let heard = known.hears;
            *known = QueueTable::default();
            heard
        });
    }

    /// Takes a change, and returns the queue whose next items have to be read.
    pub(super) fn apply(&self, event: Event, at: Timestamp) -> Option<String> {
        let mut stale = None;
        self.0.send_if_modified(|known| match event {
            Event::Queue(queue) => {
                let (id, present) = (queue.queue_id.clone(), queue.current_index);
                let (is_new, moved) = known.take_queue(*queue, at);
                if moved {
                    stale = Some(id).filter(|_| present.is_some());
                }
                is_new
            }
            Event::Items(id) => {
                if known.queues.get(&id).is_some_and(|kept| kept.queue.current_index.is_some()) {
                    stale = Some(id);
                }
                false
            }
            Event::Player(player) => known.take_player(*player),
            Event::Gone(id) => known.players.remove(&id).is_some() | known.queues.remove(&id).is_some(),
        });
        stale
    }

    /// The place after the present item of a queue, and with it the count of its items that come.
    pub(super) fn next_place(&self, id: &str) -> Option<usize> {
        let known = self.0.borrow();
        let index = known.queues.get(id)?.queue.current_index?;
        usize::try_from(index.checked_add(1)?).ok()
    }

    /// Takes the items that come next in a queue.
    pub(super) fn take_coming(&self, id: &str, coming: Vec<QueueItem>) {
        self.0.send_if_modified(|known| {
            let Some(kept) = known.queues.get_mut(id) else { return false };
            let changed = kept.coming != coming;
            kept.coming = coming;
            changed
        });
    }
}

impl QueueChanges {
    /// Waits for the next change. Without any to come it waits for ever.
    pub async fn next(&mut self) {
        if self.0.changed().await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}

impl QueueTable {
    /// Whether a reader has news, and whether other items come next.
    fn take_queue(&mut self, queue: Queue, at: Timestamp) -> (bool, bool) {
        let is_full = self.queues.len() >= KEPT;
        match self.queues.entry(queue.queue_id.clone()) {
            Entry::Occupied(mut kept) => {
                let kept = kept.get_mut();
                let moved = kept.queue.current_index != queue.current_index
                    || kept.queue.shuffle_enabled != queue.shuffle_enabled
                    || kept.queue.count != queue.count;
                // The time alone goes on by itself.
                let (elapsed_time, elapsed_at) = (kept.queue.elapsed_time, kept.queue.elapsed_at);
                let time_aside = Queue { elapsed_time, elapsed_at, ..queue.clone() };
                let is_new = kept.queue != time_aside || kept.drifts_from(&queue, at);
                (kept.queue, kept.at) = (queue, at);
                (is_new, moved)
            }
            Entry::Vacant(place) if !is_full => {
                place.insert(LiveQueue { queue, coming: Vec::new(), at });
                (true, true)
            }
            Entry::Vacant(_) => (false, false),
        }
    }

    fn take_player(&mut self, player: MaPlayer) -> bool {
        let is_full = self.players.len() >= KEPT;
        match self.players.entry(player.player_id.clone()) {
            Entry::Occupied(mut kept) => {
                let changed = *kept.get() != player;
                kept.insert(player);
                changed
            }
            Entry::Vacant(place) if !is_full => {
                place.insert(player);
                true
            }
            Entry::Vacant(_) => false,
        }
    }
}

impl LiveQueue {
    /// Whether the position is another one than the time since would make it, as after a seek.
    fn drifts_from(&self, queue: &Queue, at: Timestamp) -> bool {
        (self.position(at) - queue.elapsed_time).abs() > 2.0
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    const START: Timestamp = Timestamp::from_millis(1_000_000);

    fn queue(index: u64, elapsed: f64) -> Queue {
        let item = json!({ "queue_item_id": format!("i{index}"), "duration": 100.0 });
        read(json!({
            "queue_id": "kitchen", "state": "playing", "items": 9, "current_index": index,
            "elapsed_time": elapsed, "current_item": item,
        }))
    }

    fn boxed_queue(index: u64, elapsed: f64) -> Box<Queue> {
        Box::new(queue(index, elapsed))
    }

    fn read<T: serde::de::DeserializeOwned>(value: Value) -> T {
        serde_json::from_value(value).unwrap()
    }

    fn kitchen() -> EchoName {
        EchoName { name: "kitchen".to_owned(), udn: None }
    }

    fn live() -> LiveQueues {
        let live = LiveQueues::default();
        let player = read(json!({ "player_id": "kitchen", "provider": "alexa--1" }));
        live.begin(vec![player], vec![queue(0, 10.0)], START);
        live
    }

    #[test]
    fn the_position_goes_on_with_the_clock_up_to_the_length() {
        let kept = live().of(&kitchen()).unwrap();
        let after = |seconds| kept.position(START.plus(std::time::Duration::from_secs(seconds)));
        assert!((after(5) - 15.0).abs() < 1e-9);
        assert!((after(500) - 100.0).abs() < 1e-9);
        let paused =
            LiveQueue { queue: Queue { state: PlaybackState::Paused, ..kept.queue.clone() }, ..kept };
        assert!((paused.position(START.plus(std::time::Duration::from_secs(5))) - 10.0).abs() < 1e-9);
    }

    #[test]
    fn readers_hear_of_news_and_not_of_the_time() {
        let live = live();
        let changes = live.changes();
        let later = START.plus(std::time::Duration::from_secs(5));
        assert_eq!(live.apply(Event::Queue(boxed_queue(0, 15.0)), later), None);
        assert!(!changes.0.has_changed().unwrap(), "the time goes on by itself");
        assert_eq!(live.apply(Event::Queue(boxed_queue(0, 60.0)), later), None);
        assert!(changes.0.has_changed().unwrap(), "a seek is news");
        assert_eq!(live.apply(Event::Queue(boxed_queue(1, 0.0)), later), Some("kitchen".to_owned()));
        assert_eq!(live.next_place("kitchen"), Some(2));
    }

    #[test]
    fn what_is_no_longer_heard_is_not_shown() {
        let live = live();
        live.end();
        assert_eq!(live.of(&kitchen()), None);
        assert!(!live.hears());
    }

    #[test]
    fn a_flood_of_players_is_bounded() {
        let live = live();
        for number in 0..1000 {
            live.apply(Event::Player(read(json!({ "player_id": number.to_string() }))), START);
            live.apply(Event::Queue(read(json!({ "queue_id": number.to_string() }))), START);
        }
        let known = live.0.borrow();
        assert_eq!((known.players.len(), known.queues.len()), (KEPT, KEPT));
    }
}
