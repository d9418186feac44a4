//! Sleep timers: players that stop after a while.
//!
//! They are in the memory of this process, at most one for each player, and survive no restart.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::task::AbortHandle;

use crate::music_assistant::MusicAssistantError;

/// The longest time, a day.
const LONGEST: Duration = Duration::from_hours(24);

/// The most players that have a timer.
const PLAYERS_AT_MOST: usize = 100;

/// The timers by players.
#[derive(Debug, Default)]
pub(super) struct Timers(Mutex<BTreeMap<String, AbortHandle>>);

impl Timers {
    /// Does `work` for a player after a time, instead of what was to be done before.
    pub(super) fn set(
        &self,
        player: &str,
        after: Duration,
        work: impl Future<Output = ()> + Send + 'static,
    ) -> Result<(), MusicAssistantError> {
        let mut timers = self.lock();
        timers.retain(|_, timer| !timer.is_finished());
        let is_new = !timers.contains_key(player);
        if after > LONGEST || (is_new && timers.len() >= PLAYERS_AT_MOST) {
            return Err(MusicAssistantError::NotPossible);
        }
        let task = tokio::spawn(async move {
            tokio::time::sleep(after).await;
            work.await;
        });
        if let Some(before) = timers.insert(player.to_owned(), task.abort_handle()) {
            before.abort();
        }
        Ok(())
    }

    /// Ends the timer of a player, if it has one.
    pub(super) fn cancel(&self, player: &str) {
        if let Some(timer) = self.lock().remove(player) {
            timer.abort();
        }
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<String, AbortHandle>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Timers {
    fn drop(&mut self) {
        for timer in self.lock().values() {
            timer.abort();
        }
    }
}

#[cfg(test)]
mod tests {
    use tokio::sync::mpsc;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_player_has_one_timer() {
        let timers = Timers::default();
        let (sender, mut done) = mpsc::unbounded_channel();
        let work = |word: &'static str| {
            let sender = sender.clone();
            async move { sender.send(word).unwrap() }
        };
        let minutes = Duration::from_mins;
        timers.set("Kitchen", minutes(10), work("first")).unwrap();
        timers.set("Kitchen", minutes(30), work("second")).unwrap();
        timers.set("Office", minutes(20), work("office")).unwrap();
        timers.set("Attic", minutes(1), work("attic")).unwrap();
        timers.cancel("Attic");
        timers.cancel("Cellar");
        assert_eq!(done.recv().await, Some("office"));
        assert_eq!(done.recv().await, Some("second"));
        assert!(done.try_recv().is_err());
        let long = timers.set("Kitchen", minutes(24 * 60 + 1), work("late"));
        assert_eq!(long, Err(MusicAssistantError::NotPossible));
    }

    #[tokio::test(start_paused = true)]
    async fn the_number_of_timers_is_bounded() {
        let timers = Timers::default();
        let set = |number: usize| timers.set(&number.to_string(), Duration::from_mins(1), async {});
        assert!((0..PLAYERS_AT_MOST).all(|number| set(number).is_ok()));
        assert_eq!(set(PLAYERS_AT_MOST), Err(MusicAssistantError::NotPossible));
        assert_eq!(set(0), Ok(()), "a player that has one may change it");
        tokio::time::sleep(Duration::from_mins(2)).await;
        assert_eq!(set(PLAYERS_AT_MOST), Ok(()), "those that are over count no more");
    }
}
