//! What Music Assistant lets an Echo hear, from the whole sentence to the answer, in every locale.

use ma_alexa::voice::{
    Arrival, IDENTIFY_ECHO, InvocationName, MA_PAUSE, MA_RESUME, MA_STOP, MaPhrases, PAIR_ECHO, PLAY_AUDIO,
    Voice, locales,
};
use serde_json::Value;

use super::envelope::{Envelope, play, stops};
use super::home::Home;

/// The samples of every intent of ours, from the model that Alexa is taught.
fn samples(voice: &Voice) -> Vec<(String, String)> {
    let model = voice.interaction_model(&InvocationName::default());
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
fn heard(voice: &Voice, sentence: &str) -> Envelope {
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
            samples(Voice::of(locale).unwrap()).into_iter().map(|(intent, _)| intent).collect();
        assert_eq!(
            names.into_iter().collect::<Vec<_>>(),
            [IDENTIFY_ECHO, MA_PAUSE, MA_RESUME, MA_STOP, PAIR_ECHO, PLAY_AUDIO]
        );
    }
}

#[tokio::test]
async fn music_assistants_own_commands_are_done_and_go_no_further() {
    let home = Home::start();
    let playing = home.stopped("Kitchen", 60_000).await;
    for locale in locales() {
        let voice = Voice::of(locale).unwrap();
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
                    assert_eq!(calls, [""; 0], "{sentence}");
                }
                "AMAZON.ResumeIntent" => {
                    assert_eq!(play(&answer).unwrap().offset_ms, 60_000, "{sentence}: {answer}");
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
        let voice = Voice::of(locale).unwrap();
        for sentence in voice.start_sentences() {
            let envelope = match sentence.arrives_as {
                Arrival::PlayAudio => heard(voice, &sentence.says),
                Arrival::LaunchRequest => Envelope::launch().locale(locale),
                Arrival::NotUnderstood => continue,
            };
            let home = Home::start();
            home.push("Kitchen", "one").await;
            home.play(&envelope).await;
            assert_eq!(home.served_by("Kitchen").await.unwrap(), "kitchen");
        }
    }
}
