//! Sleep timers that survive the process: when each player is to stop, in a document of the store.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use tokio::time::timeout;

use super::act::stop_after;
use super::home::{HomeControl, Shared};
use super::timers::{PLAYERS_AT_MOST, PendingStop};
use crate::clock::Timestamp;
use crate::store::{Document, StoreError, replace_document};
use crate::task;

/// Time for which a player is still stopped after its moment by a process that starts: later the music may be other
/// music.
const LATE: Duration = Duration::from_mins(5);

/// The longest time of the store for the timers.
const STORED: Duration = Duration::from_secs(5);

/// The document.
#[derive(Debug, Default, Serialize, Deserialize)]
struct TimersDocument {
    /// The stop of each player.
    stops: BTreeMap<String, KeptStop>,
}

/// A stop as it is stored.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[serde(untagged)]
enum KeptStop {
    Pending(PendingStop),
    /// Its moment alone, as older releases wrote it.
    At(Timestamp),
}

impl KeptStop {
    fn at(self) -> Timestamp {
        match self {
            Self::Pending(stop) => stop.at,
            Self::At(at) => at,
        }
    }

    fn left(self, now: Timestamp) -> Duration {
        match self {
            Self::Pending(stop) => stop.left(now),
            Self::At(at) => at.since(now),
        }
    }
}

impl TimersDocument {
    /// The time that each player plays from now on. One that is late by less than five minutes stops at once.
    fn left(self, now: Timestamp) -> Vec<(String, Duration)> {
        let due = self.stops.into_iter().filter(|(_, stop)| now.since(stop.at()) < LATE);
        due.map(|(player, stop)| (player, stop.left(now))).take(PLAYERS_AT_MOST).collect()
    }
}

impl HomeControl {
    /// Sets the sleep timers of the process before, once, when this one starts. Those that are five minutes late are dropped.
    pub async fn resume_timers(&self) {
        let kept = match timeout(STORED, read(&self.0)).await {
            Ok(Ok((kept, _))) => kept,
            Ok(Err(error)) => {
                tracing::warn!(%error, "the sleep timers cannot be read");
                return;
            }
            Err(_elapsed) => {
                tracing::warn!("the sleep timers cannot be read: the store takes too long");
                return;
            }
        };
        for (player, after) in kept.left(self.0.clock.now()) {
            if stop_after(self, &player, after).is_err() {
                tracing::warn!(control.player = player, "a sleep timer cannot be set again");
            }
        }
    }

    /// Keeps the timers as they are now. No answer waits for it.
    pub(super) fn keep_timers(&self) {
        let shared = Arc::clone(&self.0);
        task::spawn(async move {
            match timeout(STORED, keep(&shared)).await {
                Ok(Ok(())) => {}
                Ok(Err(error)) => tracing::warn!(%error, "a sleep timer is not kept"),
                Err(_elapsed) => tracing::warn!("a sleep timer is not kept: the store takes too long"),
            }
        });
    }
}

async fn read(shared: &Shared) -> Result<(TimersDocument, Option<u64>), StoreError> {
    let document = shared.store.document(Document::SleepTimers).await?;
    let revision = document.as_ref().map(|document| document.revision);
    let kept = document.and_then(|document| serde_json::from_value(document.content).ok());
    Ok((kept.unwrap_or_default(), revision))
}

async fn keep(shared: &Shared) -> Result<(), StoreError> {
    // Asked after the document was read: a write that comes later has the newer timers.
    let content = || {
        let stops = shared.timers.stops(shared.clock.now()).into_iter();
        TimersDocument { stops: stops.map(|(player, stop)| (player, KeptStop::Pending(stop))).collect() }
    };
    replace_document(shared.store.as_ref(), Document::SleepTimers, content).await
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_millis(1_700_000_000_000);

    #[test]
    fn what_is_due_stops_and_what_is_long_over_does_not() {
        let minutes = Duration::from_mins;
        let stops = [
            ("ahead", NOW.plus(minutes(30))),
            ("now", NOW),
            ("late", NOW.minus(minutes(4))),
            ("over", NOW.minus(minutes(5))),
        ];
        let stops = stops.map(|(player, at)| (player.to_owned(), KeptStop::At(at))).into();
        let left = TimersDocument { stops }.left(NOW);
        let expected = [("ahead", minutes(30)), ("late", Duration::ZERO), ("now", Duration::ZERO)];
        assert_eq!(left, expected.map(|(player, after)| (player.to_owned(), after)));
    }

    /// A machine without a battery for its clock starts hours ago.
    #[test]
    fn a_clock_that_is_behind_makes_no_timer_longer() {
        let stop = PendingStop { at: NOW.plus(Duration::from_mins(20)), after_ms: 30 * 60 * 1000 };
        let text = serde_json::to_string(&TimersDocument {
            stops: [("Kitchen".to_owned(), KeptStop::Pending(stop))].into(),
        });
        let left = |now| serde_json::from_str::<TimersDocument>(text.as_ref().unwrap()).unwrap().left(now);
        assert_eq!(left(NOW), [("Kitchen".to_owned(), Duration::from_mins(20))]);
        let hours_ago = NOW.minus(Duration::from_hours(8));
        assert_eq!(left(hours_ago), [("Kitchen".to_owned(), Duration::from_mins(30))]);
    }

    #[test]
    fn the_number_of_timers_that_are_set_again_is_bounded() {
        let stops = (0..500).map(|number| (number.to_string(), KeptStop::At(NOW))).collect();
        assert_eq!(TimersDocument { stops }.left(NOW).len(), PLAYERS_AT_MOST);
    }
}
