//! What Music Assistant lets an Echo hear, from the whole sentence to the answer, in every locale.

use std::time::Duration;

use ma_alexa::clock::Clock as _;
use ma_alexa::control::HomeNames;
use ma_alexa::voice::{
    IDENTIFY_ECHO, InvocationName, LocaleSpec, MA_PAUSE, MA_RESUME, MA_STOP, MUSIC_INTENTS, MaPhrases,
    PAIR_ECHO, PLAY_AUDIO, StartOutcome, interaction_model, locales,
};
use serde_json::Value;

use super::envelope::{Envelope, is_silent, play, stops};
use super::home::Home;
use crate::api::store::StoreCondition;

/// The samples of every intent of ours, from the model that Alexa is taught.
fn samples(voice: &LocaleSpec) -> Vec<(String, String)> {
    let model = interaction_model(voice, &InvocationName::default(), &HomeNames::default());
    let intents = model.pointer("/interactionModel/languageModel/intents").and_then(Value::as_array).unwrap();
    let mut samples = Vec::new();
    for intent in intents {
        for sample in intent["samples"].as_array().unwrap() {
            let text = |value: &Value| value.as_str().unwrap().to_owned();
            samples.push((text(&intent["name"]), text(sample)));
        }
    }
    samples
}

/// What Alexa makes of a whole sentence.
fn heard(voice: &LocaleSpec, sentence: &str) -> Envelope {
    let carrier = voice.carrier(&InvocationName::default());
    let rest = sentence.strip_prefix(carrier.as_str()).unwrap_or_else(|| panic!("{sentence}: {carrier}"));
    let matches: Vec<String> = samples(voice)
        .into_iter()
        .filter(|(_, sample)| *sample == rest.trim())
        .map(|(intent, _)| intent)
        .collect();
    assert_eq!(matches.len(), 1, "{sentence}: {matches:?}");
    Envelope::intent(&matches[0]).locale(voice.locale())
}

#[test]
fn our_own_intents_are_those_of_the_model() {
    for locale in locales() {
        let names: std::collections::BTreeSet<String> =
            samples(LocaleSpec::of(locale).unwrap()).into_iter().map(|(intent, _)| intent).collect();
        let ours = [IDENTIFY_ECHO, MA_PAUSE, MA_RESUME, MA_STOP, PAIR_ECHO, PLAY_AUDIO].into_iter();
        let ours = ours.chain(MUSIC_INTENTS.iter().map(|intent| intent.name)).map(str::to_owned);
        assert_eq!(names, ours.collect());
    }
}

#[tokio::test]
async fn music_assistants_own_commands_are_done_and_go_no_further() {
    let home = Home::start();
    let playing = home.stopped("Kitchen", 60_000).await;
    for locale in locales() {
        let voice = LocaleSpec::of(locale).unwrap();
        for (builtin, utterances) in voice.ma_utterances(MaPhrases::Own) {
            // As Music Assistant puts it together.
            let sentence = format!("{} {}", voice.carrier(&InvocationName::default()), utterances[0]);
            let envelope = heard(voice, &sentence).after(&playing.token, 60_000, "STOPPED");
            home.store.calls();
            let answer = home.ask(&envelope).await;
            let mut calls = home.store.calls();
            calls.sort_unstable();
            match builtin {
                "AMAZON.PauseIntent" | "AMAZON.StopIntent" => {
                    assert!(stops(&answer), "{sentence}: {answer}");
                    assert_eq!(calls, ["household"], "{sentence}");
                }
                "AMAZON.ResumeIntent" => {
                    assert_eq!(play(&answer).unwrap().offset_ms, 0, "{sentence}: {answer}");
                    assert_eq!(calls, ["household", "note_asked"], "{sentence}");
                }
                other => panic!("{other}"),
            }
            assert_eq!(answer["response"]["shouldEndSession"], true, "{sentence}");
        }
    }
}

#[tokio::test]
async fn music_assistants_sentence_for_play_starts_the_music_where_it_is_understood() {
    for locale in locales() {
        let voice = LocaleSpec::of(locale).unwrap();
        for sentence in voice.start_sentences() {
            let envelope = match sentence.arrives_as {
                StartOutcome::PlayAudio => heard(voice, &sentence.says),
                StartOutcome::LaunchRequest => Envelope::launch().locale(locale),
                StartOutcome::NotUnderstood => continue,
            };
            let home = Home::start();
            home.push("Kitchen", "one").await;
            home.play(&envelope).await;
            assert_eq!(home.served_by("Kitchen").await.unwrap(), "kitchen");
        }
    }
}

/// Replacing what plays, Music Assistant lets the Echo hear stop and start 50 to 70 ms apart, and Amazon may deliver
/// them the other way round.
#[tokio::test]
async fn a_stop_of_music_assistant_never_ends_a_newer_start() {
    for intent in ["MaStop", "MaPause"] {
        for stop_comes_first in [true, false] {
            let home = Home::start();
            let old = home.playing("Kitchen").await;
            home.pass(60);
            home.push("Kitchen", "two").await;
            let stop = Envelope::intent(intent).after(&old.token, 60_000, "PLAYING");
            let start = Envelope::play_audio();
            home.clock.advance(Duration::from_millis(2900));
            if stop_comes_first {
                assert!(is_silent(&home.ask(&stop).await), "{intent}");
            }
            let new = home.play(&start).await;
            assert!(new.url.contains("/two/"), "{intent}: {}", new.url);
            let late = Envelope::intent(intent).after(&new.token, 0, "PLAYING");
            assert!(is_silent(&home.ask(&late).await), "{intent}");
            // A person's stop is done at once, and Music Assistant's as soon as no start can have overtaken it.
            for persons in ["AMAZON.StopIntent", "AMAZON.PauseIntent", "AMAZON.CancelIntent"] {
                assert!(stops(&home.ask(&Envelope::intent(persons)).await), "{persons}");
            }
            home.clock.advance(Duration::from_millis(100));
            assert!(stops(&home.ask(&late).await), "{intent}");
        }
    }
}

#[tokio::test]
async fn a_stop_of_music_assistant_is_done_where_no_start_speaks_against_it() {
    let home = Home::start();
    assert!(stops(&home.ask(&Envelope::intent("MaStop")).await), "an Echo that serves no player");
    home.playing("Kitchen").await;
    home.pass(60);
    home.push("Office", "one").await;
    assert!(stops(&home.ask(&Envelope::intent("MaStop")).await), "another player's start");
    home.push("Kitchen", "two").await;
    assert!(is_silent(&home.ask(&Envelope::intent("MaStop")).await));
    home.store.set_condition(StoreCondition::IsDown);
    assert!(stops(&home.ask(&Envelope::intent("MaStop")).await), "a start that cannot be read");
    home.store.set_condition(StoreCondition::Serves);
    home.clock.set(home.clock.now().minus(Duration::from_hours(1)));
    assert!(stops(&home.ask(&Envelope::intent("MaStop")).await), "a start in the future");
}
