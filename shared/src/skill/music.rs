//! An intent about music, and what a person wants by it.

use super::duration::{LONGEST_TIME, duration};
use crate::alexa::request::{Intent, IntentName};
use crate::control::{Action, MusicKind, MusicRequest, MusicSource, MusicUse, Repeating};
use crate::i18n::Message;
use crate::voice::{DURATION_SLOT, LEVEL_SLOT, LocaleSpec, PLAYER_SLOT, QUERY_SLOT};

/// Longest text that is searched for, in characters; a spoken title is shorter.
const LONGEST_TEXT: usize = 200;

/// The meaning of an intent about music.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum IntentMeaning {
    /// Music Assistant is asked.
    Action(Action),
    /// The music that Music Assistant has sent, as by [`IntentName::PlayAudio`].
    Audio,
    /// A value was said that is none.
    Unclear(Message),
}

/// The meaning of an intent about music; none where a slot that says it is blank, and for other intents.
pub(super) fn wanted(intent: &Intent, locale: &str) -> Option<IntentMeaning> {
    if let Some(search) = SearchIntent::of(&intent.name) {
        return search.wanted(intent, locale);
    }
    Some(IntentMeaning::Action(match &intent.name {
        IntentName::PlayFavourites => {
            play(MusicSource::Favourites, MusicUse::Play, text(intent, PLAYER_SLOT))
        }
        IntentName::PlayRandom => play(MusicSource::Random, MusicUse::Play, text(intent, PLAYER_SLOT)),
        IntentName::MoreLikeThis => Action::MoreLikeThis.at(text(intent, PLAYER_SLOT)),
        IntentName::LikeThis => Action::Like(true).at(text(intent, PLAYER_SLOT)),
        IntentName::UnlikeThis => Action::Like(false).at(text(intent, PLAYER_SLOT)),
        IntentName::SkipForward => return Some(skip(intent, 1)),
        IntentName::SkipBack => return Some(skip(intent, -1)),
        IntentName::LoopThis => Action::Repeat(Repeating::One),
        IntentName::WhatIsPlaying => Action::WhatIsPlaying.at(text(intent, PLAYER_SLOT)),
        IntentName::MoveMusic => Action::MoveTo(text(intent, PLAYER_SLOT)?),
        IntentName::StopPlayer => Action::StopIn(text(intent, PLAYER_SLOT)?),
        IntentName::SetVolume => {
            let room = text(intent, PLAYER_SLOT)?;
            let Some(percent) = intent.slot(LEVEL_SLOT).and_then(percent) else {
                return Some(IntentMeaning::Unclear(Message::LevelUnclear));
            };
            Action::VolumeIn { room, percent }
        }
        IntentName::SleepTimer => {
            let seconds = match intent.slot(DURATION_SLOT).and_then(duration) {
                Some(seconds @ 1..=LONGEST_TIME) => seconds,
                Some(0) | None => return Some(IntentMeaning::Unclear(Message::DurationUnclear)),
                Some(_) => return Some(IntentMeaning::Unclear(Message::DurationTooLong)),
            };
            Action::StopAfter(seconds)
        }
        IntentName::SleepTimerOff => Action::KeepPlaying,
        _ => return None,
    }))
}

/// A skip by the time that was said, forward or back. One beyond a day ends at an end of what plays, as a day does.
fn skip(intent: &Intent, direction: i32) -> IntentMeaning {
    match intent.slot(DURATION_SLOT).and_then(duration) {
        Some(seconds @ 1..) => {
            let seconds = i32::try_from(seconds.min(LONGEST_TIME)).unwrap_or(i32::MAX);
            IntentMeaning::Action(Action::Skip(direction * seconds))
        }
        _ => IntentMeaning::Unclear(Message::DurationUnclear),
    }
}

/// An intent that searches: the slot of the text, the kind that was said, and what is done with what is found.
struct SearchIntent {
    slot: &'static str,
    kind: Option<MusicKind>,
    used: MusicUse,
}

