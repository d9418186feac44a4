//! The sentences of all languages, held against each other.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use ma_alexa::alexa::request::MediaErrorType;
use ma_alexa::control::HomeNames;
use ma_alexa::i18n::{self, LISTED_NAMES, Message, Music};
use ma_alexa::voice::{InvocationName, PAIR_ECHO, PLAY_AUDIO, interaction_model, locales};

use super::{language, voices};
use crate::skill::tables::CONTROL_ERRORS;

/// Sentences that may read the same as in English, as `(language, key)`.
const SAME_AS_ENGLISH: [(&str, &str); 1] = [
    // The order and the comma are the same; only the word in `list-last` differs.
    ("*", "list-next"),
];

/// One message of each kind, with and without the lists that it may go without.
fn messages(called: &str) -> Vec<Message> {
    let name = || called.to_owned();
    let one = || vec![name()];
    let kinds = [
        MediaErrorType::ServiceUnavailable,
        MediaErrorType::InvalidRequest,
        MediaErrorType::InternalServerError,
        MediaErrorType::InternalDeviceError,
        MediaErrorType::Unspecified,
    ];
    let failed = kinds.map(|kind| Message::LastFailed { player: name(), kind });
    let others = [
        Message::Help { invocation_name: name() },
        Message::Reprompt,
        Message::LaunchPaired,
        Message::NothingToPlay,
        Message::FromTheBeginning,
        Message::Elsewhere { invocation_name: name(), player: name(), started: name() },
        Message::NotPaired { invocation_name: name(), players: vec![] },
        Message::NotPaired { invocation_name: name(), players: one() },
        Message::PairAsk { players: vec![] },
        Message::PairAsk { players: one() },
        Message::PairAskAgain,
        Message::Paired { player: name() },
        Message::PairUnknown { heard: name(), players: vec![] },
        Message::PairUnknown { heard: name(), players: one() },
        Message::PairSeveral { players: vec![] },
        Message::PairSeveral { players: one() },
        Message::PairNoPlayers,
        Message::NoAudioPlayer,
        Message::StreamAddressMissing,
        Message::StreamAddressBad,
        Message::Goodbye,
        Message::NothingToConfirm,
        Message::Fallback { invocation_name: name() },
        Message::Trouble,
        Message::StateUnavailable,
        Message::StateTooNew,
        Message::SkillNotSetUp,
        Message::UntitledStream { player: name() },
    ];
    let refused = CONTROL_ERRORS.map(Message::Control);
    failed.into_iter().chain(refused).chain(others).chain(about_music(called)).collect()
}

/// One message of each kind about what is asked of Music Assistant.
fn about_music(name: &str) -> [Message; 27] {
    let name = || name.to_owned();
    let music = || Music { title: name(), artist: Some(name()) };
    let untitled = || Music { title: name(), artist: None };
    [
        Message::NowPlaying(music()),
        Message::NowPlaying(untitled()),
        Message::Queued(music()),
        Message::QueuedNext(music()),
        Message::NothingPlays,
        Message::Chosen(music()),
        Message::ChosenIn { music: untitled(), room: name() },
        Message::StartsIn { room: name() },
        Message::Suggest(vec![music()]),
        Message::Suggest(vec![music(), untitled()]),
        Message::Suggest(vec![music(), untitled(), music()]),
        Message::SuggestOver,
        Message::NotFound { heard: name() },
        Message::LibraryEmpty,
        Message::RoomUnknown { heard: name() },
        Message::RoomSeveral { rooms: vec![name(), name()] },
        Message::Done,
        Message::SleepSet { minutes: 1 },
        Message::SleepSet { minutes: 30 },
        Message::SleepSetHours { hours: 2 },
        Message::SleepOff,
        Message::Liked,
        Message::Unliked,
        Message::Moved { room: name() },
        Message::DurationUnclear,
        Message::DurationTooLong,
        Message::LevelUnclear,
    ]
}

/// A language file as its keys and their texts.
fn file(tag: &str) -> BTreeMap<String, String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("src/i18n/sentences/{tag}.ftl"));
    let text = fs::read_to_string(&path).unwrap();
    let mut sentences = BTreeMap::new();
    for line in text.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
        let (key, sentence) = line.split_once(" = ").unwrap_or_else(|| panic!("{tag}: {line}"));
        let twice = sentences.insert(key.to_owned(), sentence.to_owned());
        assert_eq!(twice, None, "{tag} has {key} twice");
    }
    sentences
}

/// Each placeholder of a sentence, as often as it stands there.
fn placeholders(sentence: &str) -> Vec<&str> {
    let mut found: Vec<&str> =
        sentence.split("{ $").skip(1).map(|rest| rest.split(" }").next().unwrap()).collect();
    found.sort_unstable();
    found
}

