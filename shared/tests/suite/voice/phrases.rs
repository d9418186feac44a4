//! What Music Assistant says, as Alexa hears it.

use ma_alexa::voice::{
    IDENTIFY_ECHO, InvocationName, LocaleSpec, MA_PAUSE, MA_RESUME, MA_STOP, MUSIC_INTENTS, MaPhrases,
    PAIR_ECHO, PLAY_AUDIO, StartOutcome, start_table,
};

use super::vocabulary::{content_words, of_built_ins};
use super::voices;

/// Every intent of ours.
pub(super) fn ours() -> impl Iterator<Item = &'static str> {
    let music = MUSIC_INTENTS.iter().map(|intent| intent.name);
    [PLAY_AUDIO, MA_PAUSE, MA_RESUME, MA_STOP, PAIR_ECHO, IDENTIFY_ECHO].into_iter().chain(music)
}

/// The intents that have the sentence's request, what follows the carrier phrase, among their samples.
fn understood(voice: &LocaleSpec, sentence: &str) -> Vec<&'static str> {
    let carrier = voice.carrier(&InvocationName::default());
    let Some(request) = sentence.strip_prefix(&carrier).and_then(|rest| rest.strip_prefix(' ')) else {
        return Vec::new();
    };
    ours()
        .flat_map(|intent| voice.samples(intent).iter().filter(|s| *s == request).map(move |_| intent))
        .collect()
}

#[test]
fn music_assistants_own_phrases_are_one_intent_each() {
    let expected = [
        ("AMAZON.PauseIntent", MA_PAUSE),
        ("AMAZON.ResumeIntent", MA_RESUME),
        ("AMAZON.StopIntent", MA_STOP),
    ];
    for voice in voices() {
        let invocation_name = voice.carrier(&InvocationName::default());
        let served = voice.ma_utterances(MaPhrases::Own);
        for ((builtin, ours), (intent, utterances)) in expected.into_iter().zip(served) {
            assert_eq!(intent, builtin);
            assert!((1..=3).contains(&utterances.len()), "{} {intent}", voice.locale());
            // As Music Assistant puts it together.
            let sentence = format!("{invocation_name} {}", utterances[0]);
            assert_eq!(understood(voice, &sentence), [ours], "{}: {sentence}", voice.locale());
        }
    }
}

#[test]
fn the_plain_phrases_are_none_of_our_intents() {
    for voice in voices() {
        let invocation_name = voice.carrier(&InvocationName::default());
        let mut words = Vec::new();
        for (intent, utterances) in voice.ma_utterances(MaPhrases::Builtin) {
            assert!(!utterances.is_empty(), "{} {intent}", voice.locale());
            for utterance in utterances {
                assert!(
                    understood(voice, &format!("{invocation_name} {utterance}")).is_empty(),
                    "{utterance}"
                );
                assert!(!words.contains(utterance), "{}: {utterance}", voice.locale());
                words.push(utterance.clone());
            }
        }
    }
    assert_eq!("own".parse(), Ok(MaPhrases::Own));
    assert_eq!("builtin".parse(), Ok(MaPhrases::Builtin));
    assert_eq!(MaPhrases::default(), MaPhrases::Own);
    assert!("Own".parse::<MaPhrases>().unwrap_err().to_string().contains("builtin"));
}

#[test]
fn what_music_assistant_speaks_for_play_is_understood_where_the_table_says_so() {
    for voice in voices() {
        assert!(!voice.start_sentences().is_empty());
        for sentence in voice.start_sentences() {
            let intents = understood(voice, &sentence.says);
            match sentence.arrives_as {
                StartOutcome::PlayAudio => {
                    assert_eq!(intents, [PLAY_AUDIO], "{}: {sentence:?}", voice.locale());
                }
                StartOutcome::LaunchRequest => {
                    assert!(sentence.says.ends_with("music assistant"), "{}: {sentence:?}", voice.locale());
                }
                StartOutcome::NotUnderstood => {
                    assert!(intents.is_empty(), "{}: {sentence:?}", voice.locale());
                }
            }
        }
    }
}

#[test]
fn a_launch_may_be_music_assistants_in_three_locales() {
    let launches: Vec<&str> = voices().filter(|v| v.launch_is_ma_phrase()).map(LocaleSpec::locale).collect();
    assert_eq!(launches, ["fr-CA", "fr-FR", "nl-NL"]);
    let silent: Vec<&str> = voices().filter(|v| !v.ma_can_start()).map(LocaleSpec::locale).collect();
    assert_eq!(silent, ["ar-SA", "es-MX", "es-US", "hi-IN", "ja-JP"]);
}

#[test]
fn own_phrases_share_no_content_word_with_anything_else_that_is_said() {
    for voice in voices() {
        let words = |intent: &str| -> Vec<String> {
            voice.samples(intent).iter().flat_map(|sample| content_words(voice.locale(), sample)).collect()
        };
        let plain = voice.ma_utterances(MaPhrases::Builtin);
        let plain = plain.iter().flat_map(|(_, utterances)| utterances.iter());
        let built_ins: Vec<String> = plain
            .flat_map(|utterance| content_words(voice.locale(), utterance))
            .chain(of_built_ins(voice.locale()).into_iter().map(str::to_owned))
            .collect();
        for intent in [MA_PAUSE, MA_RESUME, MA_STOP, IDENTIFY_ECHO] {
            let own = words(intent);
            assert!(own.len() >= 2, "{} {intent}: {own:?}", voice.locale());
            for other in ours().filter(|other| *other != intent) {
                let others = words(other);
                let shared: Vec<_> = own.iter().filter(|word| others.contains(word)).collect();
                assert!(shared.is_empty(), "{} {intent} and {other}: {shared:?}", voice.locale());
            }
            for word in &own {
                assert!(!built_ins.contains(word), "{} {intent}: {word}", voice.locale());
            }
        }
    }
}

/// Music Assistant keeps these for as long as its provider runs: a change would make an installed one speak what is no
/// longer understood.
#[test]
fn own_phrases_stay_as_they_were_released() {
    let released: Vec<String> = voices()
        .map(|voice| {
            let said = voice.ma_utterances(MaPhrases::Own).map(|(_, utterances)| utterances[0].clone());
            format!("{} {} | {}", voice.locale(), voice.carrier(&InvocationName::default()), said.join(" | "))
        })
        .collect();
    insta::assert_snapshot!(released.join("\n"));
}

/// The phrases of earlier releases, as `(locale, intent, sample)`: an installed Music Assistant may still speak them.
const EARLIER: [(&str, &str, &str); 4] = [
    ("nl-NL", MA_PAUSE, "de naald op te tillen"),
    ("nl-NL", MA_RESUME, "het orkest te verzamelen"),
    ("nl-NL", MA_STOP, "het vinyl weg te leggen"),
    ("nl-NL", IDENTIFY_ECHO, "de rune {code} te ontcijferen"),
];

#[test]
fn phrases_of_earlier_releases_still_arrive() {
    for (locale, intent, sample) in EARLIER {
        let samples = LocaleSpec::of(locale).unwrap().samples(intent);
        assert!(samples.iter().any(|known| known == sample), "{locale}: {sample}");
        assert_ne!(samples[0], sample, "{locale}: the newest is spoken");
    }
}

#[test]
fn the_table_has_a_row_for_each_locale() {
    let table = start_table();
    assert_eq!(table.lines().count(), 2 + voices().count());
    for line in table.lines() {
        assert_eq!(line.matches('|').count(), 5, "{line}");
    }
    insta::assert_snapshot!(table);
}
