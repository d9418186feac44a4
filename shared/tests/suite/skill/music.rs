//! What an Echo gets that asks for music.

use ma_alexa::i18n::{self, Message};
use ma_alexa::playback::{Metadata, PlayerState, StartReason};
use ma_alexa::store::ActivityKind;
use serde_json::json;

use super::envelope::{Envelope, is_empty, listens, play, speech};
use super::home::Home;

fn english(message: &Message) -> String {
    i18n::say("en-US", message)
}

pub(super) fn not_paired(players: &[&str]) -> String {
    let players = players.iter().map(|name| (*name).to_owned()).collect();
    english(&Message::NotPaired { invocation_name: "music assistant".to_owned(), players })
}

/// Every way to ask in words, and whether the microphone stays open where there is no music.
fn ways() -> [(Envelope, bool); 4] {
    [
        (Envelope::launch(), true),
        (Envelope::play_audio(), false),
        (Envelope::intent("AMAZON.ResumeIntent"), false),
        (Envelope::intent("MaResume"), false),
    ]
}

#[tokio::test]
async fn an_unpaired_echo_hears_how_to_pair_it() {
    let home = Home::start();
    for (way, open) in ways() {
        let answer = home.ask(&way).await;
        assert_eq!(speech(&answer), not_paired(&[]));
        assert_eq!(listens(&answer), open);
    }
    assert!(is_empty(&home.ask(&Envelope::button("Play")).await));
    assert_eq!(home.counted("NotPaired"), 5);
    assert!(home.activity().await.iter().all(|kind| matches!(kind, ActivityKind::NotPaired { .. })));

    for player in ["Office", "Kitchen"] {
        home.push(player, "one").await;
    }
    for (way, _) in ways() {
        assert_eq!(speech(&home.ask(&way).await), not_paired(&["Kitchen", "Office"]));
    }
    assert_eq!(home.counted("Plays"), 0);
}

#[tokio::test]
async fn only_music_assistants_phrase_claims_an_open_start() {
    for way in [Envelope::launch(), Envelope::intent("AMAZON.ResumeIntent"), Envelope::intent("MaResume")] {
        let home = Home::start();
        home.push("Kitchen", "one").await;
        assert!(play(&home.ask(&way).await).is_none());
        assert_eq!(home.served_by("Kitchen").await, None);
    }
    let home = Home::start();
    home.push("Kitchen", "one").await;
    assert!(is_empty(&home.ask(&Envelope::button("Play")).await));
    let first = home.play(&Envelope::play_audio()).await;
    assert_eq!(first.url, "https://music.example.com/flow/one/queue/item/Kitchen.mp3");
    assert_eq!(first.offset_ms, 0);
    assert_eq!(home.served_by("Kitchen").await.unwrap(), "kitchen");
    assert_eq!(home.state("Kitchen").await, PlayerState::Requested);
    assert_eq!(home.counted("Plays"), 1);
}

#[tokio::test]
async fn a_launch_claims_where_music_assistant_says_no_more_than_the_name() {
    for locale in ["fr-FR", "fr-CA", "nl-NL"] {
        let home = Home::start();
        let launch = || Envelope::launch().locale(locale);
        let silent = home.ask(&launch()).await;
        assert!(!speech(&silent).is_empty() && !listens(&silent), "{silent}");
        home.push("Keuken", "one").await;
        home.play(&launch().from("keuken")).await;
        assert_eq!(home.served_by("Keuken").await.unwrap(), "keuken");
        home.pass(40_000);
        let stale = home.ask(&launch().from("keuken")).await;
        assert!(!listens(&stale), "{locale}");
    }
}

#[tokio::test]
async fn every_way_to_ask_plays_what_was_started_last() {
    for (way, _) in ways().into_iter().chain([(Envelope::button("Play"), false)]) {
        let home = Home::start();
        let before = home.playing("Kitchen").await;
        home.push("Kitchen", "two").await;
        home.pass(1);
        let way = way.after(&before.token, 2000, "PLAYING");
        let play = home.play(&way).await;
        assert_eq!(play.url, "https://music.example.com/flow/two/queue/item/Kitchen.mp3");
        assert_eq!(play.offset_ms, 0, "the offset is that of another stream");
        assert_ne!(play.token, before.token);
    }
}