#[test]
fn every_language_has_exactly_the_sentences_that_are_spoken() {
    let mut spoken: BTreeSet<String> = messages("x").iter().map(|m| m.key().to_owned()).collect();
    spoken.extend(["list-next", "list-last", "music-by"].map(str::to_owned));
    for tag in i18n::languages() {
        let written: BTreeSet<String> = file(tag).into_keys().collect();
        assert_eq!(written, spoken, "{tag}");
    }
}

#[test]
fn every_locale_has_a_language() {
    let languages: Vec<&str> = i18n::languages().collect();
    assert_eq!(languages.len(), 10);
    for locale in locales() {
        assert!(languages.contains(&language(locale)), "{locale}");
    }
}

#[test]
fn placeholders_are_the_same_as_in_english() {
    let english = file("en");
    for tag in i18n::languages().chain(["es-419"]) {
        for (key, sentence) in file(tag) {
            let (mut here, mut there) = (placeholders(&sentence), placeholders(&english[&key]));
            // A language may mention a name once more where English has a pronoun.
            here.dedup();
            there.dedup();
            assert_eq!(here, there, "{tag} {key}");
            assert_eq!(
                sentence.matches('{').count(),
                placeholders(&sentence).len(),
                "{tag} {key}: {sentence}"
            );
        }
    }
}

#[test]
fn no_language_speaks_english() {
    let english = file("en");
    for tag in i18n::languages().filter(|tag| *tag != "en") {
        for (key, sentence) in file(tag) {
            let listed = SAME_AS_ENGLISH
                .iter()
                .any(|(language, same)| (*language == "*" || *language == tag) && *same == key);
            assert!(listed || sentence != english[&key], "{tag} {key} is English");
        }
    }
    for locale in locales().filter(|locale| language(locale) != "en") {
        for message in messages("Küche") {
            assert_ne!(i18n::say(locale, &message), i18n::say("en", &message), "{locale} {}", message.key());
        }
    }
}

#[test]
fn there_is_no_key_that_speaks_a_header() {
    for locale in locales().chain(["", "-", "xx", "de-AT"]) {
        for message in messages("Küche") {
            let spoken = i18n::say(locale, &message);
            assert!(!spoken.trim().is_empty(), "{locale} {}", message.key());
            assert!(!message.key().is_empty());
            for header in ["Project-Id", "Content-Type", "charset", "#"] {
                assert!(!spoken.contains(header), "{locale} {}: {spoken}", message.key());
            }
        }
    }
}

#[test]
fn every_message_is_complete_and_short_enough_in_every_locale() {
    for locale in locales() {
        for message in messages("Wohnzimmer") {
            let spoken = i18n::say(locale, &message);
            assert!(!spoken.contains(['{', '}', '$']), "{locale}: {spoken}");
            assert!(!spoken.contains(['\u{2068}', '\u{2069}']), "{locale}: {spoken:?}");
            // Amazon's limit of one answer's speech is 8,000 characters.
            assert!(spoken.chars().count() < 8_000, "{locale} {}", message.key());
            assert!(spoken.chars().count() < 500, "{locale} {} is no short sentence", message.key());
        }
    }
}

#[test]
fn names_come_through_as_they_are() {
    for name in
        ["Bad \"oben\" {0} 🎧", "{ $player }", "O'Neill & Söhne <1>", "2.5", "أ \u{200f}ب", "キッチン"]
    {
        for locale in locales() {
            let named = |message: &Message| {
                placeholders_of(message).iter().any(|name| !matches!(name.as_str(), "minutes" | "hours"))
            };
            for message in messages(name).into_iter().filter(named) {
                let spoken = i18n::say(locale, &message);
                assert!(spoken.contains(name), "{locale} {}: {spoken}", message.key());
            }
        }
    }
}

fn placeholders_of(message: &Message) -> Vec<String> {
    placeholders(&file("en")[message.key()]).into_iter().map(str::to_owned).collect()
}

#[test]
fn variants_fall_back_on_their_own_language_and_the_unknown_on_english() {
    let trouble = |locale| i18n::say(locale, &Message::Trouble);
    assert_eq!(trouble("de-AT"), trouble("de-DE"));
    assert_eq!(trouble("de_DE"), trouble("de"));
    assert_eq!(trouble("DE-de"), trouble("de"));
    assert_eq!(trouble("es-MX"), trouble("es-US"));
    assert_ne!(trouble("es-MX"), trouble("es-ES"));
    assert_eq!(trouble("sv-SE"), trouble("en-US"));
    let paired = |locale| i18n::say(locale, &Message::Paired { player: "Sala".into() });
    assert_eq!(paired("es-MX"), paired("es-ES"));
    assert_eq!(paired("pt-PT"), paired("pt-BR"));
}

