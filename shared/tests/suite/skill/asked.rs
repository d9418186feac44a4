//! What people ask of Music Assistant, in every locale: the request that comes of it, and the answer to each reply.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

use futures_util::future::BoxFuture;
use ma_alexa::control::{
    Action, Control, ControlError, ControlRequest, MusicKind, MusicRequest, MusicSource, MusicUse, Reply,
    Suggestion,
};
use ma_alexa::i18n::{self, Message};
use ma_alexa::voice::{LocaleSpec, MUSIC_INTENTS, PLAY_MUSIC, QUERY_SLOT, SEARCH_QUERY, locales};
use serde_json::{Value, json};

use super::envelope::{Envelope, is_silent, stops};
use super::home::Home;
use super::tables::{CONTROL_ERRORS, OF_AMAZON};

/// Replies what a test wants, and keeps what was asked.
#[derive(Debug)]
struct Fake {
    reply: Mutex<Reply>,
    asked: Mutex<Vec<ControlRequest>>,
}

impl Fake {
    fn replies(&self, reply: Reply) {
        *self.reply.lock().unwrap() = reply;
    }

    fn asked(&self) -> Vec<ControlRequest> {
        std::mem::take(&mut *self.asked.lock().unwrap())
    }

    /// The only action since the last look.
    fn action(&self) -> Action {
        let [request] = &self.asked()[..] else { panic!("one request") };
        request.action.clone()
    }
}

impl Control for Fake {
    fn carry_out<'a>(&'a self, request: &'a ControlRequest) -> BoxFuture<'a, Reply> {
        Box::pin(async move {
            self.asked.lock().unwrap().push(request.clone());
            self.reply.lock().unwrap().clone()
        })
    }
}

/// A home whose Echo `kitchen` serves the player Kitchen.
async fn home() -> (Home, Arc<Fake>) {
    let fake = Arc::new(Fake { reply: Mutex::new(Reply::Done), asked: Mutex::default() });
    let home = Home::start().with_control(fake.clone());
    home.playing("Kitchen").await;
    (home, fake)
}

fn suggestion(title: &str) -> Suggestion {
    Suggestion {
        kind: Some(MusicKind::Album),
        title: title.to_owned(),
        artist: Some("Joni Mitchell".to_owned()),
        uri: format!("library://album/{title}"),
    }
}

/// A request for an intent, with something in each of its slots.
fn request(intent: &str, locale: &str) -> Envelope {
    let mut envelope = Envelope::intent(intent).locale(locale);
    let slots = MUSIC_INTENTS.iter().find(|known| known.name == intent).unwrap().slots;
    for (slot, kind) in slots {
        let value = match *kind {
            SEARCH_QUERY => "blue",
            "AMAZON.DURATION" => "PT30M",
            "AMAZON.NUMBER" => "40",
            _player => "office",
        };
        envelope.0["request"]["intent"]["slots"][slot] =
            json!({ "name": slot, "confirmationStatus": "NONE", "source": "USER", "value": value });
    }
    envelope
}

/// The request after an answer, in the same conversation.
fn after(answer: &Value, intent: &str) -> Envelope {
    let mut envelope = Envelope::intent(intent).in_conversation();
    envelope.0["session"]["attributes"] = answer.get("sessionAttributes").cloned().unwrap_or(json!({}));
    envelope
}

fn speech(answer: &Value) -> &str {
    answer.pointer("/response/outputSpeech/text").and_then(Value::as_str).unwrap_or_default()
}

fn listens(answer: &Value) -> bool {
    answer["response"]["shouldEndSession"] == false
}

/// The intents that ask Music Assistant for something.
fn asking() -> impl Iterator<Item = &'static str> {
    MUSIC_INTENTS.iter().map(|intent| intent.name).filter(|name| !name.starts_with("Pick"))
}

fn play(text: &str, used: MusicUse) -> Action {
    let selection = MusicSource::Heard { text: text.to_owned(), kind: None };
    Action::Play(MusicRequest { selection, used, room: None })
}

