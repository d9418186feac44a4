//! The sessions that were logged out, which the store keeps for all instances.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use tokio::time::timeout;

use crate::deadline::at_most;
use crate::store::{Document, SetupStore, StoreError, change_document};

/// Most sessions that are kept by their ids. One more ends all of them, so that nothing is ever forgotten.
const MOST: usize = 64;

/// Time that a page waits for the store to say which sessions have ended, or to end one.
const PATIENCE: Duration = Duration::from_secs(5);

/// The ended sessions: all of an earlier generation, and some of this one.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct EndedSessions {
    generation: u64,
    /// The ids of sessions of this generation, oldest first.
    ids: Vec<String>,
}

/// The sessions that are to end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum SessionsToEnd<'a> {
    /// The session with this id.
    One(&'a str),
    /// Every session of the pages.
    All,
}

impl EndedSessions {
    /// Reads them from the store.
    ///
    /// # Errors
    /// When the store does not answer, or another release wrote something else. No session holds then: whether it has
    /// ended cannot be known.
    pub(super) async fn read(store: &(impl SetupStore + ?Sized)) -> Result<Self, StoreError> {
        let held = timeout(at_most(PATIENCE), store.document(Document::EndedSessions)).await;
        Self::of(held.map_err(|_| late())??.map(|held| held.content))
    }

    /// The generation that a new session belongs to.
    pub(super) fn generation(&self) -> u64 {
        self.generation
    }

    /// Whether the session with this generation and id has ended.
    pub(super) fn has_ended(&self, generation: u64, id: &str) -> bool {
        generation != self.generation || self.ids.iter().any(|ended| ended == id)
    }

    /// Ends sessions on all instances.
    ///
    /// # Errors
    /// When the store does not answer, or others write all the time. They may have ended or not.
    pub(super) async fn end(
        store: &(impl SetupStore + ?Sized),
        generation: u64,
        ending: SessionsToEnd<'_>,
    ) -> Result<(), StoreError> {
        let rule = |ended: &mut Self| if ended.add(generation, ending) { Ok(()) } else { Err(()) };
        let changed = change_document(store, Document::EndedSessions, Self::of, rule);
        timeout(at_most(PATIENCE), changed).await.map_err(|_| late())?.map(drop)
    }

    /// Notes an end; whether that changes anything.
    fn add(&mut self, generation: u64, ending: SessionsToEnd<'_>) -> bool {
        match ending {
            SessionsToEnd::One(id) if self.has_ended(generation, id) => return false,
            SessionsToEnd::One(id) if self.ids.len() < MOST => self.ids.push(id.to_owned()),
            SessionsToEnd::One(_) | SessionsToEnd::All => {
                *self = Self { generation: self.generation + 1, ids: Vec::new() };
            }
        }
        true
    }

    fn of(content: Option<Value>) -> Result<Self, StoreError> {
        let malformed =
            |error: serde_json::Error| StoreError::Malformed(format!("the list of ended sessions: {error}"));
        content
            .map_or_else(|| Ok(Self::default()), |content| serde_json::from_value(content).map_err(malformed))
    }
}

fn late() -> StoreError {
    StoreError::Unavailable("it did not answer in time".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_that_ended_never_comes_back() {
        let mut ended = EndedSessions::default();
        for number in 0..MOST {
            assert!(ended.add(0, SessionsToEnd::One(&number.to_string())));
        }
        assert!(!ended.add(0, SessionsToEnd::One("0")), "it has ended before");
        assert!(ended.has_ended(0, "0") && !ended.has_ended(0, "64"));

        assert!(ended.add(0, SessionsToEnd::One("64")));
        assert_eq!(ended, EndedSessions { generation: 1, ids: Vec::new() });
        for number in 0..=MOST {
            assert!(ended.has_ended(0, &number.to_string()));
        }
        assert!(!ended.has_ended(1, "new"));
        assert!(ended.has_ended(2, "new"), "of a generation that is still to come");
    }
}
