//! A person pauses an Echo, and the queue behind it is paused where that costs no sentence.

use std::sync::Arc;
use std::time::Duration;

use ma_alexa::clock::Clock as _;
use ma_alexa::clock::testing::SeededRandom;
use ma_alexa::config::Config;
use ma_alexa::deps::Deps;
use ma_alexa::home_control::HomeControl;
use ma_alexa::music_assistant::Connection;
use ma_alexa::playback::{Push, StreamUrl};
use ma_alexa::renderer_report::RendererReports;
use ma_alexa::store::PlaybackStore as _;
use ma_alexa::telemetry::Metrics;
use serde_json::json;

use super::super::envelope::Envelope;
use super::super::home::{Home, START};
use crate::api::harness::{FakeSecrets, MA, OWNER, credentials, env};
use crate::music_assistant::stand_in::{Household, StandIn, TOKEN};
use crate::store::samples;

/// A home whose pauses go to a stand-in of Music Assistant, by controls with these values of the variable.
async fn home(values: &[&str]) -> (Home, StandIn, Vec<HomeControl>) {
    let stand_in = StandIn::start(Household::default()).await;
    let home = Home::start();
    let secrets = FakeSecrets::with_both_pairs();
    let mut kept = credentials(OWNER, MA);
    kept.ma_token = Some(TOKEN.into());
    secrets.set(Ok(Some(kept)));
    let control = |value: &&str| {
        let address = stand_in.address().to_string();
        let variables = env(&[("MA_API_URL", address.as_str()), ("MA_VOICE_PAUSE", *value)]);
        let deps = Deps {
            store: home.store.clone(),
            clock: home.clock.clone(),
            random: Arc::new(SeededRandom::new(1)),
            metrics: Arc::new(Metrics::exposed(START)),
            config: Arc::new(Config::from_env(&variables).unwrap()),
        };
        let connection = Connection::new(&deps, secrets.clone(), RendererReports::default());
        HomeControl::new(&deps, connection)
    };
    let controls = values.iter().map(control).collect();
    (home, stand_in, controls)
}

/// The Echo of a room plays what was pushed last. The token of that.
async fn plays(home: &Home, room: &str) -> String {
    let played = home.play(&Envelope::play_audio().from(room)).await;
    home.pass(1);
    home.ask(&Envelope::event("Started", &played.token, 0).from(room)).await;
    home.pass(60);
    played.token
}

/// The Echo of a room plays what was pushed last. A person says "pause" to it, and it reports that it stopped.
async fn pauses(home: &Home, room: &str) {
    let token = plays(home, room).await;
    home.ask(&Envelope::intent("AMAZON.PauseIntent").from(room)).await;
    home.ask(&Envelope::event("Stopped", &token, 60_000).from(room)).await;
}

/// The players whose queues were asked for, once one of them was paused.
async fn paused(stand_in: &StandIn) -> Vec<String> {
    let (mut asked, mut is_paused) = (Vec::new(), false);
    let looks = async {
        while !is_paused {
            tokio::time::sleep(Duration::from_millis(5)).await;
            for (command, args) in stand_in.asked() {
                is_paused |= command == "player_queues/pause";
                if command == "player_queues/get_active_queue" {
                    asked.push(args["player_id"].as_str().unwrap().to_owned());
                }
            }
        }
    };
    tokio::time::timeout(Duration::from_secs(20), looks).await.unwrap();
    asked
}

#[tokio::test]
async fn a_pause_by_a_person_pauses_the_queue_once_its_echo_is_silent() {
    let (home, stand_in, mut controls) = home(&["auto"]).await;
    let home = home.with_control(Arc::new(controls.remove(0)));
    for way in [Envelope::intent("AMAZON.PauseIntent"), Envelope::button("Pause")] {
        home.pass(60);
        home.silent_push("Kitchen", &home.clock.now().millis().to_string()).await;
        let token = plays(&home, "kitchen").await;
        home.ask(&way).await;
        assert!(stand_in.asked().is_empty(), "the Echo has not reported it");
        home.ask(&Envelope::event("Stopped", &token, 60_000)).await;
        assert_eq!(paused(&stand_in).await, ["Kitchen"]);
    }
}

#[tokio::test]
async fn no_pause_is_sent_that_would_be_spoken_or_is_not_wanted() {
    let (home, stand_in, controls) = home(&["never", "auto"]).await;
    let [never, auto] = &controls[..] else { panic!("two controls") };
    stand_in.change(|household| {
        let player =
            |name| json!({ "player_id": name, "name": name, "provider": "alexa--a1", "available": true });
        household.players = ["Kitchen", "Bath", "Attic", "Office"].map(player).into_iter().collect();
    });
    let home = home.with_control(Arc::new(never.clone()));
    home.silent_push("Kitchen", "one").await;
    pauses(&home, "kitchen").await;

    let home = home.with_control(Arc::new(auto.clone()));
    // The released provider speaks in any case.
    home.pass(60);
    home.push("Bath", "one").await;
    pauses(&home, "bath").await;
    home.pass(60);
    // A station goes on by itself.
    let stream = StreamUrl::parse("http://192.168.1.5:8097/single/one/Attic/item/Attic.mp3").unwrap();
    let station = samples::push("Attic", "one", home.clock.now());
    home.store.push(&Push { can_skip_speech: Some(true), stream, ..station }).await.unwrap();
    pauses(&home, "attic").await;
    home.pass(60);
    // What is sent comes behind all that is not.
    home.silent_push("Office", "one").await;
    pauses(&home, "office").await;
    assert_eq!(paused(&stand_in).await, ["Office"]);
}
