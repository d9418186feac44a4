//! Messages of the skill.

use crate::alexa::request::MediaErrorType;
use crate::control::ControlError;

/// A sentence that is spoken, or shown as a title, with the names that it mentions.
///
/// Lists of names may be empty: a sentence that would offer a choice is then said without one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Message {
    /// Purpose of the skill and its use; ends in a question.
    Help {
        /// The skill's invocation name.
        invocation_name: String,
    },
    /// Hint for an open microphone.
    Reprompt,
    /// A person opened the skill on a paired Echo, and nothing is playing.
    LaunchPaired,
    /// The Echo is paired, and none of its players has anything to play.
    NothingToPlay,
    /// A stream that was heard in part begins again.
    FromTheBeginning,
    /// The Echo is not paired: how to pair it.
    NotPaired {
        /// The skill's invocation name.
        invocation_name: String,
        /// The players that are known.
        players: Vec<String>,
    },
    /// Music Assistant started a player that this Echo does not serve: what to say if it is that one.
    Elsewhere {
        /// The skill's invocation name.
        invocation_name: String,
        /// The player that it serves.
        player: String,
        /// The player that was started.
        started: String,
    },
    /// Asks which player this Echo is.
    PairAsk {
        /// The players that are known.
        players: Vec<String>,
    },
    /// Asks again, after an answer without a name.
    PairAskAgain,
    /// This Echo now serves the player.
    Paired {
        /// The player's name.
        player: String,
    },
    /// No player has the name that was heard.
    PairUnknown {
        /// The heard name.
        heard: String,
        /// The players that are known.
        players: Vec<String>,
    },
    /// The name that was heard fits several players.
    PairSeveral {
        /// Those that it fits.
        players: Vec<String>,
    },
    /// Nothing can be paired, because no player is known.
    PairNoPlayers,
    /// Music Assistant was not asked, or could not do it.
    Control(ControlError),
    /// The device has no audio player.
    NoAudioPlayer,
    /// The last requested play failed.
    LastFailed {
        /// The player's name.
        player: String,
        /// Amazon's type of the failure.
        kind: MediaErrorType,
    },
    /// Streams are not reachable for an Echo, and no public address is set.
    StreamAddressMissing,
    /// A public address is set and cannot be used.
    StreamAddressBad,
    /// The conversation is over.
    Goodbye,
    /// A yes or no to which no question had been put.
    NothingToConfirm,
    /// The utterance fits nothing that the skill understands.
    Fallback {
        /// The skill's invocation name.
        invocation_name: String,
    },
    /// The request crashed or took too long.
    Trouble,
    /// The store does not answer.
    StateUnavailable,
    /// The store was written by a newer release.
    StateTooNew,
    /// No skill id is known, so no request can be trusted.
    SkillNotSetUp,
    /// The title on a screen when Music Assistant sent none.
    UntitledStream {
        /// The player's name.
        player: String,
    },
    /// This plays.
    NowPlaying(Music),
    /// This is at the end of the queue.
    Queued(Music),
    /// This comes after the present item.
    QueuedNext(Music),
    /// Nothing plays.
    NothingPlays,
    /// This music was chosen and starts.
    Chosen(Music),
    /// This music was chosen and starts on another player.
    ChosenIn {
        /// The music.
        music: Music,
        /// The player's name.
        room: String,
    },
    /// Asks which music is meant.
    Suggest(Vec<Music>),
    /// Music that no one named starts on another player.
    StartsIn {
        /// The player's name.
        room: String,
    },
    /// Every suggestion was declined.
    SuggestOver,
    /// No music is like what was heard.
    NotFound {
        /// The heard text.
        heard: String,
    },
    /// The library has nothing of what was asked for without a name, such as favourites.
    LibraryEmpty,
    /// No player has the name that was heard.
    RoomUnknown {
        /// The heard name.
        heard: String,
    },
    /// The name that was heard fits several players.
    RoomSeveral {
        /// Those that it fits.
        rooms: Vec<String>,
    },
    /// It is done.
    Done,
    /// The music stops after a time.
    SleepSet {
        /// The time, at least 1.
        minutes: u32,
    },
    /// The same after whole hours.
    SleepSetHours {
        /// The time, at least 2.
        hours: u32,
    },
    /// The music does not stop by itself any more.
    SleepOff,
    /// The present item is a favourite now.
    Liked,
    /// The present item is no favourite any more.
    Unliked,
    /// The music goes on at another player.
    Moved {
        /// The player's name.
        room: String,
    },
    /// A time was said that is none.
    DurationUnclear,
    /// A time for a sleep timer was said that is longer than a day.
    DurationTooLong,
    /// A volume was said that is none.
    LevelUnclear,
}

