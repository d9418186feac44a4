//! Mistakes that other programs of this kind have made.

use std::net::TcpListener;

use ma_alexa::playback::{Metadata, PlayerState};
use ma_alexa::skill::{Rejection, SkillIdPolicy};
use serde_json::{Value, json};

use super::envelope::{Envelope, SKILL_ID, is_empty, play, speech, stops};
use super::home::Home;
use crate::api::store::StoreCondition;

/// What an Echo with a screen gets to play is in a format that it plays, as for any other.
#[tokio::test]
async fn a_screen_gets_the_stream_in_a_format_that_it_plays() {
    let home = Home::start();
    home.push("Show", "one").await;
    let show = Envelope::play_audio().with("/context/System/device/supportedInterfaces", with_a_screen());
    let played = home.play(&show).await;
    assert!(played.url.ends_with("/Show.mp3"), "{}", played.url);
}

fn with_a_screen() -> Value {
    json!({ "AudioPlayer": {}, "Alexa.Presentation.APL": { "runtime": { "maxVersion": "2024.3" } } })
}

#[tokio::test]
async fn a_screen_and_a_speaker_that_ask_at_once_both_play() {
    let home = Home::start();
    for player in ["Show", "Dot"] {
        home.playing(player).await;
        home.push(player, "two").await;
    }
    home.pass(1);
    for _ in 0..10 {
        let show = Envelope::play_audio()
            .from("show")
            .with("/context/System/device/supportedInterfaces", with_a_screen());
        let dot = Envelope::play_audio().from("dot");
        let (show, dot) = tokio::join!(home.ask(&show), home.ask(&dot));
        assert!(play(&show).unwrap().url.ends_with("/Show.mp3"));
        assert!(play(&dot).unwrap().url.ends_with("/Dot.mp3"));
        // Who asks again at once has it already.
        home.pass(10);
    }
}

#[tokio::test]
async fn a_second_pause_within_seconds_is_a_pause() {
    let home = Home::start();
    home.playing("Kitchen").await;
    let another_process = home.another(&[("SKILL_ID", SKILL_ID)], SkillIdPolicy::KnownSkills);
    for intent in ["MaPause", "AMAZON.PauseIntent", "AMAZON.PauseIntent", "MaPause", "AMAZON.PauseIntent"] {
        home.pass(1);
        assert!(stops(&home.ask(&Envelope::intent(intent)).await));
        assert!(stops(&home.ask_of(&another_process, &Envelope::intent(intent)).await.unwrap()));
    }
}

#[tokio::test]
async fn the_stream_is_not_probed_and_the_store_alone_is_asked() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let address = format!("https://{}", listener.local_addr().unwrap());
    let home = Home::start_with(&[
        ("SKILL_ID", SKILL_ID),
        ("STREAM_BASE_URL", &address),
        ("ART_BASE_URL", &address),
    ]);
    let image = Some(format!(
        "http://{}/imageproxy/0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
        listener.local_addr().unwrap()
    ));
    let metadata = Metadata { image_url: image, ..Metadata::default() };
    home.push_path("flow/one/queue/item/Kitchen.flac", metadata).await;
    home.store.calls();
    let first = home.play(&Envelope::play_audio()).await;
    assert!(first.url.starts_with(&address));
    home.play(&Envelope::failed(&first.token, "MEDIA_ERROR_SERVICE_UNAVAILABLE")).await;
    let caller = listener.accept().map(drop).map_err(|error| error.kind());
    assert_eq!(caller, Err(std::io::ErrorKind::WouldBlock));
    let calls = home.store.calls();
    assert_eq!(calls.len(), 6, "{calls:?}");
    for call in ["note_asked", "household", "claim", "note", "record", "learn_route"] {
        assert!(calls.contains(&call), "{calls:?}");
    }
}

#[tokio::test]
async fn a_name_with_spaces_and_umlauts_resumes_where_it_was() {
    for name in ["Office Echo", "Küche", "Bad \u{1f3a7} 50% #1"] {
        let home = Home::start();
        let encoded = percent_encoding::utf8_percent_encode(name, percent_encoding::NON_ALPHANUMERIC);
        home.push_path(&format!("single/one/queue/item/{encoded}.flac"), Metadata::default()).await;
        let first = home.play(&Envelope::play_audio()).await;
        home.pass(60);
        home.ask(&Envelope::event("Stopped", &first.token, 58_000)).await;
        assert_eq!(home.player(name).await.offset_ms(), 58_000);
        let again =
            home.play(&Envelope::intent("AMAZON.ResumeIntent").after(&first.token, 58_000, "STOPPED")).await;
        assert_eq!((again.url, again.offset_ms), (first.url, 58_000));
    }
}

#[tokio::test]
async fn a_stream_that_nearly_finished_is_not_queued_again() {
    let home = Home::start();
    let old = home.playing("Kitchen").await;
    for _ in 0..3 {
        home.pass(1);
        assert!(is_empty(&home.ask(&Envelope::event("NearlyFinished", &old.token, 1000)).await));
    }
    home.push("Kitchen", "two").await;
    home.pass(1);
    assert!(is_empty(&home.ask(&Envelope::event("NearlyFinished", &old.token, 2000)).await));
    assert!(is_empty(&home.ask(&Envelope::event("Finished", &old.token, 3000)).await));
}

