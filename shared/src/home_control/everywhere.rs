//! The words by which people mean every room at once.

use crate::spoken::{Language, fold, unfolded};

/// The words for all rooms, longer ones first. In Japanese and Hindi they stand before the music, too.
const fn words(language: Language) -> &'static [&'static str] {
    match language {
        Language::English => &[
            "all over the house",
            "throughout the house",
            "in the whole house",
            "in every room",
            "on all speakers",
            "on every speaker",
            "in all rooms",
            "everywhere",
        ],
        Language::German => &[
            "auf allen lautsprechern",
            "im ganzen haus",
            "in allen räumen",
            "in allen zimmern",
            "in jedem raum",
            "in jedem zimmer",
            "überall",
        ],
        Language::Spanish => &[
            "en todas las habitaciones",
            "en todos los altavoces",
            "en todas las bocinas",
            "en todos los cuartos",
            "en todas partes",
            "en toda la casa",
            "por toda la casa",
            "en todos lados",
        ],
        Language::French => {
            &["dans toutes les pièces", "sur toutes les enceintes", "dans toute la maison", "partout"]
        }
        Language::Italian => &[
            "su tutti gli altoparlanti",
            "in tutte le stanze",
            "in tutta la casa",
            "dappertutto",
            "dovunque",
            "ovunque",
        ],
        Language::Dutch => {
            &["in het hele huis", "op alle speakers", "in alle kamers", "in elke kamer", "overal"]
        }
        Language::Portuguese => &[
            "em todos os cômodos",
            "em todos os lugares",
            "em todos os quartos",
            "em toda a casa",
            "em todo lugar",
            "na casa toda",
            "na casa inteira",
            "por toda a casa",
        ],
        Language::Japanese => {
            &["すべての部屋で", "全ての部屋で", "全部の部屋で", "家じゅうで", "家中で", "どこでも"]
        }
        Language::Hindi => &["सभी कमरों में", "पूरे घर में", "हर कमरे में", "हर जगह"],
        Language::Arabic => &["في جميع الغرف", "في كل الغرف", "في كل البيت", "في كل مكان"],
    }
}

/// Whether the name of a room means all of them. Its word for "in" may be missing, and an article behind that.
pub(super) fn is_meant(room: &str, language: Language) -> bool {
    let room = fold(room, language);
    let is_bare = |words: &str| match language {
        // These have their word for "in" behind, Japanese without a space.
        Language::Japanese => words.strip_suffix('で') == Some(room.as_str()),
        Language::Hindi => words.strip_suffix(" में") == Some(room.as_str()),
        _ => {
            let bare = words.split_once(' ').map(|(_, bare)| bare);
            let plain =
                bare.and_then(|bare| ["the ", "het "].iter().find_map(|word| bare.strip_prefix(word)));
            // "The house" alone may be a room.
            let plain = plain.filter(|plain| plain.contains(' '));
            [bare, plain].contains(&Some(room.as_str()))
        }
    };
    !room.is_empty() && all(language).any(|words| room == words || is_bare(&words))
}

/// The text that was heard without the words for all rooms, and those words; none where there are none, or nothing else.
pub(super) fn split(heard: &str, language: Language) -> Option<(String, String)> {
    let folded = fold(heard, language);
    all(language).find_map(|words| {
        let behind = folded.strip_suffix(&words).filter(|rest| rest.ends_with(' ') || is_unspaced(language));
        let before =
            folded.strip_prefix(&words).filter(|rest| rest.starts_with(' ') || is_unspaced(language));
        let before = before.filter(|_| matches!(language, Language::Japanese | Language::Hindi));
        let rest = behind.or(before)?.trim();
        // "Here, There and Everywhere" is a title.
        let is_music = !rest.is_empty() && !rest.ends_with('&');
        is_music.then(|| (unfolded(heard, rest, language).to_owned(), words))
    })
}

fn all(language: Language) -> impl Iterator<Item = String> {
    words(language).iter().map(move |words| fold(words, language))
}

const fn is_unspaced(language: Language) -> bool {
    matches!(language, Language::Japanese)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_language_has_words_for_all_rooms() {
        for language in Language::ALL {
            for words in words(language) {
                assert!(is_meant(words, language), "{words}");
                let heard = format!("abba {words}");
                assert_eq!(split(&heard, language).map(|(rest, _)| rest).as_deref(), Some("abba"), "{heard}");
                assert_eq!(split(words, language), None, "{words} alone is music");
            }
        }
    }

    /// Alexa knows the words as a name of a player.
    #[test]
    fn each_locale_has_the_words_among_the_names_of_players() {
        for locale in crate::voice::locales() {
            let voice = crate::voice::LocaleSpec::of(locale).unwrap();
            let names: Vec<&str> = voice.everywhere().collect();
            assert!(names.len() >= 3, "{locale}: {names:?}");
            for name in names {
                assert!(is_meant(name, Language::of_locale(locale)), "{locale}: {name}");
            }
        }
    }

    #[test]
    fn other_words_are_no_rooms() {
        assert_eq!(split("here there and everywhere", Language::English), None);
        assert_eq!(split("everywhere by fleetwood mac", Language::English), None);
        assert_eq!(split("everywhere", Language::English), None);
        assert!(is_meant("the whole house", Language::English) && is_meant("whole house", Language::English));
        assert!(is_meant("allen räumen", Language::German));
        assert!(is_meant("家中", Language::Japanese));
        for room in ["", "house", "Wohnzimmer", "room"] {
            assert!(!is_meant(room, Language::English), "{room}");
        }
        let before = split("家中でビートルズ", Language::Japanese).map(|(rest, _)| rest);
        assert_eq!(before, Some(fold("ビートルズ", Language::Japanese)));
    }
}
