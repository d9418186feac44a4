//! What is answered in words, or with a stop, without any music.

use ma_alexa::control::ControlError;
use ma_alexa::i18n::{self, Message};
use ma_alexa::voice::locales;
use serde_json::json;

use super::envelope::{Envelope, SKILL_ID, is_empty, listens, speech, stops};
use super::home::Home;

const NO_CALLS: [&str; 0] = [];

#[tokio::test]
async fn the_stop_of_a_person_always_stops_and_asks_no_store() {
    for paired in [false, true] {
        let home = Home::start();
        if paired {
            home.playing("Kitchen").await;
        }
        for name in ["AMAZON.PauseIntent", "AMAZON.StopIntent", "AMAZON.CancelIntent"] {
            for intent in [Envelope::intent(name), Envelope::intent(name).without_audio_player()] {
                home.store.calls();
                assert!(stops(&home.ask(&intent).await), "{name}");
                assert_eq!(home.store.calls(), NO_CALLS);
            }
        }
        assert!(stops(&home.ask(&Envelope::button("Pause")).await));
        assert_eq!(home.store.calls(), NO_CALLS);
    }
}

#[tokio::test]
async fn requests_for_music_assistants_controls_say_so() {
    let home = Home::start();
    for name in ["Next", "Previous", "LoopOn", "LoopOff", "ShuffleOn", "ShuffleOff", "Repeat", "StartOver"] {
        let answer = home.ask(&Envelope::intent(&format!("AMAZON.{name}Intent"))).await;
        assert!(speech(&answer).contains("not connected to Music Assistant's controls"), "{name}: {answer}");
        assert!(!listens(&answer));
    }
    for button in ["Next", "Previous"] {
        assert!(is_empty(&home.ask(&Envelope::button(button)).await));
    }
    assert_eq!(home.store.calls(), NO_CALLS);
}

#[tokio::test]
async fn help_listens_and_what_is_not_understood_does_not() {
    let home = Home::start();
    let help = home.ask(&Envelope::intent("AMAZON.HelpIntent")).await;
    assert!(listens(&help));
    assert!(speech(&help).contains("ask music assistant to play audio"));
    for name in ["AMAZON.FallbackIntent", "PlayArtistIntent", "AMAZON.SomethingNew", "play audio", "कुछ"]
    {
        let answer = home.ask(&Envelope::intent(name)).await;
        assert!(speech(&answer).starts_with("Sorry, I didn't understand that."), "{name}: {answer}");
        assert!(!listens(&answer));
    }
    for name in ["AMAZON.YesIntent", "AMAZON.NoIntent"] {
        let answer = home.ask(&Envelope::intent(name)).await;
        assert_eq!(speech(&answer), i18n::say("en-US", &Message::NothingToConfirm));
        assert!(!listens(&answer));
    }
    let home_screen = home.ask(&Envelope::intent("AMAZON.NavigateHomeIntent")).await;
    assert_eq!(home_screen["response"], json!({ "shouldEndSession": true }));
    assert_eq!(home.store.calls(), NO_CALLS);
}

#[tokio::test]
async fn the_skill_is_taught_by_the_name_that_it_has() {
    let home = Home::start_with(&[("SKILL_ID", SKILL_ID), ("INVOCATION_NAME", "house jukebox")]);
    for intent in ["AMAZON.HelpIntent", "AMAZON.FallbackIntent", "PlayAudio"] {
        let answer = home.ask(&Envelope::intent(intent)).await;
        assert!(speech(&answer).contains("house jukebox"), "{answer}");
    }

    let home = Home::start();
    let settings = ma_alexa::config::Settings {
        invocation_name: Some("kitchen radio".into()),
        ..ma_alexa::config::Settings::default()
    };
    ma_alexa::store::SetupStore::put_settings(home.store.as_ref(), &settings).await.unwrap();
    for intent in ["PlayAudio", "AMAZON.HelpIntent", "AMAZON.FallbackIntent"] {
        let answer = home.ask(&Envelope::intent(intent)).await;
        assert!(speech(&answer).contains("kitchen radio"), "{answer}");
    }
}

/// The marks of a question in the languages that are spoken.
const QUESTION_MARKS: [char; 3] = ['?', '？', '؟'];

/// What a person may say to an Echo that is not paired.
fn spoken_by_a_person(locale: &str) -> Vec<Envelope> {
    let pair = |heard: &str| Envelope::intent("PairEcho").heard(heard);
    let mut spoken = vec![
        Envelope::intent("PairEcho"),
        pair("kitchen"),
        pair("garage"),
        pair("kitchen").without_audio_player(),
        Envelope::intent("AMAZON.ResumeIntent"),
        Envelope::intent("AMAZON.ResumeIntent").without_audio_player(),
    ];
    let names = ["Help", "Fallback", "Yes", "No", "Next", "Repeat", "Stop", "NavigateHome"];
    spoken.extend(names.map(|name| Envelope::intent(&format!("AMAZON.{name}Intent"))));
    if !["fr-FR", "fr-CA", "nl-NL"].contains(&locale) {
        spoken.push(Envelope::launch());
    }
    spoken.into_iter().map(|envelope| envelope.from("stranger").locale(locale)).collect()
}

