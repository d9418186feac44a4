//! The use of music, by the words around it.
//!
//! Alexa takes no slot beside free text. So "play blue next in the kitchen" arrives as music of the name "blue next in the
//! kitchen". The room goes first. Then the samples of the other intents show which of the words are no music.

use crate::control::{MusicSource, MusicUse};
use crate::spoken::{Language, fold, unfolded};
use crate::voice::{
    LocaleSpec, PLAY_AUDIO, PLAY_FAVOURITES, PLAY_MUSIC, PLAY_NEXT_UP, PLAY_RADIO_FOR, PLAY_RANDOM,
    QUERY_SLOT, QUEUE_MUSIC, SHUFFLE_MUSIC,
};

/// The intents of what is done with music that has a name.
const USES: [(&str, MusicUse); 4] = [
    (PLAY_NEXT_UP, MusicUse::Next),
    (QUEUE_MUSIC, MusicUse::Add),
    (SHUFFLE_MUSIC, MusicUse::Shuffle),
    (PLAY_RADIO_FOR, MusicUse::Radio),
];

/// The intents of music without a name. "Music" alone is any.
const NAMELESS: [(&str, MusicSource); 3] = [
    (PLAY_FAVOURITES, MusicSource::Favourites),
    (PLAY_RANDOM, MusicSource::Random),
    (PLAY_AUDIO, MusicSource::Random),
];

/// Words that are none of the music.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Around {
    /// The music without them.
    pub(super) rest: String,
    /// Their meaning.
    pub(super) used: MusicUse,
}

/// The words around music that say what is done with it; none where there are none. `used` is what its intent says.
pub(super) fn around(text: &str, used: MusicUse, locale: &str) -> Option<Around> {
    let (voice, language) = (LocaleSpec::of(locale)?, Language::of_locale(locale));
    let folded = fold(text, language);
    let bases = bases(voice, used);
    let found = USES.iter().flat_map(|(intent, used)| {
        let samples = voice.samples(intent).iter().filter_map(|sample| apart(sample));
        let (folded, bases) = (&folded, &bases);
        samples.flat_map(move |(before, after)| {
            let words = bases.iter().filter_map(move |(base_before, base_after)| {
                Some((before.strip_prefix(base_before)?, after.strip_suffix(base_after)?))
            });
            words.filter_map(move |(before, after)| {
                let rest = without(folded, &fold(before, language), &fold(after, language), language)?;
                Some(Around { rest, used: *used })
            })
        })
    });
    // Of several the one with the most words around the music.
    let found = found.min_by_key(|found| found.rest.len())?;
    Some(Around { rest: unfolded(text, &found.rest, language).to_owned(), ..found })
}

/// Music that has no name: favourites, or any; none for a name.
pub(super) fn nameless(text: &str, used: MusicUse, locale: &str) -> Option<MusicSource> {
    let (voice, language) = (LocaleSpec::of(locale)?, Language::of_locale(locale));
    let text = fold(text, language);
    let bases = bases(voice, used);
    let is_meant = |intent: &str| {
        let samples = voice.samples(intent).iter().filter(|sample| !sample.contains('{'));
        samples.into_iter().any(|sample| {
            bases.iter().any(|base| {
                let words = inside(sample, *base, language);
                words.is_some_and(|words| fold(&words, language) == text)
            })
        })
    };
    NAMELESS.into_iter().find(|(intent, _)| is_meant(intent)).map(|(_, selection)| selection)
}

/// The words before and behind the text of an intent, in each of its samples.
fn bases(voice: &LocaleSpec, used: MusicUse) -> Vec<(&str, &str)> {
    let intent = USES.iter().find(|(_, of)| *of == used).map_or(PLAY_MUSIC, |(intent, _)| intent);
    voice.samples(intent).iter().filter_map(|sample| apart(sample)).collect()
}

/// The words before and behind the text of a sample.
fn apart(sample: &str) -> Option<(&str, &str)> {
    let (before, after) = sample.split_once('{')?;
    let after = after.strip_prefix(QUERY_SLOT)?.strip_prefix('}')?;
    Some((before, after))
}

/// The words of a sample in the place of the text of another one. Japanese is written with and without spaces.
fn inside(sample: &str, (before, after): (&str, &str), language: Language) -> Option<String> {
    let spaced = |text: &str| match language {
        Language::Japanese => text.split_whitespace().collect(),
        _ => text.to_owned(),
    };
    let (sample, before, after) = (spaced(sample), spaced(before), spaced(after));
    let words = sample.strip_prefix(&before)?.strip_suffix(&after)?.trim();
    (!words.is_empty()).then(|| words.to_owned())
}