#[tokio::test]
async fn a_stream_that_never_plays_is_tried_twice_and_without_a_word() {
    let home = Home::start();
    home.push("Kitchen", "one").await;
    let mut token = home.play(&Envelope::play_audio()).await.token;
    let mut plays = 1;
    for _ in 0..10 {
        home.pass(1);
        let answer = home.ask(&Envelope::failed(&token, "MEDIA_ERROR_SERVICE_UNAVAILABLE")).await;
        assert_eq!(speech(&answer), "");
        if let Some(again) = play(&answer) {
            token = again.token;
            plays += 1;
        }
    }
    assert_eq!(plays, 2);
    assert_eq!(home.state("Kitchen").await, PlayerState::Failed);
}

#[tokio::test]
async fn the_play_button_never_speaks_and_goes_on_where_it_was() {
    let home = Home::start();
    assert!(is_empty(&home.ask(&Envelope::button("Play")).await));
    home.push_path("single/one/queue/item/Kitchen.mp3", Metadata::default()).await;
    let stopped = home.play(&Envelope::play_audio()).await;
    home.pass(61);
    home.ask(&Envelope::event("Stopped", &stopped.token, 61_000)).await;
    let again = home.play(&Envelope::button("Play").after(&stopped.token, 61_000, "STOPPED")).await;
    assert_eq!(again.offset_ms, 61_000);
    home.pass(13 * 3600);
    assert!(is_empty(&home.ask(&Envelope::button("Play")).await));
}

#[tokio::test]
async fn a_pause_on_the_device_itself_is_known() {
    let home = Home::start();
    let playing = home.playing("Kitchen").await;
    assert_eq!(home.state("Kitchen").await, PlayerState::Playing);
    home.pass(30);
    // The device reports its own button by this alone.
    home.ask(&Envelope::event("Stopped", &playing.token, 30_000)).await;
    assert_eq!(home.state("Kitchen").await, PlayerState::Stopped);
    assert_eq!(home.player("Kitchen").await.offset_ms(), 30_000);
}

#[tokio::test]
async fn that_the_music_began_and_ended_is_known() {
    let home = Home::start();
    home.push("Kitchen", "one").await;
    assert_eq!(home.state("Kitchen").await, PlayerState::Idle);
    let playing = home.play(&Envelope::play_audio()).await;
    assert_eq!(home.state("Kitchen").await, PlayerState::Requested);
    home.pass(1);
    home.ask(&Envelope::event("Started", &playing.token, 0)).await;
    assert_eq!(home.state("Kitchen").await, PlayerState::Playing);
    home.pass(200);
    home.ask(&Envelope::event("Finished", &playing.token, 199_000)).await;
    assert_eq!(home.state("Kitchen").await, PlayerState::Finished);
}

#[tokio::test]
async fn spoken_answers_hold_no_address() {
    let home = Home::start();
    let playing = home.playing("Kitchen").await;
    for name in ["AMAZON.HelpIntent", "AMAZON.FallbackIntent", "AMAZON.NextIntent", "NewIntent", "PairEcho"] {
        let said = home.ask(&Envelope::intent(name)).await.to_string();
        for part in ["http", "192.168", "music.example.com", "flow", ".mp3", "streamUrl"] {
            assert!(!said.contains(part), "{name}: {said}");
        }
    }
    // What goes wrong over an event is no reason to speak either.
    home.store.set_condition(StoreCondition::Panics);
    for event in ["Started", "NearlyFinished", "Stopped", "Finished"] {
        assert!(is_empty(&home.ask(&Envelope::event(event, &playing.token, 0)).await));
    }
    let answer = home.ask(&Envelope::play_audio()).await;
    assert!(!answer.to_string().contains("the store panics"), "{answer}");
}

#[tokio::test]
async fn a_request_without_a_device_is_answered() {
    let home = Home::start();
    for event in [
        "SkillEnabled",
        "SkillDisabled",
        "SkillAccountLinked",
        "SkillPermissionAccepted",
        "SkillPermissionChanged",
        "ProactiveSubscriptionChanged",
        "SomethingNew",
    ] {
        assert!(is_empty(&home.ask(&Envelope::skill_event(event)).await), "{event}");
    }
    let message = Envelope::told("Messaging.MessageReceived").with("/context/System/device", json!(null));
    assert!(is_empty(&home.ask(&message).await));
}

#[tokio::test]
async fn an_unclear_request_plays_no_old_music() {
    let home = Home::start();
    let stopped = home.stopped("Kitchen", 60_000).await;
    for _ in 0..2 {
        for intent in ["AMAZON.FallbackIntent", "NewIntent"] {
            let fallback = Envelope::intent(intent).after(&stopped.token, 60_000, "STOPPED");
            assert!(play(&home.ask(&fallback).await).is_none());
        }
        home.pass(13 * 3600);
    }
    let resume = Envelope::intent("AMAZON.ResumeIntent").after(&stopped.token, 60_000, "STOPPED");
    assert!(play(&home.ask(&resume).await).is_none());
}

#[tokio::test]
async fn without_a_skill_id_a_foreign_skill_gets_nothing() {
    let home = Home::start_with(&[("SKILL_ID", ""), ("STREAM_BASE_URL", "https://music.example.com")]);
    home.push("Kitchen", "one").await;
    for envelope in [Envelope::play_audio(), Envelope::play_audio().skill("amzn1.ask.skill.another")] {
        let rejection = home.ask_of(&home.skill, &envelope).await.unwrap_err();
        assert_eq!(rejection, Rejection::NoSkillKnown);
        let answer = serde_json::to_value(rejection.answer(&envelope.body())).unwrap();
        assert!(play(&answer).is_none());
    }
    assert_eq!(home.served_by("Kitchen").await, None);
}
