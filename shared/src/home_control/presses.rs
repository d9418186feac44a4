//! Quick presses of a button, which become one command.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::clock::Moment;
use crate::music_assistant::{MusicAssistantError, Queue, RepeatMode};

/// Time after a press within which another one belongs to it.
pub(super) const TOGETHER: Duration = Duration::from_secs(1);

/// Time after a press for which the item that it wanted counts as the present one: Music Assistant needs a moment to
/// get there.
const WANTED: Duration = Duration::from_secs(3);

/// The most queues whose presses are kept.
const QUEUES_AT_MOST: usize = 100;

/// The presses of each queue.
#[derive(Debug, Default)]
pub(super) struct Presses(Mutex<BTreeMap<String, Last>>);

/// The last press of a queue.
#[derive(Clone, Copy, Debug)]
struct Last {
    at: Moment,
    number: u64,
    wanted: u64,
}

/// The next step after a press.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Press {
    /// The item at this place is played now.
    Now(u64),
    /// More presses are waited for, for [`TOGETHER`]; then [`Presses::due`] says what is done.
    Later(u64),
}

impl Presses {
    /// A press that wants the item `by` places from the one that is wanted now.
    pub(super) fn press(&self, queue: &Queue, by: i32, now: Moment) -> Result<Press, MusicAssistantError> {
        let mut presses = self.lock();
        presses.retain(|_, last| now.since(last.at) < WANTED);
        let last = presses.get(&queue.queue_id).copied();
        let base = last.map(|last| last.wanted).or(queue.current_index);
        let wanted = place(queue, base.ok_or(empty(queue))?, by)?;
        if last.is_none() && presses.len() >= QUEUES_AT_MOST {
            return Ok(Press::Now(wanted));
        }
        let number = last.map_or(0, |last| last.number + 1);
        let together = last.is_some_and(|last| now.since(last.at) < TOGETHER);
        presses.insert(queue.queue_id.clone(), Last { at: now, number, wanted });
        Ok(if together { Press::Later(number) } else { Press::Now(wanted) })
    }

    /// The place that is played for a press that waited; none where a later one does it.
    pub(super) fn due(&self, queue: &str, number: u64) -> Option<u64> {
        self.lock().get(queue).filter(|last| last.number == number).map(|last| last.wanted)
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<String, Last>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The place so many items from another one: around the ends where the whole queue is repeated. Before the first item is the
/// first one.
fn place(queue: &Queue, base: u64, by: i32) -> Result<u64, MusicAssistantError> {
    if queue.count == 0 {
        return Err(MusicAssistantError::QueueEmpty);
    }
    let (count, base) = (i128::from(queue.count), i128::from(base));
    let wanted = base + i128::from(by);
    let wanted = match queue.repeat_mode {
        RepeatMode::All => wanted.rem_euclid(count),
        _ if wanted >= count => return Err(MusicAssistantError::NoSuchItem),
        _ => wanted.max(0),
    };
    u64::try_from(wanted).map_err(|_| MusicAssistantError::NoSuchItem)
}

/// Why a queue has no such item: it holds none or never played, or it ends here.
pub(super) fn empty(queue: &Queue) -> MusicAssistantError {
    match queue.current_index {
        Some(_) if queue.count > 0 => MusicAssistantError::NoSuchItem,
        _ => MusicAssistantError::QueueEmpty,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;
    use crate::clock::{Clock, Timestamp};

    #[derive(Debug)]
    struct At(u64);

    impl Clock for At {
        fn now(&self) -> Timestamp {
            Timestamp::default().plus(self.monotonic())
        }

        fn monotonic(&self) -> Duration {
            Duration::from_millis(self.0)
        }
    }

    fn at(millis: u64) -> Moment {
        At(millis).moment()
    }

    fn queue(index: Option<u64>, count: u64, repeat: &str) -> Queue {
        serde_json::from_value(
            json!({ "queue_id": "Kitchen", "items": count, "current_index": index, "repeat_mode": repeat }),
        )
        .unwrap()
    }

    #[test]
    fn presses_within_a_second_become_one() {
        let (presses, queue) = (Presses::default(), queue(Some(2), 10, "off"));
        assert_eq!(presses.press(&queue, 1, at(0)), Ok(Press::Now(3)));
        assert_eq!(presses.press(&queue, 1, at(900)), Ok(Press::Later(1)));
        assert_eq!(presses.press(&queue, 1, at(1800)), Ok(Press::Later(2)));
        assert_eq!(presses.press(&queue, -2, at(2000)), Ok(Press::Later(3)));
        let due: Vec<_> = (0..4).map(|number| presses.due("Kitchen", number)).collect();
        assert_eq!(due, [None, None, None, Some(3)]);
        assert_eq!(presses.press(&queue, 1, at(3500)), Ok(Press::Now(4)), "from the one that is wanted");
        assert_eq!(presses.press(&queue, 1, at(9000)), Ok(Press::Now(3)), "from the present one");
    }

    #[test]
    fn the_ends_of_a_queue_are_kept() {
        for (index, count, repeat, by, wanted) in [
            (Some(9), 10, "off", 1, Err(MusicAssistantError::NoSuchItem)),
            (Some(9), 10, "all", 1, Ok(Press::Now(0))),
            (Some(0), 10, "off", -3, Ok(Press::Now(0))),
            (Some(0), 10, "all", -1, Ok(Press::Now(9))),
            (None, 10, "off", 1, Err(MusicAssistantError::QueueEmpty)),
            (None, 0, "off", 1, Err(MusicAssistantError::QueueEmpty)),
            (Some(4), 0, "all", 1, Err(MusicAssistantError::QueueEmpty)),
        ] {
            let queue = queue(index, count, repeat);
            assert_eq!(Presses::default().press(&queue, by, at(0)), wanted, "{index:?} {repeat} {by}");
        }
    }

    proptest! {
        #[test]
        fn a_place_is_always_in_the_queue(
            index in prop::option::of(any::<u64>()), count in any::<u64>(), by in any::<i32>(),
            times in prop::collection::vec(0_u64..5000, 1..10), all in any::<bool>(),
        ) {
            let queue = queue(index, count, if all { "all" } else { "off" });
            let presses = Presses::default();
            let mut now = 0;
            for time in times {
                now += time;
                let place = match presses.press(&queue, by, at(now)) {
                    Ok(Press::Now(place)) => Some(place),
                    Ok(Press::Later(number)) => presses.due("Kitchen", number),
                    Err(_) => continue,
                };
                prop_assert!(place.is_some_and(|place| place < count), "{place:?}");
            }
        }
    }
}
