//! An Echo brings back the code that it was made to say.

use ma_alexa::account::{ChallengePurpose, ChallengeResponse, OneTimeWord, PairingChallenge};
use ma_alexa::alexa::DeviceId;
use ma_alexa::clock::Clock as _;
use ma_alexa::i18n::{self, Message};
use ma_alexa::playback::{Metadata, PairingKind, PlayerId, PlayerState};
use ma_alexa::store::{ActivityKind, WordStore as _};
use serde_json::{Value, json};

use super::envelope::{Envelope, device, is_empty, play, speech};
use super::home::Home;

/// No word, no microphone.
fn is_silent(answer: &Value) -> bool {
    answer["response"] == json!({ "shouldEndSession": true })
}

#[tokio::test]
async fn a_word_shows_which_echo_it_is_without_a_sound() {
    let home = Home::start();
    let code = home.issue(7, "Kitchen", ChallengePurpose::Identify).await;
    let envelope = Envelope::identify(code.as_str()).locale("de-DE").from("new");
    insta::assert_json_snapshot!(home.ask(&envelope).await);

    let household = home.household().await;
    let echo = household.echo(&DeviceId::from(device("new"))).unwrap();
    assert_eq!((echo.serial.as_deref(), echo.name.as_deref()), (Some("G0KITCHEN"), Some("Kitchen")));
    assert_eq!((echo.locale.as_deref(), echo.asked_at), (Some("de-DE"), None));
    assert_eq!(home.player("Kitchen").await.pairing.unwrap().kind, PairingKind::Word);
    assert_eq!(home.served_by("Kitchen").await.unwrap(), "new");
    assert_eq!(home.state("Kitchen").await, PlayerState::Idle);
    let paired = ActivityKind::Paired {
        player: PlayerId::from("Kitchen"),
        echo: echo.device.short_hash(),
        how: PairingKind::Word,
    };
    assert_eq!(home.activity().await, [paired]);
    let challenge = home.store.challenge(&code, home.clock.now()).await.unwrap().unwrap();
    assert_eq!(
        challenge.used.unwrap().device,
        echo.device,
        "the request that made it speak can see that it did"
    );

    // The same request once more.
    assert!(is_silent(&home.ask(&envelope).await));
    assert_eq!(home.activity().await.len(), 1);

    // From now on it plays what is started there, although nothing was ever learned.
    home.pass(1);
    home.push("Office", "one").await;
    home.push("Kitchen", "one").await;
    home.pass(1);
    let played = home.play(&Envelope::play_audio().from("new")).await;
    assert!(played.url.contains("Kitchen"), "{played:?}");
    assert_eq!(home.state("Kitchen").await, PlayerState::Requested);
}

#[tokio::test]
async fn a_code_waits_for_few_calls_of_the_store() {
    let home = Home::start();
    home.push("Kitchen", "one").await;
    let code = home.issue(0, "Kitchen", ChallengePurpose::Identify).await;
    assert_eq!(home.calls(&Envelope::identify(code.as_str())).await, ["link", "take_code"]);
    assert_eq!(home.calls(&Envelope::identify(code.as_str())).await, ["take_code"]);
    assert_eq!(home.calls(&Envelope::identify("kitchen")).await, [""; 0]);
    assert_eq!(home.calls(&Envelope::intent("IdentifyEcho")).await, [""; 0]);
    let code = home.issue(1, "Kitchen", ChallengePurpose::Play { version: 1 }).await;
    let calls = home.calls(&Envelope::identify(code.as_str())).await;
    assert_eq!(calls, ["household", "link", "note_asked", "take_code"]);
}