/// The rest without words before and behind, of which one at least is there.
fn without(text: &str, before: &str, after: &str, language: Language) -> Option<String> {
    if before.is_empty() && after.is_empty() {
        return None;
    }
    // Japanese writes no spaces.
    let apart = language != Language::Japanese;
    let mut rest = text;
    if !before.is_empty() {
        rest = rest.strip_prefix(before).filter(|rest| !apart || rest.starts_with(' '))?;
    }
    if !after.is_empty() {
        rest = rest.strip_suffix(after).filter(|rest| !apart || rest.ends_with(' '))?;
    }
    let rest = rest.trim();
    (!rest.is_empty()).then(|| rest.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::voice::locales;

    fn means(locale: &str, text: &str, used: MusicUse, rest: &str, meant: MusicUse) {
        let rest = fold(rest, Language::of_locale(locale));
        assert_eq!(around(text, used, locale), Some(Around { rest, used: meant }), "{locale}: {text}");
    }

    #[test]
    fn the_words_of_the_queue_are_none_of_the_music() {
        for (locale, next, add) in [
            ("en-AU", "blue next", "blue to the queue"),
            ("en-CA", "blue after this song", "blue to my queue"),
            ("en-GB", "blue next", "blue to the queue"),
            ("en-IN", "blue next", "blue to the queue"),
            ("en-US", "blue after this", "blue to the queue"),
            ("de-DE", "blue als nächstes", "blue zur warteschlange"),
            ("es-ES", "blue a continuación", "blue a la cola"),
            ("es-MX", "blue después de esta", "blue a la cola"),
            ("es-US", "blue después", "blue a la cola"),
            ("fr-CA", "blue ensuite", "blue à la file d'attente"),
            ("fr-FR", "blue juste après", "blue à la file"),
            ("it-IT", "blue come prossimo brano", "blue alla coda"),
            ("nl-NL", "blue hierna", "blue toe aan de wachtrij"),
            ("pt-BR", "blue em seguida", "blue à fila"),
            ("ja-JP", "次にブルー", "キューにブルー"),
            ("ar-SA", "بلو بعد هذه الأغنية", "بلو إلى قائمة الانتظار"),
        ] {
            let music = if locale == "ja-JP" {
                "ブルー"
            } else if locale == "ar-SA" {
                "بلو"
            } else {
                "blue"
            };
            means(locale, next, MusicUse::Play, music, MusicUse::Next);
            means(locale, add, MusicUse::Add, music, MusicUse::Add);
        }
        means("en-US", "kind of blue shuffled", MusicUse::Play, "kind of blue", MusicUse::Shuffle);
        means("en-US", "something similar to blue", MusicUse::Play, "blue", MusicUse::Radio);
        means("en-US", "blue next", MusicUse::Add, "blue", MusicUse::Next);
    }

    #[test]
    fn a_name_alone_has_no_words_around_it() {
        for locale in locales() {
            for text in ["blue", "next", "", "blueschlange", "the next blue album"] {
                for used in [MusicUse::Play, MusicUse::Add, MusicUse::Next] {
                    assert_eq!(around(text, used, locale), None, "{locale}: {text}");
                }
                assert_eq!(nameless(text, MusicUse::Play, locale), None, "{locale}: {text}");
            }
        }
    }

    /// Each sample of favourites and of chance, as it is heard for music with a name.
    #[test]
    fn music_without_a_name_is_known_in_every_locale() {
        for locale in locales() {
            let voice = LocaleSpec::of(locale).unwrap();
            for (intent, selection) in NAMELESS {
                let samples = voice.samples(intent).iter().filter(|sample| !sample.contains('{'));
                let language = Language::of_locale(locale);
                let heard: Vec<String> = samples
                    .flat_map(|sample| {
                        let bases = bases(voice, MusicUse::Play).into_iter();
                        bases.filter_map(|base| inside(sample, base, language))
                    })
                    .collect();
                assert!(!heard.is_empty(), "{locale} {intent}");
                for words in heard {
                    let found = nameless(&words, MusicUse::Play, locale);
                    assert!(found == Some(selection.clone()), "{locale}: {words}: {found:?}");
                }
            }
        }
    }
}