/// A piece of music by its names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Music {
    /// Its title, or the name of an artist, playlist or station.
    pub title: String,
    /// Its artists in one text, if it has any.
    pub artist: Option<String>,
}

/// Value of a placeholder.
pub(super) enum PlaceholderValue<'a> {
    Text(&'a str),
    Choice(&'a [String]),
    Number(u32),
    Music(&'a Music),
    MusicChoice(&'a [Music]),
}

impl Message {
    /// The key of the sentence in the language files; the same in every release, so it can be logged.
    #[must_use]
    pub fn key(&self) -> &'static str {
        match self {
            Self::Help { .. } => "help",
            Self::Reprompt => "reprompt",
            Self::LaunchPaired => "launch-paired",
            Self::NothingToPlay => "nothing-to-play",
            Self::FromTheBeginning => "from-the-beginning",
            Self::NotPaired { players, .. } => choose(players, "not-paired", "not-paired-known"),
            Self::Elsewhere { .. } => "elsewhere",
            Self::PairAsk { players } => choose(players, "pair-ask", "pair-ask-known"),
            Self::PairAskAgain => "pair-ask-again",
            Self::Paired { .. } => "paired",
            Self::PairUnknown { players, .. } => choose(players, "pair-unknown", "pair-unknown-known"),
            Self::PairSeveral { players } => choose(players, "pair-ask-again", "pair-several"),
            Self::PairNoPlayers => "pair-no-players",
            Self::Control(error) => control_key(*error),
            Self::NoAudioPlayer => "no-audio-player",
            Self::LastFailed { kind, .. } => failure_key(kind),
            Self::StreamAddressMissing => "stream-address-missing",
            Self::StreamAddressBad => "stream-address-bad",
            Self::Goodbye => "goodbye",
            Self::NothingToConfirm => "nothing-to-confirm",
            Self::Fallback { .. } => "fallback",
            Self::Trouble => "trouble",
            Self::StateUnavailable => "state-unavailable",
            Self::StateTooNew => "state-too-new",
            Self::SkillNotSetUp => "skill-not-set-up",
            Self::UntitledStream { .. } => "untitled-stream",
            Self::NowPlaying(_) => "now-playing",
            Self::Queued(_) => "queued",
            Self::QueuedNext(_) => "queued-next",
            Self::NothingPlays => "nothing-plays",
            Self::Chosen(_) => "chosen",
            Self::ChosenIn { .. } => "chosen-in",
            Self::StartsIn { .. } => "starts-in",
            Self::Suggest(_) => "suggest",
            Self::SuggestOver => "suggest-over",
            Self::NotFound { .. } => "not-found",
            Self::LibraryEmpty => "library-empty",
            Self::RoomUnknown { .. } => "room-unknown",
            Self::RoomSeveral { .. } => "room-several",
            Self::Done => "done",
            Self::SleepSet { minutes: 1 } => "sleep-set-one",
            Self::SleepSet { .. } => "sleep-set",
            Self::SleepSetHours { .. } => "sleep-set-hours",
            Self::SleepOff => "sleep-off",
            Self::Liked => "liked",
            Self::Unliked => "unliked",
            Self::Moved { .. } => "moved",
            Self::DurationUnclear => "duration-unclear",
            Self::DurationTooLong => "duration-too-long",
            Self::LevelUnclear => "level-unclear",
        }
    }

    /// The placeholders of the sentence and what stands in for them.
    pub(super) fn arguments(&self) -> Vec<(&'static str, PlaceholderValue<'_>)> {
        let (text, choice) = (PlaceholderValue::Text, PlaceholderValue::Choice);
        match self {
            Self::Help { invocation_name: name } | Self::Fallback { invocation_name: name } => {
                vec![("name", text(name))]
            }
            Self::NotPaired { invocation_name, players } => vec![
                ("name", text(invocation_name)),
                ("players", choice(players)),
                ("first", text(players.first().map_or("", String::as_str))),
            ],
            Self::Elsewhere { invocation_name, player, started } => {
                vec![("name", text(invocation_name)), ("player", text(player)), ("started", text(started))]
            }
            Self::PairAsk { players: names }
            | Self::PairSeveral { players: names }
            | Self::RoomSeveral { rooms: names } => vec![("players", choice(names))],
            Self::PairUnknown { heard, players } => {
                vec![("heard", text(heard)), ("players", choice(players))]
            }
            Self::Paired { player } | Self::LastFailed { player, .. } | Self::UntitledStream { player } => {
                vec![("player", text(player))]
            }
            Self::NowPlaying(music) | Self::Queued(music) | Self::QueuedNext(music) | Self::Chosen(music) => {
                vec![("music", PlaceholderValue::Music(music))]
            }
            Self::ChosenIn { music, room } => {
                vec![("music", PlaceholderValue::Music(music)), ("room", text(room))]
            }
            Self::Suggest(choices) => vec![("choices", PlaceholderValue::MusicChoice(choices))],
            Self::NotFound { heard } | Self::RoomUnknown { heard } => vec![("heard", text(heard))],
            Self::SleepSet { minutes } => vec![("minutes", PlaceholderValue::Number(*minutes))],
            Self::SleepSetHours { hours } => vec![("hours", PlaceholderValue::Number(*hours))],
            Self::Moved { room } | Self::StartsIn { room } => vec![("room", text(room))],
            Self::Reprompt
            | Self::NothingPlays
            | Self::SuggestOver
            | Self::Done
            | Self::SleepOff
            | Self::Liked
            | Self::Unliked
            | Self::LibraryEmpty
            | Self::DurationUnclear
            | Self::DurationTooLong
            | Self::LevelUnclear
            | Self::LaunchPaired
            | Self::NothingToPlay
            | Self::FromTheBeginning
            | Self::PairAskAgain
            | Self::PairNoPlayers
            | Self::Control(_)
            | Self::NoAudioPlayer
            | Self::StreamAddressMissing
            | Self::StreamAddressBad
            | Self::Goodbye
            | Self::NothingToConfirm
            | Self::Trouble
            | Self::StateUnavailable
            | Self::StateTooNew
            | Self::SkillNotSetUp => Vec::new(),
        }
    }
}

/// The sentence of a failed stream, by the remedy of the listener.
fn failure_key(kind: &MediaErrorType) -> &'static str {
    match kind {
        MediaErrorType::ServiceUnavailable => "failed-unreachable",
        MediaErrorType::InvalidRequest => "failed-refused",
        MediaErrorType::InternalServerError => "failed-server",
        MediaErrorType::InternalDeviceError => "failed-device",
        MediaErrorType::Unspecified | MediaErrorType::Unknown(_) => "failed-unknown",
    }
}

fn control_key(error: ControlError) -> &'static str {
    match error {
        ControlError::NotConnected => "not-connected",
        ControlError::HomeSilent => "home-silent",
        ControlError::Unsent => "control-unsent",
        ControlError::Unreachable => "control-unreachable",
        ControlError::Slow => "control-slow",
        ControlError::SignedOut => "control-signed-out",
        ControlError::NotAllowed => "control-not-allowed",
        ControlError::PlayerUnknown => "control-player-unknown",
        ControlError::QueueEmpty => "control-queue-empty",
        ControlError::NoSuchItem => "control-no-such-item",
        ControlError::MusicGone => "control-music-gone",
        ControlError::NoGroup => "control-no-group",
        ControlError::NotPossible => "control-not-possible",
        ControlError::Failed => "control-failed",
    }
}

fn choose(players: &[String], without: &'static str, with: &'static str) -> &'static str {
    if players.is_empty() { without } else { with }
}
