//! The streams that the door of this process served, in memory. A log line has no stream, and the store no fetch: a
//! stream waits for nothing.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::clock::Timestamp;
use crate::playback::{PlayerKey, ShortHash, short_hash};

/// Most streams that are remembered. The one that was served first goes first.
const STREAMS_AT_MOST: usize = 512;

/// Streams that the door served; cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct FetchReports(Arc<Mutex<Fetched>>);

#[derive(Debug, Default)]
struct Fetched {
    /// Time at which the door began; none where no door is a part of this process.
    since: Option<Timestamp>,
    /// When each stream was served last, by its player and a digest of its path.
    streams: HashMap<(PlayerKey, ShortHash), Timestamp>,
}

impl FetchReports {
    /// Notes that a door is a part of this process.
    pub fn began(&self, now: Timestamp) {
        self.lock().since.get_or_insert(now);
    }

    /// Notes that the first bytes of a stream went to an Echo. `path` is what its grant opens.
    pub fn served(&self, player: PlayerKey, path: &str, now: Timestamp) {
        let mut fetched = self.lock();
        fetched.streams.insert((player, short_hash(path)), now);
        if fetched.streams.len() > STREAMS_AT_MOST {
            let oldest = fetched.streams.iter().min_by_key(|(_, at)| **at).map(|(stream, _)| stream.clone());
            oldest.and_then(|stream| fetched.streams.remove(&stream));
        }
    }

    /// Whether a door is a part of this process.
    #[must_use]
    pub fn is_here(&self) -> bool {
        self.lock().since.is_some()
    }

    /// Whether a stream was served since a moment; none where no door was here all the time.
    #[must_use]
    pub fn was_served(&self, player: PlayerKey, path: &str, since: Timestamp) -> Option<bool> {
        let fetched = self.lock();
        let at = fetched.streams.get(&(player, short_hash(path)));
        if at.is_some_and(|at| *at >= since) {
            return Some(true);
        }
        fetched.since.is_some_and(|began| began <= since).then_some(false)
    }

    fn lock(&self) -> MutexGuard<'_, Fetched> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::playback::PlayerId;

    const NOW: Timestamp = Timestamp::from_millis(1_700_000_000_000);

    #[test]
    fn what_no_door_saw_is_not_known() {
        let (reports, kitchen) = (FetchReports::default(), PlayerId::from("Kitchen").key());
        assert_eq!((reports.is_here(), reports.was_served(kitchen, "/flow/1.mp3", NOW)), (false, None));
        reports.began(NOW);
        let later = NOW.plus(Duration::from_secs(1));
        assert_eq!(reports.was_served(kitchen, "/flow/1.mp3", later), Some(false));
        let before = NOW.minus(Duration::from_secs(1));
        assert_eq!(reports.was_served(kitchen, "/flow/1.mp3", before), None, "the door was not here");
        reports.served(kitchen, "/flow/1.mp3", later);
        assert_eq!(reports.was_served(kitchen, "/flow/1.mp3", before), Some(true));
        assert_eq!(reports.was_served(kitchen, "/flow/2.mp3", later), Some(false));
        let after = later.plus(Duration::from_secs(1));
        assert_eq!(reports.was_served(kitchen, "/flow/1.mp3", after), Some(false), "it was an earlier play");
    }

    #[test]
    fn the_streams_are_bounded_and_the_newest_stay() {
        let (reports, kitchen) = (FetchReports::default(), PlayerId::from("Kitchen").key());
        for number in 0..2000_u64 {
            reports.served(kitchen, &format!("/{number}"), NOW.plus(Duration::from_secs(number)));
        }
        assert_eq!(reports.lock().streams.len(), STREAMS_AT_MOST);
        assert_eq!(reports.was_served(kitchen, "/1999", NOW), Some(true));
        assert_eq!(reports.was_served(kitchen, "/1", NOW), None);
    }
}