#[tokio::test]
async fn a_code_for_a_play_plays_exactly_that() {
    let home = Home::start();
    home.playing("Office").await;
    home.ask(&Envelope::intent("PairEcho").heard("office").from("kitchen")).await;
    home.push("Kitchen", "one").await;
    home.pass(1);
    home.push("Office", "two").await;
    home.pass(1);
    let code = home.issue(3, "Kitchen", ChallengePurpose::Play { version: 1 }).await;
    let answer = home.ask(&Envelope::identify(code.as_str())).await;
    insta::assert_json_snapshot!(answer);
    let played = play(&answer).unwrap();
    assert!(played.url.contains("Kitchen"), "the other one is newer, and its own: {played:?}");
    home.ask(&Envelope::event("Started", &played.token, 0)).await;
    assert_eq!(home.state("Kitchen").await, PlayerState::Playing);
    for name in ["Kitchen", "Office"] {
        assert_eq!(home.served_by(name).await.unwrap(), "kitchen", "{name}: it serves both");
    }
    let household = home.household().await;
    let echo = household.echo(&DeviceId::from(device("kitchen"))).unwrap();
    assert_eq!(echo.serial.as_deref(), Some("G0KITCHEN"));
    assert!(echo.asked_at.is_some());
}

#[tokio::test]
async fn the_same_play_is_answered_alike_when_it_is_asked_for_again() {
    let home = Home::start();
    home.push("Kitchen", "one").await;
    let code = home.issue(3, "Kitchen", ChallengePurpose::Play { version: 1 }).await;
    let envelope = Envelope::identify(code.as_str());
    let (first, again) = (home.play(&envelope).await, home.play(&envelope).await);
    assert_eq!((&first.url, first.offset_ms), (&again.url, again.offset_ms));
    assert_eq!(home.state("Kitchen").await, PlayerState::Requested);
    let household = home.household().await;
    let echo = household.echo(&DeviceId::from(device("kitchen"))).unwrap();
    assert_eq!(echo.asked_before, None, "it asked once");
}

#[tokio::test]
async fn a_code_for_an_older_play_plays_the_newest() {
    let home = Home::start();
    home.push("Kitchen", "one").await;
    let code = home.issue(3, "Kitchen", ChallengePurpose::Play { version: 1 }).await;
    home.pass(1);
    home.push("Kitchen", "two").await;
    home.pass(1);
    let played = home.play(&Envelope::identify(code.as_str())).await;
    assert!(played.url.contains("/two/") && played.offset_ms == 0, "{played:?}");
}

#[tokio::test]
async fn a_code_for_what_stopped_goes_on_where_it_was() {
    let home = Home::start();
    home.push_path("single/one/queue/item/Kitchen.mp3", Metadata::default()).await;
    let play = home.play(&Envelope::play_audio()).await;
    home.pass(60);
    home.ask(&Envelope::event("Stopped", &play.token, 60_000)).await;
    let code = home.issue(3, "Kitchen", ChallengePurpose::Play { version: 1 }).await;
    assert_eq!(home.play(&Envelope::identify(code.as_str())).await.offset_ms, 60_000);
}

#[tokio::test]
async fn a_code_for_what_cannot_be_played_says_so() {
    let home = Home::start();
    let code = home.issue(3, "Kitchen", ChallengePurpose::Play { version: 1 }).await;
    let answer = home.ask(&Envelope::identify(code.as_str())).await;
    assert_eq!(speech(&answer), i18n::say("en-US", &Message::NothingToPlay), "it was never pushed");
    assert_eq!(home.served_by("Kitchen").await.unwrap(), "kitchen");

    home.push("Office", "one").await;
    let code = home.issue(4, "Office", ChallengePurpose::Play { version: 1 }).await;
    let screenless = Envelope::identify(code.as_str()).from("phone").without_audio_player();
    let answer = home.ask(&screenless).await;
    assert_eq!(speech(&answer), i18n::say("en-US", &Message::NoAudioPlayer));
    assert_eq!(home.state("Office").await, PlayerState::Idle, "it did not ask");
}

#[tokio::test]
async fn an_unknown_or_used_word_changes_nothing_and_is_silent() {
    let home = Home::start();
    home.playing("Kitchen").await;
    let used = home.issue(1, "Kitchen", ChallengePurpose::Identify).await;
    home.ask(&Envelope::identify(used.as_str())).await;
    let late = home.issue(2, "Office", ChallengePurpose::Play { version: 1 }).await;
    home.pass(PairingChallenge::LASTS.as_secs());
    let before = (home.household().await, home.activity().await);
    let never = OneTimeWord::from_index(900);
    for heard in [used.as_str(), late.as_str(), never.as_str(), "kitchen", "🎧", &"ü".repeat(9000)] {
        for envelope in
            [Envelope::identify(heard), Envelope::identify(heard).from("stranger").in_conversation()]
        {
            let answer = home.ask(&envelope).await;
            assert!(is_silent(&answer), "{heard}: {answer}");
        }
    }
    assert_eq!((home.household().await, home.activity().await), before);
}

