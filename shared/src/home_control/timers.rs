//! Sleep timers: players that stop after a while.
//!
//! A player has at most one. They are in the memory of this process, and `kept_timers` has them survive it.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde::{Deserialize, Serialize};
use tokio::task::AbortHandle;

use crate::clock::Timestamp;
use crate::music_assistant::MusicAssistantError;
use crate::task;

/// The longest time, a day.
const LONGEST: Duration = Duration::from_hours(24);

/// The most players that have a timer.
pub(super) const PLAYERS_AT_MOST: usize = 100;

/// The timers by players.
#[derive(Debug, Default)]
pub(super) struct Timers(Mutex<BTreeMap<String, Timer>>);

#[derive(Debug)]
struct Timer {
    task: AbortHandle,
    stop: PendingStop,
}

/// A stop that is to come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct PendingStop {
    /// The moment of it.
    pub(super) at: Timestamp,
    /// The time from its setting to it, in milliseconds.
    pub(super) after_ms: u64,
}

impl PendingStop {
    /// The time until it from `now` on. It is no longer than at the setting, though the clock was set back meanwhile.
    pub(super) fn left(self, now: Timestamp) -> Duration {
        self.at.since(now).min(Duration::from_millis(self.after_ms))
    }
}

impl Timers {
    /// Does `work` for a player after a time from `now` on, instead of what was to be done before.
    pub(super) fn set(
        &self,
        player: &str,
        now: Timestamp,
        after: Duration,
        work: impl Future<Output = ()> + Send + 'static,
    ) -> Result<(), MusicAssistantError> {
        let mut timers = self.lock();
        timers.retain(|_, timer| !timer.task.is_finished());
        let is_new = !timers.contains_key(player);
        if after > LONGEST || (is_new && timers.len() >= PLAYERS_AT_MOST) {
            return Err(MusicAssistantError::NotPossible);
        }
        let task = task::spawn(async move {
            tokio::time::sleep(after).await;
            work.await;
        });
        let after_ms = u64::try_from(after.as_millis()).unwrap_or(u64::MAX);
        let stop = PendingStop { at: now.plus(after), after_ms };
        let timer = Timer { task: task.abort_handle(), stop };
        if let Some(before) = timers.insert(player.to_owned(), timer) {
            before.task.abort();
        }
        Ok(())
    }

    /// Ends the timer of a player, if it has one.
    pub(super) fn cancel(&self, player: &str) {
        if let Some(timer) = self.lock().remove(player) {
            timer.task.abort();
        }
    }

    /// The stops of the players that have not stopped.
    pub(super) fn stops(&self, now: Timestamp) -> BTreeMap<String, PendingStop> {
        let timers = self.lock();
        let running = timers.iter().filter(|(_, timer)| timer.stop.at > now);
        running.map(|(player, timer)| (player.clone(), timer.stop)).collect()
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<String, Timer>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Timers {
    fn drop(&mut self) {
        for timer in self.lock().values() {
            timer.task.abort();
        }
    }
}

#[cfg(test)]
mod tests {
    use tokio::sync::mpsc;

    use super::*;

    const NOW: Timestamp = Timestamp::from_millis(1_700_000_000_000);

    #[tokio::test(start_paused = true)]
    async fn a_player_has_one_timer() {
        let timers = Timers::default();
        let (sender, mut done) = mpsc::unbounded_channel();
        let work = |word: &'static str| {
            let sender = sender.clone();
            async move { sender.send(word).unwrap() }
        };
        let minutes = Duration::from_mins;
        timers.set("Kitchen", NOW, minutes(10), work("first")).unwrap();
        timers.set("Kitchen", NOW, minutes(30), work("second")).unwrap();
        timers.set("Office", NOW, minutes(20), work("office")).unwrap();
        timers.set("Attic", NOW, minutes(1), work("attic")).unwrap();
        timers.cancel("Attic");
        timers.cancel("Cellar");
        let stops = timers.stops(NOW);
        let names: Vec<&str> = stops.keys().map(String::as_str).collect();
        assert_eq!((names, stops["Kitchen"].at), (vec!["Kitchen", "Office"], NOW.plus(minutes(30))));
        assert_eq!(done.recv().await, Some("office"));
        assert_eq!(done.recv().await, Some("second"));
        assert!(done.try_recv().is_err());
        let long = timers.set("Kitchen", NOW, minutes(24 * 60 + 1), work("late"));
        assert_eq!(long, Err(MusicAssistantError::NotPossible));
    }

    #[tokio::test(start_paused = true)]
    async fn the_number_of_timers_is_bounded() {
        let timers = Timers::default();
        let set = |number: usize| timers.set(&number.to_string(), NOW, Duration::from_mins(1), async {});
        assert!((0..PLAYERS_AT_MOST).all(|number| set(number).is_ok()));
        assert_eq!(set(PLAYERS_AT_MOST), Err(MusicAssistantError::NotPossible));
        assert_eq!(set(0), Ok(()), "a player that has one may change it");
        tokio::time::sleep(Duration::from_mins(2)).await;
        assert_eq!(set(PLAYERS_AT_MOST), Ok(()), "those that are over count no more");
    }
}