#[tokio::test]
async fn every_intent_asks_music_assistant_in_every_locale() {
    let (home, fake) = home().await;
    for locale in locales() {
        let mut actions = BTreeSet::new();
        for intent in asking() {
            home.ask(&request(intent, locale)).await;
            let asked = fake.asked();
            let [one] = &asked[..] else { panic!("{locale} {intent}: {asked:?}") };
            assert_eq!((one.player.as_str(), one.locale.as_str()), ("Kitchen", locale), "{intent}");
            assert!(actions.insert(format!("{:?}", one.action)), "{locale} {intent}: {:?}", one.action);
            let takes_room = ["MoreLikeThis", "LikeThis", "UnlikeThis", "WhatIsPlaying"].contains(&intent);
            let is_elsewhere = matches!(&one.action, Action::In { room, .. } if room == "office");
            assert_eq!(is_elsewhere, takes_room, "{locale} {intent}: {:?}", one.action);
        }
        assert_eq!(actions.len(), 27);
    }
}

/// One reply of each kind, with the intent that it is a reply to; without names that would be the same in all languages.
fn replies() -> Vec<(&'static str, Reply)> {
    let heard = || "blue".to_owned();
    let starting = |room: Option<&str>| Reply::Starting {
        music: Some(suggestion("Blue")),
        room: room.map(str::to_owned),
    };
    let errors = CONTROL_ERRORS.map(|error| ("PlayMusic", Reply::Failed(error)));
    let replies = vec![
        ("LikeThis", Reply::Done),
        ("UnlikeThis", Reply::Done),
        ("MoveMusic", Reply::Done),
        ("StopPlayer", Reply::Done),
        ("SetVolume", Reply::Done),
        ("SleepTimer", Reply::Done),
        ("SleepTimerOff", Reply::Done),
        ("PlayMusic", starting(None)),
        ("PlayAlbum", starting(Some("Office"))),
        ("MoveMusic", Reply::Starting { music: None, room: Some("Office".to_owned()) }),
        ("QueueMusic", Reply::Queued(suggestion("Blue"))),
        ("PlayNextUp", Reply::QueuedNext(suggestion("Blue"))),
        ("WhatIsPlaying", Reply::Playing(suggestion("Blue"))),
        ("WhatIsPlaying", Reply::NothingPlays),
        ("PlayMusic", Reply::Choose(vec![suggestion("Blue")])),
        ("PlayMusic", Reply::Choose(vec![suggestion("Blue"), suggestion("Blue Train")])),
        ("PlayMusic", Reply::Choose(vec![suggestion("Blue"), suggestion("Azul"), suggestion("Blau")])),
        ("PlayMusic", Reply::Choose(Vec::new())),
        ("PlaySong", Reply::NotFound { heard: heard() }),
        ("StopPlayer", Reply::RoomUnknown { heard: heard(), several: Vec::new() }),
    ];
    replies.into_iter().chain(errors).collect()
}

#[tokio::test]
async fn amazons_own_intents_ask_music_assistant_in_every_locale() {
    let (home, fake) = home().await;
    for locale in locales() {
        for (intent, action) in OF_AMAZON {
            fake.replies(Reply::Failed(ControlError::QueueEmpty));
            let envelope = Envelope::intent(&format!("AMAZON.{intent}Intent")).locale(locale);
            let answer = home.ask(&envelope).await;
            assert_eq!(fake.action(), action, "{locale} {intent}");
            let said = i18n::say(locale, &Message::Control(ControlError::QueueEmpty));
            assert_eq!(speech(&answer), said, "{locale} {intent}");
        }
    }
}

/// Nothing is left to play here, so that Music Assistant has to go on.
#[tokio::test]
async fn a_resume_asks_music_assistant_in_every_locale() {
    let (home, fake) = home().await;
    home.pass(13 * 3600);
    fake.replies(Reply::Failed(ControlError::QueueEmpty));
    for locale in locales() {
        let answer = home.ask(&Envelope::intent("AMAZON.ResumeIntent").locale(locale)).await;
        assert_eq!(fake.action(), Action::Resume, "{locale}");
        let said = i18n::say(locale, &Message::Control(ControlError::QueueEmpty));
        assert_eq!(speech(&answer), said, "{locale}");
    }
}