#[tokio::test]
async fn a_flow_begins_again_and_says_so_in_every_way_to_ask() {
    for (way, _) in ways() {
        let home = Home::start();
        let stopped = home.stopped("Kitchen", 61_000).await;
        for way in [way.clone(), way.after(&stopped.token, 62_345, "STOPPED")] {
            let answer = home.ask(&way).await;
            let again = play(&answer).unwrap();
            assert_eq!((again.url.as_str(), again.offset_ms), (stopped.url.as_str(), 0), "no silence");
            assert_eq!(speech(&answer), english(&Message::FromTheBeginning), "{answer}");
            assert!(!listens(&answer));
            home.ask(&Envelope::event("Started", &again.token, 0)).await;
            assert_eq!(
                home.player("Kitchen").await.report().and_then(|report| report.origin),
                Some(StartReason::ResumedAtStart)
            );
            home.pass(100);
            home.ask(&Envelope::event("Stopped", &again.token, 99_000)).await;
            home.pass(1);
        }
    }
    let home = Home::start();
    let stopped = home.stopped("Kitchen", 61_000).await;
    let button = Envelope::button("Play").after(&stopped.token, 62_345, "STOPPED");
    assert_eq!(home.play(&button).await.offset_ms, 0, "a button is answered without a word");
}

#[tokio::test]
async fn a_single_item_goes_on_where_the_echo_says_else_where_it_was_last_known() {
    for (way, _) in ways().into_iter().chain([(Envelope::button("Play"), false)]) {
        let home = Home::start();
        home.push_path("single/one/queue/item/Kitchen.mp3", Metadata::default()).await;
        let stopped = home.play(&Envelope::play_audio()).await;
        home.pass(61);
        home.ask(&Envelope::event("Stopped", &stopped.token, 61_000)).await;
        home.pass(1);
        let known = home.play(&way).await;
        assert_eq!((known.url.as_str(), known.offset_ms), (stopped.url.as_str(), 61_000));
        assert_ne!(known.token, stopped.token, "each play has a token of its own");
        let reported = home.play(&way.clone().after(&stopped.token, 62_345, "STOPPED")).await;
        assert_eq!(reported.offset_ms, 62_345);
        let foreign = home.play(&way.after("made-up", 99_000, "STOPPED")).await;
        assert_eq!(foreign.offset_ms, 61_000);
    }
}

#[tokio::test]
async fn three_sentences_for_quick_choices_play_the_newest_once() {
    let home = Home::start();
    let before = home.playing("Kitchen").await;
    for session in ["two", "three", "four"] {
        home.push("Kitchen", session).await;
        home.clock.advance(std::time::Duration::from_millis(150));
    }
    let sentence = || Envelope::play_audio().after(&before.token, 9_000, "PLAYING");
    let first = home.play(&sentence()).await;
    assert!(first.url.contains("/four/"), "{first:?}");
    for sentence in [sentence(), sentence()] {
        home.clock.advance(std::time::Duration::from_millis(150));
        let answer = home.ask(&sentence).await;
        assert!(play(&answer).is_none() && speech(&answer).is_empty() && !listens(&answer), "{answer}");
        let repeated = home.ask(&sentence).await;
        assert_eq!(repeated, answer, "a retry gets the same answer");
    }
    home.pass(1);
    home.ask(&Envelope::event("Started", &first.token, 0)).await;
    home.pass(1);
    let late = home.ask(&Envelope::play_audio().after(&first.token, 1_000, "PLAYING")).await;
    assert!(play(&late).is_none() && speech(&late).is_empty(), "{late}");
}

#[tokio::test]
async fn the_same_request_again_plays_again() {
    let home = Home::start();
    home.playing("Kitchen").await;
    home.push("Kitchen", "two").await;
    home.pass(1);
    let sentence = Envelope::play_audio();
    for _ in 0..2 {
        let play = home.play(&sentence).await;
        assert!(play.url.contains("/two/"));
    }
}

#[tokio::test]
async fn a_playing_stream_goes_on_and_a_stopped_one_begins_again() {
    for (way, _) in ways().into_iter().chain([(Envelope::button("Play"), false)]) {
        let home = Home::start();
        let playing = home.playing("Kitchen").await;
        home.pass(300);
        let answer = home.ask(&way.clone().after(&playing.token, 301_000, "PLAYING")).await;
        assert!(play(&answer).is_none() && speech(&answer).is_empty(), "{answer}");
        home.pass(1);
        home.play(&way.clone().after(&playing.token, 301_000, "STOPPED")).await;
        // Stopped at once, and its report not here yet.
        home.push("Kitchen", "two").await;
        home.pass(1);
        let play = home.play(&Envelope::play_audio()).await;
        home.pass(2);
        home.play(&way.after(&play.token, 1_000, "STOPPED")).await;
    }
}

