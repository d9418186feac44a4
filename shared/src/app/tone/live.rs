//! Lists that grow while they are played: how much of each is there.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use crate::clock::Moment;
use crate::playback::PlayerKey;

/// Lists that are remembered.
const REMEMBERED: usize = 64;

/// Pieces of a list when it is first asked for. A player begins three pieces before the end of a list that grows
/// (RFC 8216, 6.3.3).
const AT_FIRST: usize = 3;

/// Time after which the next piece is there.
const EVERY: Duration = Duration::from_secs(1);

/// A list, by its trial and that one's number.
type List = (PlayerKey, u64);

/// The lists that were asked for, each with the moment of the first request.
#[derive(Debug, Default)]
pub(super) struct LiveLists(Mutex<VecDeque<(List, Moment)>>);

impl LiveLists {
    /// Number of pieces that a list has now. The first request for it begins it, unless that only looks.
    pub(super) fn pieces(&self, list: List, only_looks: bool, now: Moment) -> usize {
        let mut lists = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let begun = lists.iter().find(|(known, _)| *known == list).map(|(_, begun)| *begun);
        if begun.is_none() && !only_looks {
            if lists.len() >= REMEMBERED {
                lists.pop_front();
            }
            lists.push_back((list, now));
        }
        let age = begun.map_or(Duration::ZERO, |begun| now.since(begun));
        AT_FIRST.saturating_add(usize::try_from(age.as_secs() / EVERY.as_secs()).unwrap_or(usize::MAX))
    }
}
