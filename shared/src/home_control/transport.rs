//! Commands for a queue.

use std::time::Duration;

use super::presses::{Press, Presses, TOGETHER, empty};
use super::turn::Turn;
use crate::clock::Clock;
use crate::music_assistant::{
    MusicAssistantError, PlaybackState, PlayerCommand, Queue, QueueIndex, RepeatMode, Server,
};

/// The longest item, in seconds: a week.
const LONGEST: f64 = 7.0 * 24.0 * 3600.0;

/// Sends a command to a queue.
pub(super) async fn send(
    turn: &Turn,
    server: &Server,
    queue: &Queue,
    command: &PlayerCommand,
) -> Result<(), MusicAssistantError> {
    turn.may_send()?;
    let id = queue.queue_id.clone();
    let told = match command {
        // Music Assistant's `next` waits a second for further presses. It leaves a player in transition for good at the last
        // item, and where a pause comes within that second: its queue then counts as playing until the next start.
        PlayerCommand::Next => return play(turn, server, id, next(queue)?).await,
        PlayerCommand::Previous => {
            // `previous` begins the same item again, once it played for some seconds.
            let present = queue.current_index.ok_or_else(|| empty(queue))?;
            return play(turn, server, id, QueueIndex::Index(present.saturating_sub(1))).await;
        }
        PlayerCommand::PlayItem(item) => return play(turn, server, id, QueueIndex::Item(item.clone())).await,
        PlayerCommand::StartOver => return start_over(turn, server, queue).await,
        PlayerCommand::Seek(position) => return seek(turn, server, queue, *position).await,
        PlayerCommand::Resume => {
            let resumed = turn.start(server, |server| async move { server.resume(&id).await }).await;
            return resumed.map_err(|error| of_empty(queue, error));
        }
        PlayerCommand::Transfer(to) => {
            if queue.count == 0 {
                return Err(MusicAssistantError::QueueEmpty);
            }
            let to = to.clone();
            return turn.start(server, |server| async move { server.transfer(&id, &to).await }).await;
        }
        PlayerCommand::Pause => server.pause(&id).await,
        PlayerCommand::Stop => server.stop(&id).await,
        PlayerCommand::Clear => server.clear(&id).await,
        PlayerCommand::Shuffle(on) => server.shuffle(&id, *on).await,
        PlayerCommand::Repeat(mode) => server.repeat(&id, mode).await,
    };
    told.map_err(|error| of_dynamic(queue, command, error))
}

/// Plays the item so many places from the one that is wanted now.
pub(super) async fn jump(
    turn: &Turn,
    server: &Server,
    queue: &Queue,
    by: i32,
    (presses, clock): (&Presses, &dyn Clock),
) -> Result<(), MusicAssistantError> {
    turn.may_send()?;
    let place = match presses.press(queue, by, clock.moment())? {
        Press::Now(place) => place,
        Press::Later(number) => {
            tokio::time::sleep(TOGETHER).await;
            let Some(place) = presses.due(&queue.queue_id, number) else { return Ok(()) };
            place
        }
    };
    play(turn, server, queue.queue_id.clone(), QueueIndex::Index(place)).await
}

/// Goes so many seconds forward, or back, within the present item.
pub(super) async fn skip(
    turn: &Turn,
    server: &Server,
    queue: &Queue,
    seconds: i32,
) -> Result<(), MusicAssistantError> {
    let position = position(queue, seconds)?;
    seek(turn, server, queue, position).await
}

/// Plays the present item again from where it was so long ago; what has no length from its beginning.
pub(super) async fn again(
    turn: &Turn,
    server: &Server,
    queue: &Queue,
    ago: Duration,
) -> Result<(), MusicAssistantError> {
    let seconds = i32::try_from(ago.as_secs()).unwrap_or(i32::MAX);
    match (position(queue, -seconds), queue.current_index) {
        (Ok(position), _) => seek(turn, server, queue, position).await,
        (Err(MusicAssistantError::NotPossible), Some(present)) => {
            play(turn, server, queue.queue_id.clone(), QueueIndex::Index(present)).await
        }
        (Err(error), _) => Err(error),
    }
}

/// Plays the present item from its beginning. Music Assistant goes to a second of a queue that plays alone.
async fn start_over(turn: &Turn, server: &Server, queue: &Queue) -> Result<(), MusicAssistantError> {
    match queue.current_index {
        Some(present) if queue.state == PlaybackState::Idle && length(queue).is_ok() => {
            play(turn, server, queue.queue_id.clone(), QueueIndex::Index(present)).await
        }
        _ => seek(turn, server, queue, 0).await,
    }
}

async fn play(
    turn: &Turn,
    server: &Server,
    id: String,
    place: QueueIndex,
) -> Result<(), MusicAssistantError> {
    turn.start(server, |server| async move { server.play_index(&id, &place).await }).await
}