#[tokio::test]
async fn a_finished_stream_is_not_played_again() {
    let home = Home::start();
    let play_1 = home.playing("Kitchen").await;
    home.pass(100);
    home.ask(&Envelope::event("Finished", &play_1.token, 100_000)).await;
    for (way, open) in ways() {
        let answer = home.ask(&way.clone().after(&play_1.token, 100_000, "FINISHED")).await;
        let launched = way.0["request"]["type"] == "LaunchRequest";
        let expected = if launched { Message::LaunchPaired } else { Message::NothingToPlay };
        assert_eq!(speech(&answer), english(&expected));
        assert_eq!(listens(&answer), open);
    }
    assert!(is_empty(&home.ask(&Envelope::button("Play")).await));
    assert!(matches!(home.activity().await[0], ActivityKind::NothingToPlay { .. }));

    home.push("Kitchen", "two").await;
    assert!(play(&home.ask(&Envelope::play_audio()).await).is_some());
}

#[tokio::test]
async fn a_stream_without_a_sign_for_twelve_hours_is_not_played() {
    let home = Home::start();
    let play = home.stopped("Kitchen", 60_000).await;
    home.pass(12 * 3600 - 60);
    home.play(&Envelope::play_audio().after(&play.token, 60_000, "STOPPED")).await;
    home.pass(60);
    let answer = home.ask(&Envelope::play_audio().after(&play.token, 60_000, "STOPPED")).await;
    assert_eq!(speech(&answer), english(&Message::NothingToPlay));
}

#[tokio::test]
async fn the_last_failure_is_spoken_with_its_remedy() {
    for (error, expected) in [
        ("MEDIA_ERROR_SERVICE_UNAVAILABLE", "couldn't reach it"),
        ("MEDIA_ERROR_INVALID_REQUEST", "its address was refused"),
        ("MEDIA_ERROR_INTERNAL_SERVER_ERROR", "the music server reported an error"),
        ("MEDIA_ERROR_INTERNAL_DEVICE_ERROR", "this Echo had a problem"),
        ("MEDIA_ERROR_UNKNOWN", "Amazon gave no reason"),
        ("MEDIA_ERROR_OF_TOMORROW", "Amazon gave no reason"),
    ] {
        let home = Home::start();
        let mut token = home.playing("Kitchen").await.token;
        // What may pass is tried once more.
        for _ in 0..2 {
            home.pass(1);
            let answer = home.ask(&Envelope::failed(&token, error)).await;
            let Some(again) = play(&answer) else { break };
            token = again.token;
        }
        for (way, open) in ways() {
            let answer = home.ask(&way).await;
            assert!(speech(&answer).contains("The music of Kitchen"), "{answer}");
            assert!(speech(&answer).contains(expected), "{error}: {answer}");
            assert_eq!(listens(&answer), open);
        }
    }
}

#[tokio::test]
async fn without_a_public_address_an_echo_says_so() {
    let home = Home::start_with(&[("SKILL_ID", super::envelope::SKILL_ID)]);
    home.push("Kitchen", "one").await;
    let answer = home.ask(&Envelope::play_audio()).await;
    assert_eq!(speech(&answer), english(&Message::StreamAddressMissing));
    assert!(is_empty(&home.ask(&Envelope::button("Play")).await));
    assert_eq!(home.counted("Plays"), 0);

    let settings = ma_alexa::config::Settings {
        stream_base_url: Some("https://stored.example.com/music/".into()),
        ..ma_alexa::config::Settings::default()
    };
    ma_alexa::store::SetupStore::put_settings(home.store.as_ref(), &settings).await.unwrap();
    home.pass(10);
    let play = home.play(&Envelope::play_audio()).await;
    assert_eq!(play.url, "https://stored.example.com/music/flow/one/queue/item/Kitchen.mp3");
}

