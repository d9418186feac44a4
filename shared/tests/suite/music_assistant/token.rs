//! The token of Music Assistant: it stays beside its own address, and none is left over there.

use ma_alexa::clock::Clock as _;
use ma_alexa::playback::{Metadata, PlayerId, Push, StreamUrl};
use ma_alexa::store::{PlaybackStore as _, SetupStore as _};
use reqwest::Method;
use serde_json::{Value, json};

use super::connection::{ask, connect, kept};
use super::stand_in::{Household, LOGIN, StandIn, TOKEN};
use crate::api::harness::{App, KITCHEN_1, MA, bare};

fn with_password(address: &str) -> Value {
    json!({ "address": address, "username": LOGIN.0, "password": LOGIN.1 })
}

fn logouts(stand_in: &StandIn) -> usize {
    stand_in.asked().iter().filter(|(command, _)| command == "logout").count()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_is_not_kept_is_ended_in_music_assistant() {
    let stand_in = StandIn::start(Household { fails: Some("players/all"), ..Household::default() }).await;
    let app = App::start().await;
    let (status, said) = connect(&app, with_password(&stand_in.address().to_string())).await;
    assert_eq!((status, &said["error"]["code"]), (502, &json!("music_assistant_failed")), "{said}");
    assert_eq!(logouts(&stand_in), 2, "that of the sign-in, and that which was made");
    assert_eq!(kept(&app), None);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_is_entered_again_is_not_ended() {
    let (app, stand_in) = (App::start().await, StandIn::start(Household::default()).await);
    let address = stand_in.address().to_string();
    assert_eq!(connect(&app, with_password(&address)).await.0, 200);
    assert_eq!(logouts(&stand_in), 1);
    assert_eq!(connect(&app, json!({ "address": address, "token": TOKEN })).await.0, 200);
    assert_eq!(logouts(&stand_in), 0);
    ask(&app, Method::DELETE, "/v1/music-assistant", None).await;
    assert_eq!(logouts(&stand_in), 1, "it was made here all the same");
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_that_connect_at_once_address_and_token_are_those_of_one() {
    let app = App::start().await;
    let one = StandIn::start(Household { token: "token-one", ..Household::default() }).await;
    let two = StandIn::start(Household { token: "token-two", ..Household::default() }).await;
    let address = |stand_in: &StandIn| stand_in.address().to_string();
    for _ in 0..10 {
        let (first, second) = tokio::join!(
            connect(&app, with_password(&address(&one))),
            connect(&app, with_password(&address(&two))),
        );
        assert_eq!((first.0, second.0), (200, 200), "{} {}", first.1, second.1);
        let set = app.store.settings().await.unwrap().ma_api_url.unwrap().to_string();
        let token = if set == address(&one) { "token-one" } else { "token-two" };
        assert_eq!(kept(&app).as_deref(), Some(token));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_address_is_taken_as_a_browser_has_it() {
    let (app, stand_in) = (App::start().await, StandIn::start(Household::default()).await);
    let address = stand_in.address().to_string();
    let (status, body) = connect(&app, with_password(&format!("{address}/?a=b#/discover"))).await;
    assert_eq!((status, &body["address"]), (200, &json!(address)), "{body}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_kept_of_a_large_answer_is_bounded() {
    let long = "x".repeat(3000);
    let player = json!({ "player_id": "Kitchen", "name": long, "provider": "alexa--a1" });
    let players = Value::Array(vec![player; 400]);
    let stand_in = StandIn::start(Household { players, ..Household::default() }).await;
    let app = App::start().await;
    app.push(bare(KITCHEN_1)).await;
    let (status, body) = connect(&app, with_password(&stand_in.address().to_string())).await;
    assert_eq!((status, body["echos"][0]["players"].as_array().unwrap().len()), (200, 10));
    assert!(body.to_string().len() < 4000, "{}", body.to_string().len());
}

#[tokio::test(flavor = "multi_thread")]
async fn media_of_other_controllers_is_not_taken_for_music_assistant() {
    let app = App::start().await;
    let push = Push {
        player: PlayerId::from("Kitchen"),
        stream: StreamUrl::of_controller("http://192.168.1.77:8123/a.mp3?authSig=secret").unwrap(),
        grant: None,
        metadata: Metadata::default(),
        at: app.clock.now(),
        request: "media".to_owned(),
        is_play: true,
        can_skip_speech: None,
        reports_home: false,
    };
    app.store.push(&push).await.unwrap();
    let (_, body) = ask(&app, Method::GET, "/v1/music-assistant", None).await;
    assert_eq!(body["suggestions"], json!([]));
    let latest = app.get("/ma/latest-url", MA).await;
    assert_eq!(latest.status, 404, "{}", latest.body);
}