async fn seek(turn: &Turn, server: &Server, queue: &Queue, position: u32) -> Result<(), MusicAssistantError> {
    length(queue)?;
    let id = queue.queue_id.clone();
    turn.start(server, |server| async move { server.seek(&id, position).await }).await
}

/// The place after the present one; behind the last item of a queue that is repeated, the first place. The next item that
/// Music Assistant names is no measure: it may still be that of the item before.
pub(super) fn next(queue: &Queue) -> Result<QueueIndex, MusicAssistantError> {
    let place = queue.current_index.and_then(|index| index.checked_add(1)).ok_or_else(|| empty(queue))?;
    match queue.repeat_mode {
        _ if place < queue.count => Ok(QueueIndex::Index(place)),
        RepeatMode::All if queue.count > 0 => Ok(QueueIndex::Index(0)),
        _ => Err(empty(queue)),
    }
}

/// The length of the present item in seconds. What has none, such as radio, has no other places.
fn length(queue: &Queue) -> Result<f64, MusicAssistantError> {
    let item = queue.current_item.as_ref().ok_or_else(|| empty(queue))?;
    item.duration.filter(|length| *length > 0.0).ok_or(MusicAssistantError::NotPossible)
}

/// The second of the present item that is so many further, or back; within the item.
fn position(queue: &Queue, seconds: i32) -> Result<u32, MusicAssistantError> {
    let length = length(queue)?.min(LONGEST);
    let wanted = queue.elapsed_time + f64::from(seconds);
    // Music Assistant takes no place behind the last second.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "it is 0 to the length of a week"
    )]
    Ok(wanted.clamp(0.0, (length - 1.0).max(0.0)) as u32)
}

/// Over HTTP Music Assistant does not say why it failed: a queue without items has nothing to go on with.
fn of_empty(queue: &Queue, error: MusicAssistantError) -> MusicAssistantError {
    match error {
        MusicAssistantError::Failed { .. } if queue.count == 0 => MusicAssistantError::QueueEmpty,
        error => error,
    }
}

/// A queue that Music Assistant makes itself is neither shuffled nor repeated.
fn of_dynamic(queue: &Queue, command: &PlayerCommand, error: MusicAssistantError) -> MusicAssistantError {
    let is_of_order = matches!(command, PlayerCommand::Shuffle(_) | PlayerCommand::Repeat(_));
    match error {
        MusicAssistantError::Failed { .. } if queue.is_dynamic && is_of_order => {
            MusicAssistantError::NotPossible
        }
        error => error,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn queue(elapsed: f64, length: Option<f64>) -> Queue {
        let item = json!({ "queue_item_id": "i", "duration": length });
        serde_json::from_value(json!({
            "queue_id": "Kitchen", "items": 1, "state": "playing", "current_index": 0, "elapsed_time": elapsed,
            "current_item": item,
        }))
        .unwrap()
    }

    #[test]
    fn a_skip_stays_in_its_item() {
        for (seconds, wanted) in [(30, 42), (-30, 0), (i32::MAX, 119)] {
            assert_eq!(position(&queue(12.5, Some(120.0)), seconds), Ok(wanted), "{seconds}");
        }
        for length in [None, Some(0.0), Some(-1.0)] {
            let radio = queue(3.0, length);
            assert_eq!(position(&radio, 30), Err(MusicAssistantError::NotPossible));
        }
    }

    #[test]
    fn the_place_behind_is_next_whatever_the_queue_names() {
        let queue = |index: Option<u64>, count: u64, repeat: &str| -> Queue {
            serde_json::from_value(json!({
                "queue_id": "Kitchen", "items": count, "state": "playing", "current_index": index, "repeat_mode": repeat,
                "current_item": { "queue_item_id": "present" }, "next_item": { "queue_item_id": "named" },
            }))
            .unwrap()
        };
        for (index, count, repeat, wanted) in [
            (Some(1), 3, "off", Some(2)),
            (Some(1), 3, "one", Some(2)),
            (Some(2), 3, "off", None),
            (Some(2), 3, "one", None),
            (Some(2), 3, "all", Some(0)),
            (Some(0), 0, "all", None),
            (Some(u64::MAX), 3, "all", None),
            (None, 3, "off", None),
        ] {
            let wanted = wanted.map(QueueIndex::Index).ok_or(MusicAssistantError::NoSuchItem);
            let queue = queue(index, count, repeat);
            assert_eq!(
                next(&queue).map_err(|_| MusicAssistantError::NoSuchItem),
                wanted,
                "{index:?} {repeat}"
            );
        }
    }

    proptest! {
        #[test]
        fn a_position_is_within_the_length(
            elapsed in any::<f64>(), length in 0.1_f64..1e12, seconds: i32,
        ) {
            let position = position(&queue(elapsed, Some(length)), seconds).unwrap();
            prop_assert!(f64::from(position) <= length);
        }
    }
}