#[tokio::test]
async fn every_other_intent_of_amazons_is_answered_without_music_assistant_in_every_locale() {
    let (home, fake) = home().await;
    let name = || "music assistant".to_owned();
    for locale in locales() {
        for (intent, message) in [
            ("Pause", None),
            ("Stop", None),
            ("Cancel", None),
            ("NavigateHome", None),
            ("Help", Some(Message::Help { invocation_name: name() })),
            ("Fallback", Some(Message::Fallback { invocation_name: name() })),
            ("Yes", Some(Message::NothingToConfirm)),
            ("No", Some(Message::NothingToConfirm)),
        ] {
            let answer = home.ask(&Envelope::intent(&format!("AMAZON.{intent}Intent")).locale(locale)).await;
            let said = message.map_or_else(String::new, |message| i18n::say(locale, &message));
            assert_eq!(speech(&answer), said, "{locale} {intent}");
            assert_eq!(stops(&answer), ["Pause", "Stop", "Cancel"].contains(&intent), "{locale} {intent}");
            assert_eq!(listens(&answer), intent == "Help", "{locale} {intent}");
        }
    }
    assert!(fake.asked().is_empty());
}

#[tokio::test]
async fn every_reply_is_said_in_the_language_of_the_echo() {
    let (home, fake) = home().await;
    for (intent, reply) in replies() {
        fake.replies(reply.clone());
        let english = home.ask(&request(intent, "en-US")).await;
        assert!(!speech(&english).is_empty(), "{intent} {reply:?}");
        let mut said = BTreeSet::new();
        for locale in locales() {
            let answer = home.ask(&request(intent, locale)).await;
            let asks = matches!(&reply, Reply::Choose(suggestions) if !suggestions.is_empty());
            assert_eq!(listens(&answer), asks, "{locale} {intent}: {answer}");
            if !locale.starts_with("en") {
                assert_ne!(speech(&answer), speech(&english), "{locale} {intent}");
            }
            for name in ["Blue", "Azul", "Office"] {
                let is_named = speech(&english).contains(name);
                assert_eq!(speech(&answer).contains(name), is_named, "{locale}: {answer}");
            }
            assert!(!speech(&answer).contains(['{', '}', '<']), "{locale}: {answer}");
            said.insert(speech(&answer).to_owned());
        }
        assert!(said.len() >= 10, "{intent} {reply:?}: {said:?}");
    }
}

#[tokio::test]
async fn what_is_heard_is_not_said_as_well() {
    let (home, fake) = home().await;
    for (intent, reply) in [
        ("AMAZON.NextIntent", Reply::Starting { music: None, room: None }),
        ("AMAZON.StartOverIntent", Reply::Done),
    ] {
        fake.replies(reply);
        let answer = home.ask(&Envelope::intent(intent)).await;
        assert!(is_silent(&answer), "{intent}: {answer}");
    }
}

#[tokio::test]
async fn yes_plays_the_first_and_no_offers_the_next() {
    let (home, fake) = home().await;
    let all = ["Blue", "Azul", "Blau"].map(suggestion).to_vec();
    fake.replies(Reply::Choose(all));
    let asked = home.ask(&request("ShuffleMusic", "en-US")).await;
    assert_eq!(fake.action(), play("blue", MusicUse::Shuffle));
    assert!(speech(&asked).starts_with("Did you mean Blue by"), "{asked}");
    let chosen = |title: &str| {
        let selection = MusicSource::Suggested(format!("library://album/{title}"));
        Action::Play(MusicRequest { selection, used: MusicUse::Shuffle, room: None })
    };
    fake.replies(Reply::Starting { music: Some(suggestion("Blue")), room: None });
    for (intent, title) in
        [("AMAZON.YesIntent", "Blue"), ("PickFirst", "Blue"), ("PickSecond", "Azul"), ("PickThird", "Blau")]
    {
        let answer = home.ask(&after(&asked, intent)).await;
        assert_eq!(fake.action(), chosen(title), "{intent}");
        assert!(!listens(&answer) && answer.get("sessionAttributes").is_none(), "{answer}");
    }

    let second = home.ask(&after(&asked, "AMAZON.NoIntent")).await;
    assert_eq!(speech(&second), "Did you mean Azul by Joni Mitchell?");
    assert!(listens(&second));
    home.ask(&after(&second, "AMAZON.YesIntent")).await;
    assert_eq!(fake.action(), chosen("Azul"));
    let third = home.ask(&after(&second, "AMAZON.NoIntent")).await;
    for intent in ["PickThird", "AMAZON.RepeatIntent"] {
        let again = home.ask(&after(&third, intent)).await;
        assert_eq!((speech(&again), listens(&again)), (speech(&third), true), "{intent}");
    }
    let over = home.ask(&after(&third, "AMAZON.NoIntent")).await;
    assert_eq!((speech(&over), listens(&over)), ("All right.", false));
    assert!(fake.asked().is_empty());
}

