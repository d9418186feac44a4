//! Intents by which people ask for music.

use super::{PLAYER_SLOT, PLAYER_TYPE};

/// An intent of a person about music, with the slot types of Amazon or of ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MusicIntent {
    /// Its name, as in the interaction model and in requests.
    pub name: &'static str,
    /// Its slots: name and type. One of [`SEARCH_QUERY`] is always the only one.
    pub slots: &'static [(&'static str, &'static str)],
}

/// Free text. Amazon takes no other slot beside it in an intent, and wants words around it in each sample
/// (Alexa Skills Kit, slot type reference).
pub const SEARCH_QUERY: &str = "AMAZON.SearchQuery";
/// A duration, which arrives as ISO 8601 (Alexa Skills Kit, slot type reference: in all locales).
pub const DURATION: &str = "AMAZON.DURATION";
/// A number, which arrives in digits (Alexa Skills Kit, slot type reference: in all locales).
pub const NUMBER: &str = "AMAZON.NUMBER";

/// The intent for music of no kind that was said.
pub const PLAY_MUSIC: &str = "PlayMusic";
/// The intent for a playlist.
pub const PLAY_PLAYLIST: &str = "PlayPlaylist";
/// The slot of [`PLAY_PLAYLIST`] that holds the name as it was heard.
pub const PLAYLIST_SLOT: &str = "playlist";
/// The custom type of [`PLAYLIST_SLOT`], in models of a home whose playlists are known. Elsewhere it is [`SEARCH_QUERY`].
pub const PLAYLIST_TYPE: &str = "PLAYLIST_NAME";
/// The intent for favourites.
pub const PLAY_FAVOURITES: &str = "PlayFavourites";
/// The intent for anything of the library.
pub const PLAY_RANDOM: &str = "PlayRandom";
/// The intent for music in shuffled order.
pub const SHUFFLE_MUSIC: &str = "ShuffleMusic";
/// The intent for music after the present item.
pub const PLAY_NEXT_UP: &str = "PlayNextUp";
/// The intent for music at the end of the queue.
pub const QUEUE_MUSIC: &str = "QueueMusic";
/// The intent for music like other music.
pub const PLAY_RADIO_FOR: &str = "PlayRadioFor";
/// The slot of what is looked for, in the intents that name no kind.
pub const QUERY_SLOT: &str = "query";
/// The slot of a duration.
pub const DURATION_SLOT: &str = "duration";
/// The slot of a volume.
pub const LEVEL_SLOT: &str = "level";

pub(super) const PLAYER: (&str, &str) = (PLAYER_SLOT, PLAYER_TYPE);

/// The intents about music, in the order of the interaction model.
pub const MUSIC_INTENTS: [MusicIntent; 30] = [
    intent(PLAY_MUSIC, &[(QUERY_SLOT, SEARCH_QUERY)]),
    intent("PlaySong", &[("song", SEARCH_QUERY)]),
    intent("PlayAlbum", &[("album", SEARCH_QUERY)]),
    intent("PlayArtist", &[("artist", SEARCH_QUERY)]),
    intent(PLAY_PLAYLIST, &[(PLAYLIST_SLOT, SEARCH_QUERY)]),
    intent("PlayStation", &[("station", SEARCH_QUERY)]),
    intent("PlayGenre", &[("genre", SEARCH_QUERY)]),
    intent("PlayAudiobook", &[("audiobook", SEARCH_QUERY)]),
    intent("PlayPodcast", &[("podcast", SEARCH_QUERY)]),
    intent(PLAY_FAVOURITES, &[PLAYER]),
    intent(PLAY_RANDOM, &[PLAYER]),
    intent(SHUFFLE_MUSIC, &[(QUERY_SLOT, SEARCH_QUERY)]),
    intent(PLAY_NEXT_UP, &[(QUERY_SLOT, SEARCH_QUERY)]),
    intent(QUEUE_MUSIC, &[(QUERY_SLOT, SEARCH_QUERY)]),
    intent(PLAY_RADIO_FOR, &[(QUERY_SLOT, SEARCH_QUERY)]),
    intent("MoreLikeThis", &[PLAYER]),
    intent("LikeThis", &[PLAYER]),
    intent("UnlikeThis", &[PLAYER]),
    intent("SkipForward", &[(DURATION_SLOT, DURATION)]),
    intent("SkipBack", &[(DURATION_SLOT, DURATION)]),
    intent("LoopThis", &[]),
    intent("WhatIsPlaying", &[PLAYER]),
    intent("MoveMusic", &[PLAYER]),
    intent("StopPlayer", &[PLAYER]),
    intent("SetVolume", &[PLAYER, (LEVEL_SLOT, NUMBER)]),
    intent("SleepTimer", &[(DURATION_SLOT, DURATION)]),
    intent("SleepTimerOff", &[]),
    intent("PickFirst", &[]),
    intent("PickSecond", &[]),
    intent("PickThird", &[]),
];

const fn intent(name: &'static str, slots: &'static [(&'static str, &'static str)]) -> MusicIntent {
    MusicIntent { name, slots }
}