#[tokio::test]
async fn a_device_without_an_audio_player_hears_why_and_takes_nothing() {
    let home = Home::start();
    home.push("Kitchen", "one").await;
    for (way, _) in ways() {
        let answer = home.ask(&way.without_audio_player()).await;
        assert_eq!(speech(&answer), english(&Message::NoAudioPlayer));
        assert!(!listens(&answer));
    }
    let pair = Envelope::intent("PairEcho").heard("kitchen").without_audio_player();
    assert_eq!(speech(&home.ask(&pair).await), english(&Message::NoAudioPlayer));
    assert!(is_empty(&home.ask(&Envelope::button("Play").without_audio_player()).await));
    assert_eq!(home.served_by("Kitchen").await, None);
    assert!(home.household().await.echos.is_empty());
}

#[tokio::test]
async fn a_request_without_a_device_is_answered_with_a_sentence() {
    let home = Home::start();
    let ask = Envelope::play_audio().with("/context/System/device/deviceId", json!(null));
    assert_eq!(speech(&home.ask(&ask).await), english(&Message::Trouble));
}

#[tokio::test]
async fn a_play_waits_for_one_query_and_one_note() {
    let home = Home::start();
    home.playing("Kitchen").await;
    assert_eq!(home.calls(&Envelope::play_audio()).await, ["household", "note_asked"]);
    assert_eq!(home.calls(&Envelope::button("Play")).await, ["household", "note_asked"]);
    home.push("Kitchen", "two").await;
    home.pass(1);
    assert_eq!(home.calls(&Envelope::play_audio()).await, ["household", "note_asked"]);
}

#[tokio::test]
async fn two_echos_that_ask_at_once_do_not_both_get_the_start() {
    let home = Home::start();
    home.push("Kitchen", "one").await;
    let (kitchen, office) = (Envelope::play_audio(), Envelope::play_audio().from("office"));
    let (one, other) = tokio::join!(home.ask(&kitchen), home.ask(&office));
    let plays = [one, other].iter().filter(|answer| play(answer).is_some()).count();
    assert_eq!(plays, 1);
}

#[tokio::test]
async fn a_second_echo_in_music_assistants_words_makes_the_first_doubtful() {
    let home = Home::start();
    home.push("Kitchen", "one").await;
    home.play(&Envelope::play_audio()).await;
    home.pass(2);
    let answer = home.ask(&Envelope::play_audio().from("office")).await;
    assert_eq!(speech(&answer), not_paired(&["Kitchen"]));
    assert_eq!(home.served_by("Kitchen").await, None);
    assert!(home.activity().await.iter().any(|kind| matches!(kind, ActivityKind::Withdrawn { .. })));
    // No other Echo gets this start.
    assert!(play(&home.ask(&Envelope::play_audio().from("bath")).await).is_none());
}

/// A doorbell rings while the music is paused, or plays.
#[tokio::test]
async fn an_announcement_gives_the_music_back() {
    for (ends, plays) in
        [("Finished", false), ("Stopped", false), ("Failed", false), ("Finished", true), ("", false)]
    {
        let home = Home::start();
        let music = if plays { home.playing("Kitchen").await } else { home.stopped("Kitchen", 60_000).await };
        home.pass(60);
        home.push_path("announcement/Kitchen.mp3", Metadata::default()).await;
        home.pass(1);
        let bell = home.play(&Envelope::play_audio()).await;
        assert!(bell.url.contains("/announcement/"), "{}", bell.url);
        home.pass(2);
        home.ask(&Envelope::event("Started", &bell.token, 0)).await;
        home.pass(3);
        match ends {
            "Failed" => {
                let again =
                    home.play(&Envelope::failed(&bell.token, "MEDIA_ERROR_SERVICE_UNAVAILABLE")).await;
                home.pass(1);
                home.ask(&Envelope::failed(&again.token, "MEDIA_ERROR_SERVICE_UNAVAILABLE")).await;
            }
            // The second try is never reported.
            "" => {
                home.play(&Envelope::failed(&bell.token, "MEDIA_ERROR_SERVICE_UNAVAILABLE")).await;
                home.pass(31);
            }
            ends => {
                home.ask(&Envelope::event(ends, &bell.token, 2_000)).await;
            }
        }
        home.pass(5);
        if !ends.is_empty() {
            assert_eq!(home.state("Kitchen").await, PlayerState::Stopped, "{ends}");
        }
        let back = home.play(&Envelope::intent("AMAZON.ResumeIntent")).await;
        assert_eq!(back.url, music.url, "{ends}");
        home.pass(1);
        home.ask(&Envelope::event("Started", &back.token, 0)).await;
        assert_eq!(home.state("Kitchen").await, PlayerState::Playing, "{ends}");
    }
}
