//! "Did you mean …?": music that was suggested, which Alexa brings back with the answer.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::context::SkillRequest;
use crate::alexa::response::IntentResponse;
use crate::control::{Action, MusicRequest, MusicSource, MusicUse, Suggestion};
use crate::i18n::{Message, Music, say};

/// The form of what Alexa keeps. Another one is as good as none.
const VERSION: u8 = 1;

/// Number of suggestions that a question holds; more cannot be kept in mind by listening.
const MOST: usize = 3;

/// Longest title and artist, in characters, and longest address, in bytes. With them the attributes stay far below the
/// 24 KB that Alexa is sure to take.
const LONGEST_NAME: usize = 200;
const LONGEST_URI: usize = 1000;

/// The suggestions of an open question, the next one to be offered first; never empty.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct OpenQuestion {
    version: u8,
    suggestions: Vec<Suggestion>,
    used: MusicUse,
    room: Option<String>,
}

impl OpenQuestion {
    /// The question about suggestions for what was asked; none where there is nothing to ask about.
    pub(super) fn new(suggestions: &[Suggestion], action: &Action) -> Option<Self> {
        let (used, room) = match action {
            Action::Play(music) => (music.used, music.room.clone()),
            _ => (MusicUse::Play, None),
        };
        Self { version: VERSION, suggestions: suggestions.to_vec(), used, room }.checked()
    }

    /// The question that an earlier answer left open, by what Alexa kept.
    pub(super) fn open(kept: &Value) -> Option<Self> {
        Self::deserialize(kept).ok()?.checked()
    }

    /// The question within its limits.
    fn checked(mut self) -> Option<Self> {
        let cut = |name: &str| name.chars().take(LONGEST_NAME).collect::<String>();
        self.suggestions
            .retain(|music| !music.title.trim().is_empty() && (1..=LONGEST_URI).contains(&music.uri.len()));
        self.suggestions.truncate(MOST);
        for music in &mut self.suggestions {
            music.title = cut(&music.title);
            music.artist = music.artist.as_deref().map(cut);
        }
        self.room = self.room.as_deref().map(cut);
        (self.version == VERSION && !self.suggestions.is_empty()).then_some(self)
    }

    /// The request for one of the suggestions, counted from 0.
    pub(super) fn choice(&self, at: usize) -> Option<Action> {
        let selection = MusicSource::Suggested(self.suggestions.get(at)?.uri.clone());
        Some(Action::Play(MusicRequest { selection, used: self.used, room: self.room.clone() }))
    }

    /// The question that remains once the first suggestion is declined, about the next one alone.
    pub(super) fn declined(&self) -> Option<Self> {
        let suggestions = self.suggestions.iter().skip(1).cloned().collect();
        Self { suggestions, ..self.clone() }.checked()
    }

    /// Asks which of all is meant.
    pub(super) fn ask(&self, context: &SkillRequest) -> IntentResponse {
        self.asked(self.suggestions.iter().map(music).collect(), context)
    }

    /// Asks whether the first one is meant.
    pub(super) fn ask_first(&self, context: &SkillRequest) -> IntentResponse {
        self.asked(self.suggestions.iter().take(1).map(music).collect(), context)
    }

    fn asked(&self, choices: Vec<Music>, context: &SkillRequest) -> IntentResponse {
        let again = Message::Suggest(choices.iter().take(1).cloned().collect());
        let speech = say(&context.locale, &Message::Suggest(choices));
        IntentResponse::ask_about(self.kept(), speech, say(&context.locale, &again))
    }

    fn kept(&self) -> Value {
        serde_json::to_value(self).unwrap_or_default()
    }
}

/// The names of a suggestion.
pub(super) fn music(suggestion: &Suggestion) -> Music {
    Music { title: suggestion.title.clone(), artist: suggestion.artist.clone() }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::OpenQuestion;
    use crate::control::{Action, MusicRequest, MusicSource, MusicUse, Suggestion};

    fn suggestion(title: &str) -> Suggestion {
        let uri = format!("library://album/{title}");
        Suggestion { kind: None, title: title.to_owned(), artist: Some("An artist".to_owned()), uri }
    }

    fn queued() -> Action {
        let selection = MusicSource::Heard { text: "blue".to_owned(), kind: None };
        Action::Play(MusicRequest { selection, used: MusicUse::Add, room: Some("kitchen".to_owned()) })
    }

    #[test]
    fn a_question_comes_back_as_it_was_asked() {
        let question = OpenQuestion::new(&[suggestion("Blue"), suggestion("Red")], &queued()).unwrap();
        let back = OpenQuestion::open(&question.kept()).unwrap();
        assert_eq!(back, question);
        let selection = MusicSource::Suggested("library://album/Red".to_owned());
        let room = Some("kitchen".to_owned());
        let expected = Action::Play(MusicRequest { selection, used: MusicUse::Add, room });
        assert_eq!(back.choice(1), Some(expected.clone()));
        assert_eq!(back.choice(2), None);
        assert_eq!(back.declined().unwrap().choice(0), Some(expected));
        assert_eq!(back.declined().unwrap().declined(), None);
    }

    #[test]
    fn a_question_is_bounded() {
        let mut long = suggestion(&"é".repeat(900));
        long.artist = Some("é".repeat(9000));
        long.uri = "u".repeat(1000);
        let mut far = suggestion("far");
        far.uri = "u".repeat(1001);
        let mut blank = suggestion(" ");
        blank.uri = String::new();
        let all = [far, blank, long.clone(), long.clone(), long.clone(), long];
        let question = OpenQuestion::new(&all, &queued()).unwrap();
        assert_eq!(question.suggestions.len(), 3);
        let size = question.kept().to_string().len();
        assert!(size < 8 * 1024, "{size}");
        assert_eq!(OpenQuestion::new(&all[..2], &queued()), None);
        assert_eq!(OpenQuestion::new(&[], &queued()), None);
    }

    #[test]
    fn what_others_left_there_is_no_question() {
        let question = OpenQuestion::new(&[suggestion("Blue")], &queued()).unwrap().kept();
        let mut newer = question.clone();
        newer["version"] = json!(2);
        let mut empty = question;
        empty["suggestions"] = json!([]);
        for kept in [newer, empty] {
            assert_eq!(OpenQuestion::open(&kept), None, "{kept}");
        }
        for value in
            [json!(null), json!("text"), json!([1]), json!({ "version": 1 }), json!({ "version": "1" })]
        {
            assert_eq!(OpenQuestion::open(&value), None, "{value}");
        }
    }

    proptest! {
        #[test]
        fn any_suggestions_stay_small(
            titles in proptest::collection::vec(".{0,300}", 0..6),
            uri in ".{0,1200}",
        ) {
            let all: Vec<Suggestion> =
                titles.iter().map(|title| Suggestion { uri: uri.clone(), ..suggestion(title) }).collect();
            if let Some(question) = OpenQuestion::new(&all, &queued()) {
                prop_assert!(question.kept().to_string().len() < 20 * 1024);
                prop_assert_eq!(OpenQuestion::open(&question.kept()), Some(question));
            }
        }
    }
}