impl SearchIntent {
    fn of(name: &IntentName) -> Option<Self> {
        let kind = |slot, kind| Self { slot, kind: Some(kind), used: MusicUse::Play };
        let used = |used| Self { slot: QUERY_SLOT, kind: None, used };
        Some(match name {
            IntentName::PlayMusic => used(MusicUse::Play),
            IntentName::PlaySong => kind("song", MusicKind::Song),
            IntentName::PlayAlbum => kind("album", MusicKind::Album),
            IntentName::PlayArtist => kind("artist", MusicKind::Artist),
            IntentName::PlayPlaylist => kind("playlist", MusicKind::Playlist),
            IntentName::PlayStation => kind("station", MusicKind::Station),
            IntentName::PlayGenre => kind("genre", MusicKind::Genre),
            IntentName::PlayAudiobook => kind("audiobook", MusicKind::Audiobook),
            IntentName::PlayPodcast => kind("podcast", MusicKind::Podcast),
            IntentName::ShuffleMusic => used(MusicUse::Shuffle),
            IntentName::PlayNextUp => used(MusicUse::Next),
            IntentName::QueueMusic => used(MusicUse::Add),
            IntentName::PlayRadioFor => used(MusicUse::Radio),
            _ => return None,
        })
    }

    fn wanted(self, intent: &Intent, locale: &str) -> Option<IntentMeaning> {
        let text = text(intent, self.slot)?;
        let is_audio =
            || self.kind.is_none() && LocaleSpec::of(locale).is_some_and(|voice| voice.means_audio(&text));
        Some(match self.used {
            MusicUse::Play if is_audio() => IntentMeaning::Audio,
            // "Shuffle music" names none.
            MusicUse::Shuffle if is_audio() => {
                IntentMeaning::Action(play(MusicSource::Random, self.used, None))
            }
            // Free text holds its room, which a slot may stand for beside a list.
            _ => {
                let room = self::text(intent, PLAYER_SLOT);
                IntentMeaning::Action(play(MusicSource::Heard { text, kind: self.kind }, self.used, room))
            }
        })
    }
}

fn play(selection: MusicSource, used: MusicUse, room: Option<String>) -> Action {
    Action::Play(MusicRequest { selection, used, room })
}

/// The words that were heard for a slot, in one line of bounded length; none where there are none.
fn text(intent: &Intent, slot: &str) -> Option<String> {
    let heard = intent.slot(slot)?.chars().map(|c| if c.is_control() { ' ' } else { c });
    let text: String = heard.take(LONGEST_TEXT).collect();
    let text = text.trim();
    (!text.is_empty()).then(|| text.to_owned())
}