/// Each state of a home that has sentences of its own.
async fn homes() -> [Home; 4] {
    let empty = Home::start();
    let known = Home::start();
    known.push("Kitchen One", "one").await;
    known.push("Kitchen Two", "one").await;
    known.pass(60);
    let failed = Home::start();
    failed.push("Kitchen", "one").await;
    let mut token = failed.play(&Envelope::play_audio().from("stranger")).await.token;
    for _ in 0..2 {
        failed.pass(1);
        let report = Envelope::failed(&token, "MEDIA_ERROR_UNKNOWN").from("stranger");
        token = super::envelope::play(&failed.ask(&report).await).map_or(token, |again| again.token);
    }
    let over = Home::start();
    over.push("Kitchen", "one").await;
    let token = over.play(&Envelope::play_audio().from("stranger")).await.token;
    over.pass(60);
    over.ask(&Envelope::event("Finished", &token, 60_000).from("stranger")).await;
    [empty, known, failed, over]
}

/// Every sentence that a person causes: a question leaves the microphone open, and repeats itself.
#[tokio::test]
async fn a_question_is_never_asked_into_a_closed_microphone() {
    let mut questions = 0;
    for locale in locales() {
        for home in homes().await {
            for envelope in spoken_by_a_person(locale) {
                let answer = home.ask(&envelope).await;
                if speech(&answer).contains(QUESTION_MARKS) {
                    questions += 1;
                    assert!(listens(&answer), "{locale}: {answer}");
                    let again = answer.pointer("/response/reprompt/outputSpeech/text").unwrap();
                    assert!(!again.as_str().unwrap().is_empty());
                }
            }
            // Music Assistant may have caused these.
            for name in ["PlayAudio", "MaResume"] {
                let answer = home.ask(&Envelope::intent(name).from("other").locale(locale)).await;
                assert!(!listens(&answer), "{locale} {name}: {answer}");
            }
        }
    }
    assert!(questions >= 17 * 10, "the table is thinner than it looks: {questions}");
}

/// What is said where nothing works has no question in it: it is said to whatever asks.
#[test]
fn an_error_message_is_no_question() {
    for locale in locales() {
        for message in [
            Message::Trouble,
            Message::StateUnavailable,
            Message::StateTooNew,
            Message::SkillNotSetUp,
            Message::FromTheBeginning,
        ] {
            assert!(!i18n::say(locale, &message).contains(QUESTION_MARKS), "{locale} {message:?}");
        }
    }
}

/// The intents that speak in a home without players, and what they say.
fn spoken_in_an_empty_home() -> [(&'static str, Message); 8] {
    let name = || "music assistant".to_owned();
    [
        ("PlayAudio", Message::NotPaired { invocation_name: name(), players: Vec::new() }),
        ("AMAZON.ResumeIntent", Message::NotPaired { invocation_name: name(), players: Vec::new() }),
        ("AMAZON.HelpIntent", Message::Help { invocation_name: name() }),
        ("AMAZON.FallbackIntent", Message::Fallback { invocation_name: name() }),
        ("AMAZON.NextIntent", Message::Control(ControlError::NotConnected)),
        ("AMAZON.YesIntent", Message::NothingToConfirm),
        ("PairEcho", Message::PairNoPlayers),
        ("NewIntent", Message::Fallback { invocation_name: name() }),
    ]
}

#[tokio::test]
async fn every_sentence_is_said_in_the_language_of_the_echo() {
    let home = Home::start();
    for locale in locales().chain(["de-AT", "sv-SE"]) {
        for (intent, message) in spoken_in_an_empty_home() {
            let answer = home.ask(&Envelope::intent(intent).locale(locale)).await;
            assert_eq!(speech(&answer), i18n::say(locale, &message), "{locale} {intent}");
        }
    }
    let german = home.ask(&Envelope::intent("AMAZON.NextIntent").locale("de-DE")).await;
    assert!(speech(&german).starts_with("Das kann ich nicht"), "{german}");
    let unsaid = Envelope::intent("AMAZON.NextIntent").with("/request/locale", json!(null));
    assert!(speech(&home.ask(&unsaid).await).starts_with("I can't do that"));
}

#[tokio::test]
async fn a_can_fulfill_request_gets_a_no() {
    let home = Home::start();
    let mut question = Envelope::intent("PairEcho").heard("kitchen");
    question.0["request"]["type"] = json!("CanFulfillIntentRequest");
    let answer = home.ask(&question).await;
    assert_eq!(
        answer["response"]["canFulfillIntent"],
        json!({ "canFulfill": "NO", "slots": { "player": { "canUnderstand": "NO", "canFulfill": "NO" } } })
    );
    assert_eq!(home.store.calls(), NO_CALLS);
}
