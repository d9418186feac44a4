//! What Echos report of what they play, and Alexa of our answers.

use ma_alexa::clock::Clock as _;
use ma_alexa::playback::{Household, Metadata, PlayerId, PlayerState, StartReason};
use ma_alexa::store::ActivityKind;
use serde_json::{Value, json};

use super::envelope::{Envelope, is_empty, play, speech};
use super::home::{Home, START};

const UNAVAILABLE: &str = "MEDIA_ERROR_SERVICE_UNAVAILABLE";
const INVALID: &str = "MEDIA_ERROR_INVALID_REQUEST";

#[tokio::test]
async fn every_event_is_one_write_and_changes_the_state() {
    let home = Home::start();
    home.push("Kitchen", "one").await;
    let play = home.play(&Envelope::play_audio()).await;
    for (event, state) in [
        ("Started", PlayerState::Playing),
        ("NearlyFinished", PlayerState::Playing),
        ("Stopped", PlayerState::Stopped),
        ("Started", PlayerState::Playing),
        ("Finished", PlayerState::Finished),
    ] {
        home.pass(2);
        let offset = u64::try_from(home.household().await.players.len()).unwrap() * 1000;
        let event = Envelope::event(event, &play.token, offset);
        home.store.calls();
        assert!(is_empty(&home.ask(&event).await));
        assert_eq!(home.store.calls(), ["record"]);
        assert_eq!(home.state("Kitchen").await, state);
        assert_eq!(home.player("Kitchen").await.offset_ms(), offset);
    }
}

#[tokio::test]
async fn events_may_come_twice_late_and_in_any_order() {
    let home = Home::start();
    home.push("Kitchen", "one").await;
    let play = home.play(&Envelope::play_audio()).await;
    let at = |seconds: u64| START.plus(std::time::Duration::from_secs(seconds));
    let started = Envelope::event("Started", &play.token, 0).at(at(1));
    let stopped = Envelope::event("Stopped", &play.token, 30_000).at(at(31));
    home.pass(60);
    for event in [&stopped, &started, &stopped, &started] {
        assert!(is_empty(&home.ask(event).await));
        assert_eq!(home.state("Kitchen").await, PlayerState::Stopped);
        assert_eq!(home.player("Kitchen").await.offset_ms(), 30_000);
    }
    assert_eq!(home.player("Kitchen").await.report().map(|report| report.at), Some(at(31)));
    // What was sent later counts, although it comes first and is of an earlier place in the stream.
    let back = Envelope::event("Started", &play.token, 10_000).at(at(40));
    let stopped_later = Envelope::event("Stopped", &play.token, 35_000).at(at(36));
    for event in [&back, &stopped_later] {
        assert!(is_empty(&home.ask(event).await));
        assert_eq!(home.state("Kitchen").await, PlayerState::Playing);
    }
}

#[tokio::test]
async fn an_event_of_what_is_not_ours_changes_nothing() {
    let home = Home::start();
    let old = home.playing("Kitchen").await;
    home.push("Kitchen", "two").await;
    home.pass(1);
    let new = home.play(&Envelope::play_audio()).await;
    home.ask(&Envelope::event("Started", &new.token, 0)).await;
    let before = home.player("Kitchen").await;
    home.pass(1);
    let tokens = ["", "made-up", "https://music.example.com/flow/one/queue/item/Kitchen.mp3", &old.token];
    for token in tokens {
        for event in ["Started", "NearlyFinished", "Stopped", "Finished"] {
            assert!(is_empty(&home.ask(&Envelope::event(event, token, 5000)).await));
        }
        assert!(is_empty(&home.ask(&Envelope::failed(token, UNAVAILABLE)).await), "{token}");
    }
    assert_eq!(home.player("Kitchen").await, before);
}

#[tokio::test]
async fn a_failure_that_may_pass_is_played_once_more() {
    for error in [UNAVAILABLE, "MEDIA_ERROR_INTERNAL_SERVER_ERROR", "MEDIA_ERROR_UNKNOWN"] {
        let home = Home::start();
        let first = home.playing("Kitchen").await;
        let failed = Envelope::failed(&first.token, error);
        let again = home.play(&failed).await;
        assert_eq!((again.url.as_str(), again.offset_ms), (first.url.as_str(), 0));
        assert_ne!(again.token, first.token);
        assert_eq!(home.state("Kitchen").await, PlayerState::Requested);
        // The same request, delivered once more because its answer was lost.
        home.pass(1);
        assert!(play(&home.ask(&failed).await).is_some(), "{error}");

        home.pass(1);
        assert!(is_empty(&home.ask(&Envelope::failed(&again.token, error)).await));
        assert_eq!(home.state("Kitchen").await, PlayerState::Failed);
        assert!(is_empty(&home.ask(&Envelope::failed(&first.token, error)).await));
        assert!(home.counted("PlaybackFailures") >= 4);
    }
}