#[tokio::test]
async fn without_a_question_there_is_nothing_to_confirm() {
    let (home, fake) = home().await;
    let foreign = json!({ "sessionAttributes": { "kept": { "version": 9 }, "other": [1, 2] } });
    for intent in ["AMAZON.YesIntent", "AMAZON.NoIntent", "PickFirst", "PickSecond"] {
        for answer in [json!({}), foreign.clone()] {
            let answer = home.ask(&after(&answer, intent)).await;
            assert_eq!(speech(&answer), i18n::say("en-US", &Message::NothingToConfirm), "{intent}");
        }
    }
    assert!(fake.asked().is_empty());
}

#[tokio::test]
async fn a_title_with_a_question_mark_opens_no_microphone() {
    let (home, fake) = home().await;
    fake.replies(Reply::Playing(suggestion("What's Going On")));
    let answer = home.ask(&request("WhatIsPlaying", "en-US")).await;
    assert_eq!(speech(&answer), "This is What's Going On by Joni Mitchell.");
    fake.replies(Reply::Playing(suggestion("Why? <Because> & \"More\"")));
    let envelope = request("WhatIsPlaying", "en-US").at(super::home::START);
    let answer = serde_json::to_value(home.skill.answer(&envelope.body()).await.unwrap()).unwrap();
    assert!(speech(&answer).contains("Why? <Because> & \"More\""), "{answer}");
    assert_eq!(answer["response"]["outputSpeech"]["type"], "PlainText");
    assert!(!listens(&answer), "{answer}");
}

#[tokio::test]
async fn blank_and_wrong_values_ask_for_nothing() {
    let (home, fake) = home().await;
    for (intent, slot, value, said) in [
        ("SleepTimer", "duration", "?", Message::DurationUnclear),
        ("SleepTimer", "duration", "PT25H", Message::DurationTooLong),
        ("SetVolume", "level", "101", Message::LevelUnclear),
        ("PlayMusic", "query", " ", Message::Fallback { invocation_name: "music assistant".to_owned() }),
        ("MoveMusic", "player", "", Message::Fallback { invocation_name: "music assistant".to_owned() }),
    ] {
        for locale in locales() {
            let mut envelope = request(intent, locale);
            envelope.0["request"]["intent"]["slots"][slot]["value"] = json!(value);
            let answer = home.ask(&envelope).await;
            assert_eq!(speech(&answer), i18n::say(locale, &said), "{locale} {intent}");
            assert!(!listens(&answer));
        }
    }
    assert!(fake.asked().is_empty());
}

/// Music Assistant's own sentence may be heard as a search for "audio". It starts the music all the same.
#[tokio::test]
async fn music_assistants_words_are_no_search() {
    for locale in locales() {
        let voice = LocaleSpec::of(locale).unwrap();
        let slot = format!("{{{QUERY_SLOT}}}");
        let (before, after) = voice.samples(PLAY_MUSIC)[0].split_once(slot.as_str()).unwrap();
        let spoken = voice.samples("PlayAudio").iter().map(|sample| sample.replace(' ', ""));
        let bare: Vec<String> = spoken
            .filter_map(|sample| {
                let words = sample.strip_prefix(before.trim())?.strip_suffix(&after.replace(' ', ""))?;
                (!words.is_empty()).then(|| words.to_owned())
            })
            .collect();
        assert!(!bare.is_empty(), "{locale}");
        for words in bare {
            let (home, fake) = home().await;
            home.push("Kitchen", "another").await;
            let mut envelope = request(PLAY_MUSIC, locale);
            envelope.0["request"]["intent"]["slots"][QUERY_SLOT]["value"] = json!(words);
            let started = home.play(&envelope).await;
            assert!(started.url.contains("another"), "{locale} {words}: {}", started.url);
            assert!(fake.asked().is_empty(), "{locale} {words}");
        }
    }
}