#[test]
fn a_variant_holds_only_what_differs() {
    let spanish = file("es");
    for (key, sentence) in file("es-419") {
        assert_ne!(Some(&sentence), spanish.get(&key), "{key}");
    }
}

#[test]
fn names_are_listed_as_the_language_lists_a_choice() {
    let several = |locale, count: usize| {
        let players = ["A", "B", "C", "D", "E", "F"].iter().take(count).map(ToString::to_string).collect();
        i18n::say(locale, &Message::PairSeveral { players })
    };
    assert!(several("en-US", 1).ends_with("Is it A?"));
    assert!(several("en-US", 2).ends_with("Is it A or B?"));
    assert!(several("en-US", 3).ends_with("Is it A, B or C?"));
    assert!(several("de-DE", 3).ends_with("Ist es A, B oder C?"));
    assert!(several("ja-JP", 3).contains("A、B、またはCの"));
    for locale in locales() {
        let spoken = several(locale, 6);
        let named = ["A", "B", "C", "D", "E", "F"]
            .iter()
            .filter(|name| spoken.split(|c: char| !c.is_ascii_alphabetic()).any(|word| word == **name));
        assert_eq!(named.count(), LISTED_NAMES, "{locale}: {spoken}");
    }
}

#[test]
fn music_is_named_with_its_artist_and_a_choice_of_it_is_listed() {
    let music = |title: &str, artist: Option<&str>| Music {
        title: title.to_owned(),
        artist: artist.map(str::to_owned),
    };
    let choices =
        [music("Blue", Some("Joni Mitchell")), music("Blue Train", None), music("Azul", Some("Ana"))];
    let said = |locale, count: usize| i18n::say(locale, &Message::Suggest(choices[..count].to_vec()));
    assert_eq!(said("en-US", 1), "Did you mean Blue by Joni Mitchell?");
    assert_eq!(said("en-US", 2), "Did you mean Blue by Joni Mitchell or Blue Train?");
    assert_eq!(said("de-DE", 3), "Meinst du Blue von Joni Mitchell, Blue Train oder Azul von Ana?");
    assert_eq!(said("ja-JP", 1), "Joni MitchellのBlueのことですか?");
    let room = "Kitchen".to_owned();
    let chosen = Message::ChosenIn { music: music("Blue", Some(" ")), room };
    assert_eq!(i18n::say("en-GB", &chosen), "Here is Blue on Kitchen.");
    let sleep = |minutes| i18n::say("en-US", &Message::SleepSet { minutes });
    assert_eq!(
        (sleep(1).as_str(), sleep(1440).as_str()),
        ("The music stops in one minute.", "The music stops in 1440 minutes.")
    );
}

/// Lower case, and nothing but letters, marks and digits: how a sentence sounds, not how it is written.
fn sound(text: &str) -> String {
    text.chars()
        .filter(|c| !c.is_whitespace() && !",.:;。、,".contains(*c))
        .flat_map(char::to_lowercase)
        .collect()
}

#[test]
fn what_help_and_the_pairing_sentence_teach_is_understood() {
    let name = InvocationName::default().to_string();
    for voice in voices() {
        let locale = voice.locale();
        for message in [
            Message::Help { invocation_name: name.clone() },
            Message::Fallback { invocation_name: name.clone() },
            Message::Reprompt,
        ] {
            let taught = sound(&i18n::say(locale, &message));
            let known = voice.samples(PLAY_AUDIO).iter().any(|sample| taught.contains(&sound(sample)));
            assert!(known, "{locale}: {taught}");
        }
        let taught = sound(&i18n::say(
            locale,
            &Message::NotPaired { invocation_name: name.clone(), players: vec!["Zimmer 9".into()] },
        ));
        let known = |player: &str, taught: &str| {
            voice
                .samples(PAIR_ECHO)
                .iter()
                .filter(|sample| sample.contains("{player}"))
                .any(|sample| taught.contains(&sound(&sample.replace("{player}", player))))
        };
        assert!(known("Zimmer 9", &taught), "{locale}: {taught}");
        let taught =
            sound(&i18n::say(locale, &Message::NotPaired { invocation_name: name.clone(), players: vec![] }));
        let model = interaction_model(voice, &InvocationName::default(), &HomeNames::default());
        let kitchen = model.pointer("/interactionModel/languageModel/types/0/values/0/name/value").unwrap();
        assert!(known(kitchen.as_str().unwrap(), &taught), "{locale}: {taught}");
    }
}
