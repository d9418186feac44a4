//! Interaction models of the skill and phrases of Music Assistant.
//!
//! A data file for each locale holds the carrier phrase, the samples of our intents, the sentences of Music Assistant
//! itself, and the names of rooms. The interaction models and the answer of `GET /alexa/intents` are made of it. So is the
//! table of locales in which Music Assistant can start the music.
//!
//! Music Assistant pauses, resumes and stops an Echo by letting it hear a sentence. Were that sentence one that
//! people say too, a skill could not tell its own echo from a person. So `MaPause`, `MaResume` and `MaStop` have a
//! sample that no person says: what arrives under those names came from Music Assistant. Such a sample is never
//! changed once released, because Music Assistant keeps it until its provider reloads. `IdentifyEcho` is what we let an
//! Echo hear ourselves.
//!
//! People ask for music by [`MUSIC_INTENTS`]. Their samples stand in files of their own: a function that only answers
//! Alexa goes without them.

mod locale;
mod model;
mod music;
mod playlists;
mod start;
mod start_table;

pub use locale::{LocaleSpec, locales};
pub use model::interaction_model;
pub use music::{
    DURATION, DURATION_SLOT, LEVEL_SLOT, MUSIC_INTENTS, MusicIntent, NUMBER, PLAY_FAVOURITES, PLAY_MUSIC,
    PLAY_NEXT_UP, PLAY_PLAYLIST, PLAY_RADIO_FOR, PLAY_RANDOM, PLAYLIST_SLOT, PLAYLIST_TYPE, QUERY_SLOT,
    QUEUE_MUSIC, SEARCH_QUERY, SHUFFLE_MUSIC,
};

pub use crate::config::{InvocationName, InvocationNameError, MaPhrases};
pub use start::{StartOutcome, StartPhrase};
pub use start_table::start_table;

/// The intent of Music Assistant's sentence for play, and of people who ask for the same.
pub const PLAY_AUDIO: &str = "PlayAudio";
/// The intent of Music Assistant's own sentence for pause.
pub const MA_PAUSE: &str = "MaPause";
/// The intent of Music Assistant's own sentence for resume.
pub const MA_RESUME: &str = "MaResume";
/// The intent of Music Assistant's own sentence for stop.
pub const MA_STOP: &str = "MaStop";
/// The intent of the sentence that we make an Echo say, to learn from the word in it which one it is.
pub const IDENTIFY_ECHO: &str = "IdentifyEcho";
/// The slot of [`IDENTIFY_ECHO`] that holds the one-time word.
pub const WORD_SLOT: &str = "code";
/// The custom type of [`WORD_SLOT`], whose values are all one-time words.
pub const WORD_TYPE: &str = "CODE_WORD";
/// The intent that says which player this Echo is.
pub const PAIR_ECHO: &str = "PairEcho";
/// The slot of [`PAIR_ECHO`] that holds the player's name as it was heard.
pub const PLAYER_SLOT: &str = "player";
/// The custom type of [`PLAYER_SLOT`].
pub const PLAYER_TYPE: &str = "PLAYER_NAME";