/// A volume of 0 to 100 in digits, as `AMAZON.NUMBER` arrives.
fn percent(text: &str) -> Option<u8> {
    text.trim().parse().ok().filter(|percent| *percent <= 100)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::{IntentMeaning, wanted};
    use crate::alexa::request::{ConfirmationStatus, Intent, IntentName, Slot, SlotValue};
    use crate::control::{Action, MusicKind, MusicRequest, MusicSource, MusicUse, Repeating};
    use crate::i18n::Message;

    fn intent(name: &str, slots: &[(&str, &str)]) -> Intent {
        let slot = |text: &str| Slot { values: vec![SlotValue { text: text.to_owned(), entity: None }] };
        Intent {
            name: IntentName::from(name),
            confirmation_status: ConfirmationStatus::Unconfirmed,
            slots: slots.iter().map(|(name, text)| ((*name).to_owned(), slot(text))).collect(),
        }
    }

    fn asked(name: &str, slots: &[(&str, &str)]) -> Option<IntentMeaning> {
        wanted(&intent(name, slots), "en-US")
    }

    #[expect(clippy::unnecessary_wraps, reason = "it is compared with what may be none")]
    fn played(selection: MusicSource, used: MusicUse, room: Option<&str>) -> Option<IntentMeaning> {
        let room = room.map(str::to_owned);
        Some(IntentMeaning::Action(Action::Play(MusicRequest { selection, used, room })))
    }

    fn heard(text: &str, kind: Option<MusicKind>) -> MusicSource {
        MusicSource::Heard { text: text.to_owned(), kind }
    }

    #[test]
    fn a_search_has_the_kind_and_the_use_that_were_said() {
        for (name, slot, kind) in [
            ("PlaySong", "song", MusicKind::Song),
            ("PlayAlbum", "album", MusicKind::Album),
            ("PlayArtist", "artist", MusicKind::Artist),
            ("PlayPlaylist", "playlist", MusicKind::Playlist),
            ("PlayStation", "station", MusicKind::Station),
            ("PlayGenre", "genre", MusicKind::Genre),
            ("PlayAudiobook", "audiobook", MusicKind::Audiobook),
            ("PlayPodcast", "podcast", MusicKind::Podcast),
        ] {
            let expected = played(heard("blue in the kitchen", Some(kind)), MusicUse::Play, None);
            assert_eq!(asked(name, &[(slot, "blue in the kitchen")]), expected, "{name}");
        }
        for (name, used) in [
            ("PlayMusic", MusicUse::Play),
            ("ShuffleMusic", MusicUse::Shuffle),
            ("PlayNextUp", MusicUse::Next),
            ("QueueMusic", MusicUse::Add),
            ("PlayRadioFor", MusicUse::Radio),
        ] {
            assert_eq!(
                asked(name, &[("query", " blue ")]),
                played(heard("blue", None), used, None),
                "{name}"
            );
        }
        let kitchen = [("player", "kitchen")];
        assert_eq!(
            asked("PlayFavourites", &kitchen),
            played(MusicSource::Favourites, MusicUse::Play, Some("kitchen"))
        );
        assert_eq!(asked("PlayRandom", &[]), played(MusicSource::Random, MusicUse::Play, None));
    }

    #[test]
    fn the_other_intents_are_one_action_each() {
        let kitchen = ("player", "kitchen");
        let room = || "kitchen".to_owned();
        for (name, slots, action) in [
            ("MoreLikeThis", vec![], Action::MoreLikeThis),
            ("LikeThis", vec![], Action::Like(true)),
            ("LikeThis", vec![kitchen], Action::Like(true).at(Some(room()))),
            ("MoreLikeThis", vec![kitchen], Action::MoreLikeThis.at(Some(room()))),
            ("WhatIsPlaying", vec![kitchen], Action::WhatIsPlaying.at(Some(room()))),
            ("UnlikeThis", vec![], Action::Like(false)),
            ("SkipForward", vec![("duration", "PT1M30S")], Action::Skip(90)),
            ("SkipBack", vec![("duration", "PT30S")], Action::Skip(-30)),
            ("LoopThis", vec![], Action::Repeat(Repeating::One)),
            ("WhatIsPlaying", vec![], Action::WhatIsPlaying),
            ("MoveMusic", vec![kitchen], Action::MoveTo(room())),
            ("StopPlayer", vec![kitchen], Action::StopIn(room())),
            ("SetVolume", vec![kitchen, ("level", "40")], Action::VolumeIn { room: room(), percent: 40 }),
            ("SleepTimer", vec![("duration", "PT30M")], Action::StopAfter(1800)),
            ("SleepTimerOff", vec![], Action::KeepPlaying),
        ] {
            assert_eq!(asked(name, &slots), Some(IntentMeaning::Action(action)), "{name}");
        }
        for other in ["PlayAudio", "MaPause", "AMAZON.NextIntent", "PickFirst", "Later"] {
            assert_eq!(asked(other, &[("query", "blue")]), None, "{other}");
        }
    }

    #[test]
    fn music_assistants_own_words_are_not_searched_for() {
        for (locale, words) in [
            ("en-US", "audio"),
            ("en-US", "My Music"),
            ("de-DE", "die musik"),
            ("fr-FR", "music assistant"),
            ("nl-NL", "music assistant"),
            ("pt-BR", "áudio"),
            ("ja-JP", "音楽"),
            ("hi-IN", "ऑडियो"),
            ("ar-SA", "الصوت"),
        ] {
            let query = [("query", words)];
            assert_eq!(
                wanted(&intent("PlayMusic", &query), locale),
                Some(IntentMeaning::Audio),
                "{locale} {words}"
            );
            let shuffled = wanted(&intent("ShuffleMusic", &query), locale);
            assert_eq!(shuffled, played(MusicSource::Random, MusicUse::Shuffle, None), "{locale} {words}");
            let named = wanted(&intent("PlayAlbum", &[("album", words)]), locale);
            assert_eq!(named, played(heard(words, Some(MusicKind::Album)), MusicUse::Play, None), "{words}");
        }
        assert_eq!(
            asked("PlayMusic", &[("query", "blue")]),
            played(heard("blue", None), MusicUse::Play, None)
        );
    }

    #[test]
    fn blank_slots_ask_for_nothing() {
        for name in ["PlayMusic", "PlaySong", "QueueMusic", "MoveMusic", "StopPlayer", "SetVolume"] {
            assert_eq!(asked(name, &[]), None, "{name}");
            for blank in ["\u{7}\n", " \t "] {
                let slots = [("query", blank), ("song", blank), ("player", blank)];
                assert_eq!(asked(name, &slots), None, "{name}");
            }
        }
        let blank = [("player", "  ")];
        assert_eq!(asked("PlayFavourites", &blank), played(MusicSource::Favourites, MusicUse::Play, None));
    }

    #[test]
    fn a_long_text_is_cut_between_characters() {
        let long = "é".repeat(8000);
        let Some(IntentMeaning::Action(Action::Play(music))) = asked("PlayMusic", &[("query", &long)]) else {
            panic!("it plays")
        };
        assert_eq!(music.selection, heard(&"é".repeat(200), None));
        let Some(IntentMeaning::Action(Action::MoveTo(room))) = asked("MoveMusic", &[("player", &long)])
        else {
            panic!("it moves")
        };
        assert_eq!(room.chars().count(), 200);
    }

    #[test]
    fn a_volume_is_a_percentage() {
        for (level, percent) in [("0", 0), ("7", 7), ("100", 100), (" 55 ", 55)] {
            let room = "kitchen".to_owned();
            let expected = Some(IntentMeaning::Action(Action::VolumeIn { room, percent }));
            assert_eq!(asked("SetVolume", &[("player", "kitchen"), ("level", level)]), expected);
        }
        for level in ["101", "300", "-1", "?", "ten", "5.5", "99999999999999999999"] {
            let found = asked("SetVolume", &[("player", "kitchen"), ("level", level)]);
            assert_eq!(found, Some(IntentMeaning::Unclear(Message::LevelUnclear)), "{level}");
        }
        let missing = asked("SetVolume", &[("player", "kitchen")]);
        assert_eq!(missing, Some(IntentMeaning::Unclear(Message::LevelUnclear)));
    }

    #[test]
    fn a_time_that_is_none_is_asked_for_again() {
        for text in ["", "PT0S", "30", "P1Y", "PT9999999999H", "?"] {
            for name in ["SleepTimer", "SkipForward", "SkipBack"] {
                let found = asked(name, &[("duration", text)]);
                assert_eq!(found, Some(IntentMeaning::Unclear(Message::DurationUnclear)), "{name} {text}");
            }
        }
        // A timer of more than a day is a mistake; a skip of it ends with what plays.
        let long = |name| asked(name, &[("duration", "PT25H")]);
        assert_eq!(long("SleepTimer"), Some(IntentMeaning::Unclear(Message::DurationTooLong)));
        assert_eq!(long("SkipForward"), Some(IntentMeaning::Action(Action::Skip(86_400))));
        assert_eq!(long("SkipBack"), Some(IntentMeaning::Action(Action::Skip(-86_400))));
    }

    proptest! {
        #[test]
        fn any_slot_is_taken(
            name in proptest::sample::select(crate::voice::MUSIC_INTENTS.map(|intent| intent.name).to_vec()),
            texts in proptest::collection::btree_map("[a-z]{5,8}|query|player|level|duration|song", ".{0,400}", 0..5),
            locale in "[a-z]{2}-[A-Z]{2}|de-DE|ja-JP",
        ) {
            let slots: BTreeMap<String, String> = texts;
            let slots: Vec<(&str, &str)> =
                slots.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
            if let Some(IntentMeaning::Action(action)) = wanted(&intent(name, &slots), &locale) {
                let sent = serde_json::to_string(&action).unwrap();
                prop_assert!(sent.chars().count() < 1500, "{}", sent);
            }
        }
    }
}
