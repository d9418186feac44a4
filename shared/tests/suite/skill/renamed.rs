//! Echos that ask after the start of another player, also under a new name, and pairings that move.

use ma_alexa::i18n::{self, Message};
use ma_alexa::playback::PairingKind;
use ma_alexa::store::ActivityKind;

use super::envelope::{Envelope, listens, play, speech};
use super::home::Home;
use super::music::not_paired;

fn elsewhere(locale: &str, player: &str, started: &str) -> String {
    let message = Message::Elsewhere {
        invocation_name: "music assistant".to_owned(),
        player: player.to_owned(),
        started: started.to_owned(),
    };
    i18n::say(locale, &message)
}

#[tokio::test]
async fn a_paired_echo_never_gets_the_music_of_another() {
    let home = Home::start();
    home.playing("Kitchen").await;
    home.playing("Office").await;
    home.pass(60);
    home.push("Office", "two").await;
    home.pass(1);
    let told = home.ask(&Envelope::play_audio().from("kitchen")).await;
    assert_eq!(speech(&told), elsewhere("en-US", "Kitchen", "Office"), "and no older one of its own");
    let own = Envelope::intent("AMAZON.ResumeIntent").from("kitchen");
    assert!(home.play(&own).await.url.ends_with("/flow/one/queue/item/Kitchen.mp3"));
}

/// An Echo that was paired by word and renamed later, in every language: both names, and what to say.
#[tokio::test]
async fn a_renamed_echo_that_a_person_paired_hears_both_names() {
    for locale in ma_alexa::voice::locales() {
        let home = Home::start();
        home.push("Office", "one").await;
        home.ask(&Envelope::intent("PairEcho").heard("office").from("den")).await;
        for start in 1..=4_u32 {
            home.pass(3600);
            home.push("Den", &format!("start-{start}")).await;
            home.pass(1);
            let way = Envelope::play_audio().from("den").locale(locale);
            let answer = home.ask(&way).await;
            assert!(play(&answer).is_none() && !listens(&answer), "{answer}");
            assert_eq!(speech(&answer), elsewhere(locale, "Office", "Den"));
            assert!(speech(&answer).contains("Office") && speech(&answer).matches("Den").count() >= 2);
            assert_eq!(home.ask(&way).await, answer, "a retry gets the same answer");
            let strays = home.household().await;
            assert_eq!(strays.strays().len(), usize::from(start >= 3), "{start}");
        }
        let told = home.activity().await;
        let kind = ActivityKind::Elsewhere {
            echo: ma_alexa::alexa::DeviceId::from(super::envelope::device("den")).short_hash(),
            player: Some("Office".into()),
            started: "Den".into(),
        };
        assert!(told.contains(&kind), "{told:?}");
        // What it was told to say.
        home.ask(&Envelope::intent("PairEcho").heard("den").from("den").locale(locale)).await;
        home.push("Den", "last").await;
        home.pass(1);
        assert!(home.play(&Envelope::play_audio().from("den")).await.url.contains("/last/"));
    }
}

#[tokio::test]
async fn an_echo_that_takes_the_name_of_a_dead_one_hears_which_player_was_started() {
    let home = Home::start();
    home.playing("Kitchen").await;
    home.playing("Bath").await;
    home.pass(3600);
    home.push("Kitchen", "two").await;
    home.pass(1);
    let answer = home.ask(&Envelope::play_audio().from("new")).await;
    assert_eq!(speech(&answer), not_paired(&["Kitchen"]));
    home.pass(3600);
    home.push("Kitchen", "three").await;
    home.pass(1);
    assert!(home.play(&Envelope::play_audio().from("new")).await.url.contains("/three/"));
}

#[tokio::test]
async fn a_renamed_echo_claims_the_player_of_its_new_name_unless_it_plays_and_says_so_then() {
    for (activity, new_name) in [("STOPPED", true), ("PLAYING", false), ("BUFFER_UNDERRUN", false)] {
        let home = Home::start();
        let before = home.playing("Kitchen").await;
        home.pass(60);
        home.push("Galley", "one").await;
        home.pass(1);
        let answer = home.ask(&Envelope::play_audio().after(&before.token, 61_000, activity)).await;
        let claimed = play(&answer).is_some_and(|play| play.url.ends_with("/Galley.mp3"));
        assert_eq!(claimed, new_name, "{activity}: {answer}");
        let told = elsewhere("en-US", "Kitchen", "Galley");
        assert_eq!(speech(&answer), if new_name { "" } else { &told }, "{activity}");
        assert_eq!(home.served_by("Galley").await.is_some(), new_name, "{activity}");
    }
}

fn learned(home: &[ActivityKind]) -> usize {
    home.iter().filter(|kind| matches!(kind, ActivityKind::Paired { how: PairingKind::Learned, .. })).count()
}

#[tokio::test]
async fn a_pairing_that_moves_is_said_and_one_that_stays_is_not() {
    for (echo, pairings) in [("kitchen", 1), ("new", 2)] {
        let home = Home::start();
        home.playing("Kitchen").await;
        assert_eq!(learned(&home.activity().await), 1);
        // Its Echo lets two starts go by.
        for session in ["two", "three"] {
            home.pass(60);
            home.push("Kitchen", session).await;
        }
        home.pass(1);
        home.play(&Envelope::play_audio().from(echo)).await;
        assert_eq!(home.served_by("Kitchen").await.unwrap(), echo);
        assert_eq!(learned(&home.activity().await), pairings, "{echo}");
    }
}