#[tokio::test]
async fn a_failure_that_lasts_is_not_played_again() {
    for error in [INVALID, "MEDIA_ERROR_INTERNAL_DEVICE_ERROR", "MEDIA_ERROR_OF_TOMORROW"] {
        let home = Home::start();
        let first = home.playing("Kitchen").await;
        assert!(is_empty(&home.ask(&Envelope::failed(&first.token, error)).await), "{error}");
        assert_eq!(home.state("Kitchen").await, PlayerState::Failed);
        assert_eq!(
            home.player("Kitchen")
                .await
                .report()
                .and_then(|report| report.state.error())
                .unwrap()
                .kind
                .as_str(),
            error
        );
    }
    // What is not known is only worth it soon after the start.
    let home = Home::start();
    let first = home.playing("Kitchen").await;
    home.pass(20);
    assert!(is_empty(&home.ask(&Envelope::failed(&first.token, "MEDIA_ERROR_UNKNOWN")).await));
}

#[tokio::test]
async fn a_resume_that_fails_begins_at_the_start() {
    let home = Home::start();
    home.push_path("single/one/queue/item/Kitchen.mp3", Metadata::default()).await;
    let play = home.play(&Envelope::play_audio()).await;
    home.pass(60);
    home.ask(&Envelope::event("Stopped", &play.token, 60_000)).await;
    let resumed = home.play(&Envelope::intent("AMAZON.ResumeIntent")).await;
    assert_eq!(resumed.offset_ms, 60_000);
    home.pass(1);
    let again = home.play(&Envelope::failed(&resumed.token, INVALID)).await;
    assert_eq!(again.offset_ms, 0);
    home.pass(1);
    home.ask(&Envelope::event("Started", &again.token, 0)).await;
    assert_eq!(
        home.player("Kitchen").await.report().and_then(|report| report.origin),
        Some(StartReason::Replayed)
    );
}

#[tokio::test]
async fn a_replay_does_not_disturb_what_plays_by_now() {
    let home = Home::start();
    let first = home.playing("Kitchen").await;
    let failed = Envelope::failed(&first.token, UNAVAILABLE).with(
        "/request/currentPlaybackState",
        json!({ "token": "another skill's", "offsetInMilliseconds": 5, "playerActivity": "PLAYING" }),
    );
    assert!(is_empty(&home.ask(&failed).await));
}

#[tokio::test]
async fn an_echo_that_lost_its_player_gets_no_replay() {
    let home = Home::start();
    let first = home.playing("Kitchen").await;
    home.ask(&Envelope::intent("PairEcho").heard("kitchen").from("another")).await;
    assert!(is_empty(&home.ask(&Envelope::failed(&first.token, UNAVAILABLE)).await));
}

#[tokio::test]
async fn a_failure_reports_how_far_the_stream_was_played() {
    for (of_this, offset_ms) in [(true, 12_000), (false, 0)] {
        let home = Home::start();
        let first = home.playing("Kitchen").await;
        let token = if of_this { first.token.as_str() } else { "another" };
        let failed = Envelope::failed(&first.token, INVALID).with(
            "/request/currentPlaybackState",
            json!({ "token": token, "offsetInMilliseconds": 12_000, "playerActivity": "STOPPED" }),
        );
        home.ask(&failed).await;
        assert_eq!(home.player("Kitchen").await.offset_ms(), offset_ms);
    }
}

#[tokio::test]
async fn a_failure_may_lack_everything_but_its_token() {
    let home = Home::start();
    let first = home.playing("Kitchen").await;
    let bare = Envelope::failed(&first.token, INVALID)
        .with("/request/error", Value::Null)
        .with("/request/currentPlaybackState", Value::Null);
    home.ask(&bare).await;
    let player = home.player("Kitchen").await;
    assert!(
        player.report().and_then(|report| report.state.error()).is_some()
            || player.replay_is_pending(home.clock.now())
    );
    assert!(is_empty(&home.ask(&bare.with("/request/token", Value::Null)).await));
}

