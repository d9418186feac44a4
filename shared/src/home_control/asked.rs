//! The rooms of questions to a person, so that the answer starts the music in the room that was named, as it was asked for.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::clock::Moment;
use crate::control::MusicUse;
use crate::music_assistant::SearchResult;

/// Time in which a question may be answered.
const ANSWERED: Duration = Duration::from_mins(2);

/// The most players whose question is kept.
const PLAYERS_AT_MOST: usize = 100;

/// The last question at each player.
#[derive(Debug, Default)]
pub(super) struct OpenQuestions(Mutex<BTreeMap<String, Question>>);

#[derive(Debug)]
struct Question {
    at: Moment,
    uris: Vec<String>,
    about: About,
}

/// The id of the player in the room that was named, and what is done with the music, where the words around it said so.
type About = (Option<String>, Option<MusicUse>);

impl OpenQuestions {
    /// Keeps what a question at a player is about, where a room or a use was named.
    pub(super) fn ask(
        &self,
        player: &str,
        (room, used): (Option<&str>, Option<MusicUse>),
        found: &[SearchResult],
        now: Moment,
    ) {
        let mut asked = self.lock();
        asked.retain(|_, question| now.since(question.at) < ANSWERED);
        asked.remove(player);
        if (room.is_some() || used.is_some()) && asked.len() < PLAYERS_AT_MOST {
            let uris = found.iter().map(|found| found.uri.clone()).collect();
            let about = (room.map(str::to_owned), used);
            asked.insert(player.to_owned(), Question { at: now, uris, about });
        }
    }

    /// The subject of the question that an address answers.
    pub(super) fn answer(&self, player: &str, uri: &str, now: Moment) -> Option<About> {
        let asked = self.lock();
        let question = asked.get(player).filter(|question| now.since(question.at) < ANSWERED)?;
        question.uris.iter().any(|known| known == uri).then(|| question.about.clone())
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<String, Question>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