#[tokio::test]
async fn without_a_word_it_was_not_understood() {
    let home = Home::start();
    let fallback = home.ask(&Envelope::intent("AMAZON.FallbackIntent")).await;
    for envelope in [Envelope::intent("IdentifyEcho"), Envelope::identify(" ")] {
        assert_eq!(home.ask(&envelope).await, fallback);
    }
    assert!(!is_empty(&fallback) && !speech(&fallback).is_empty());
}

#[tokio::test]
async fn a_code_that_was_heard_otherwise_is_known_by_the_entity() {
    let home = Home::start();
    let code = home.issue(7, "Kitchen", ChallengePurpose::Identify).await;
    let mut envelope = Envelope::identify("what a fab");
    let known = Envelope::intent("PairEcho").heard("").known_as(code.as_str());
    envelope.0["request"]["intent"]["slots"]["code"]["resolutions"] =
        known.0["request"]["intent"]["slots"]["player"]["resolutions"].clone();
    assert!(is_silent(&home.ask(&envelope).await));
    assert_eq!(home.served_by("Kitchen").await.unwrap(), "kitchen");
}

/// What was cut off behind the code is made good when the same request comes again.
#[tokio::test]
async fn a_request_that_was_cut_off_goes_on() {
    let home = Home::start();
    let code = home.issue(7, "Kitchen", ChallengePurpose::Identify).await;
    let envelope = Envelope::identify(code.as_str());
    let taken = ChallengeResponse {
        device: DeviceId::from(device("kitchen")),
        request: envelope.0["request"]["requestId"].as_str().unwrap().to_owned(),
        at: home.clock.now(),
    };
    assert!(home.store.consume_challenge(&code, &taken).await.unwrap().is_some());
    assert!(is_silent(&home.ask(&envelope).await));
    assert_eq!(home.served_by("Kitchen").await.unwrap(), "kitchen");
}

#[tokio::test]
async fn an_echo_without_a_name_is_not_taken_for_one() {
    let home = Home::start();
    let code = home.issue(7, "Kitchen", ChallengePurpose::Identify).await;
    let anonymous = Envelope::identify(code.as_str()).with("/context/System/device", Value::Null);
    assert_eq!(speech(&home.ask(&anonymous).await), i18n::say("en-US", &Message::Trouble));
    assert!(is_silent(&home.ask(&Envelope::identify(code.as_str())).await));
    assert_eq!(home.served_by("Kitchen").await.unwrap(), "kitchen", "the code was not used up");
}

#[tokio::test]
async fn a_player_that_was_never_pushed_is_known_by_voice() {
    let home = Home::start();
    let code = home.issue(7, "Kitchen", ChallengePurpose::Identify).await;
    home.ask(&Envelope::identify(code.as_str())).await;
    let answer = home.ask(&Envelope::intent("PairEcho").heard("the kitchen").from("office")).await;
    assert_eq!(speech(&answer), i18n::say("en-US", &Message::Paired { player: "Kitchen".to_owned() }));
    assert_eq!(home.served_by("Kitchen").await.unwrap(), "office");
}

/// The Echo got the newest by another word, and plays it: to give it again would begin it again.
#[tokio::test]
async fn a_code_for_an_older_play_leaves_the_newest_that_plays() {
    let home = Home::start();
    home.push("Kitchen", "one").await;
    let code = home.issue(3, "Kitchen", ChallengePurpose::Play { version: 1 }).await;
    home.pass(1);
    home.push("Kitchen", "two").await;
    let newest = home.issue(4, "Kitchen", ChallengePurpose::Play { version: 2 }).await;
    let played = home.play(&Envelope::identify(newest.as_str())).await;
    home.ask(&Envelope::event("Started", &played.token, 0)).await;
    home.pass(1);
    let late = Envelope::identify(code.as_str()).after(&played.token, 1000, "PLAYING");
    assert!(is_silent(&home.ask(&late).await));
}