#[tokio::test]
async fn the_text_of_a_failure_is_shortened() {
    let home = Home::start();
    home.push_path("single/one/queue/item/Kitchen.mp3", Metadata::default()).await;
    let first = home.play(&Envelope::play_audio()).await;
    let failed =
        Envelope::failed(&first.token, INVALID).with("/request/error/message", json!("ü".repeat(5000)));
    home.ask(&failed).await;
    let kitchen = home.player("Kitchen").await;
    let error = kitchen.report().and_then(|report| report.state.error()).unwrap();
    assert_eq!(error.message, Some("ü".repeat(200)));
}

#[tokio::test]
async fn a_refused_answer_is_kept_for_people_to_read() {
    let home = Home::start();
    let refused = |error: &str| ActivityKind::AnswerRefused { error: error.to_owned() };
    let exception = Envelope::told("System.ExceptionEncountered")
        .with("/request/error", json!({ "type": "INVALID_RESPONSE", "message": "made up" }))
        .with("/request/cause", json!({ "requestId": "amzn1.echo-api.request.1" }));
    assert!(is_empty(&home.ask(&exception).await));
    assert_eq!(home.activity().await, [refused("INVALID_RESPONSE")]);

    home.pass(1);
    let ended = Envelope::told("SessionEndedRequest").with("/request/reason", json!("ERROR"));
    let ended = ended.with("/request/error", json!({ "type": "DEVICE_COMMUNICATION_ERROR", "message": "" }));
    assert!(is_empty(&home.ask(&ended).await));
    assert_eq!(home.activity().await[0], refused("DEVICE_COMMUNICATION_ERROR"));

    home.pass(1);
    assert!(is_empty(&home.ask(&Envelope::told("System.ExceptionEncountered")).await));
    assert_eq!(home.activity().await[0], refused("UNKNOWN"));
    assert_eq!(home.counted("AnswerRefused"), 3);

    let ended = Envelope::told("SessionEndedRequest").with("/request/reason", json!("USER_INITIATED"));
    assert!(is_empty(&home.ask(&ended).await));
    assert_eq!(home.counted("AnswerRefused"), 3);
}

#[tokio::test]
async fn a_failure_is_reported_at_once_and_lasts_without_a_second_report() {
    let home = Home::start();
    let first = home.playing("Kitchen").await;
    home.play(&Envelope::failed(&first.token, UNAVAILABLE)).await;
    for (seconds, state) in
        [(0, PlayerState::Requested), (29, PlayerState::Requested), (1, PlayerState::Failed)]
    {
        home.pass(seconds);
        let household = home.household().await;
        let view = household.view(&household.players[0], home.clock.now());
        assert_eq!((view.state, view.error.unwrap().kind.as_str()), (state, UNAVAILABLE));
    }
    let answer = home.ask(&Envelope::intent("AMAZON.ResumeIntent")).await;
    assert!(speech(&answer).contains("Kitchen"), "the failure is named: {answer}");

    let again = home.playing("Office").await;
    let second = home.play(&Envelope::failed(&again.token, UNAVAILABLE).from("office")).await;
    home.pass(40);
    home.ask(&Envelope::event("Started", &second.token, 0).from("office")).await;
    let household = home.household().await;
    let office = household.player(&PlayerId::from("Office")).unwrap();
    assert_eq!(household.view(office, home.clock.now()).error, None, "it plays after all");
}

#[tokio::test]
async fn music_that_another_echo_plays_is_shown_there() {
    let home = Home::start();
    let first = home.playing("Kitchen").await;
    for (event, from) in [("Stopped", "hall"), ("Finished", "hall"), ("Started", "hall"), ("Started", "hall")]
    {
        home.pass(1);
        assert!(is_empty(&home.ask(&Envelope::event(event, &first.token, 9_000).from(from)).await));
        assert_eq!(home.state("Kitchen").await, PlayerState::Playing);
    }
    assert!(is_empty(&home.ask(&Envelope::failed(&first.token, UNAVAILABLE).from("attic")).await));
    let moves = home.activity().await.into_iter().filter(|kind| matches!(kind, ActivityKind::Moved { .. }));
    assert_eq!(moves.count(), 1);
    let echo = |household: &Household| {
        let view = household.view(&household.players[0], home.clock.now());
        view.echo.unwrap().as_str().trim_start_matches("amzn1.ask.device.").to_owned()
    };
    assert_eq!(echo(&home.household().await), "hall");
    assert_eq!(home.served_by("Kitchen").await.unwrap(), "kitchen");
    home.pass(1);
    home.ask(&Envelope::event("Stopped", &first.token, 9_000).from("hall")).await;
    assert_eq!(
        (home.state("Kitchen").await, echo(&home.household().await)),
        (PlayerState::Playing, "kitchen".to_owned())
    );
}
