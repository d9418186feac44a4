//! The rooms of questions to a person, so that the answer starts the music in the room that was named.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::clock::Moment;
use crate::music_assistant::Found;

/// How long a question may be answered.
const ANSWERED: Duration = Duration::from_mins(2);

/// The most players whose question is kept.
const PLAYERS_AT_MOST: usize = 100;

/// The last question at each player.
#[derive(Debug, Default)]
pub(super) struct Asked(Mutex<BTreeMap<String, Question>>);

#[derive(Debug)]
struct Question {
    at: Moment,
    uris: Vec<String>,
    /// The id of the player in the room that was named.
    room: String,
}

impl Asked {
    /// Keeps which room a question at a player is about; none where no other room was named.
    pub(super) fn ask(&self, player: &str, room: Option<&str>, found: &[Found], now: Moment) {
        let mut asked = self.lock();
        asked.retain(|_, question| now.since(question.at) < ANSWERED);
        asked.remove(player);
        if let Some(room) = room
            && asked.len() < PLAYERS_AT_MOST
        {
            let uris = found.iter().map(|found| found.uri.clone()).collect();
            asked.insert(player.to_owned(), Question { at: now, uris, room: room.to_owned() });
        }
    }

    /// The room of the question that an address answers.
    pub(super) fn room(&self, player: &str, uri: &str, now: Moment) -> Option<String> {
        let asked = self.lock();
        let question = asked.get(player).filter(|question| now.since(question.at) < ANSWERED)?;
        question.uris.iter().any(|known| known == uri).then(|| question.room.clone())
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<String, Question>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
