//! What plays goes on while one of the two starts again, or an Echo gets another name.

use std::sync::Arc;
use std::time::{Duration, Instant};

use end_to_end::amazon::serial;
use end_to_end::api::http_client;
use end_to_end::ports;
use ma_alexa::renderer::udn;
use serde_json::json;

use super::controller::Controller;
use super::echos::Echos;
use super::house::{in_a_house, with_a_neighbour};
use super::household::RealHousehold;
use super::queues::{KITCHEN, PATIENCE};

const ECHO: &str = serial::KITCHEN;

#[test]
fn the_real_binary_is_found_and_may_start_again() {
    let name = "renderers::restarts::the_real_binary_is_found_and_may_start_again";
    with_a_neighbour(name, async |neighbour| {
        let household = RealHousehold::new().await;
        let bind = format!("0.0.0.0:{}", ports::free_port());
        let server = household.start(&bind);
        household.sign_in(&server).await;
        server.offers(ECHO).await;
        let (queues, _hook, _sentences) = neighbour.start(&[]).await;
        queues.have_all().await;
        let echos = Echos::new(Arc::clone(&household) as _, queues.ma.streams());
        let listening = tokio::spawn(echos.clone().listen());
        let tracks = queues.tracks().await;
        queues.play(KITCHEN, &tracks[..1]).await;
        queues.is(KITCHEN, "playing", "Tone 1").await;
        let began = Instant::now();

        server.program.kill();
        let server = household.start(&bind);
        server.offers(ECHO).await;
        let plays = async || server.renderer(ECHO).await["state"] == "playing";
        queues.until("what plays", PATIENCE, plays).await;
        let mut controller = Controller::of(&server, ECHO).await;
        let since = began.elapsed();
        let position = controller.position().await;
        assert!(position + Duration::from_secs(2) > since, "{position:?} after {since:?}");
        assert_eq!(echos.sentences(ECHO), 1, "no start is made by that");

        queues.press(KITCHEN, "pause").await;
        controller.sees("TransportState", "PAUSED_PLAYBACK").await;
        echos.is_silent(ECHO).await;
        // Its subscription ended with the process before, so it sees by polling what was paused; a play it looks after.
        queues.play(KITCHEN, &tracks[1..2]).await;
        controller.sees("TransportState", "PLAYING").await;
        queues.is(KITCHEN, "playing", "Tone 2").await;
        queues.have_all().await;
        assert_eq!((echos.sentences(ECHO), echos.titles(ECHO).len()), (2, 2), "one for each start");
        listening.abort();
        assert!(server.program.terminate().status.success());
    });
}

#[test]
fn music_assistant_may_start_again_and_an_echo_be_renamed() {
    let name = "renderers::restarts::music_assistant_may_start_again_and_an_echo_be_renamed";
    in_a_house(name, async |house| {
        let tracks = house.tracks().await;
        house.play(KITCHEN, &tracks[..1]).await;
        house.is(KITCHEN, "playing", "Tone 1").await;
        house.has_begun(ECHO, 1, 1).await;

        house.queues.ma.restart().await;
        house.have_all().await;
        // Its player has forgotten by which protocol it played, and shows nothing of that until the next play.
        let plays = async || house.renderer_of_player(KITCHEN).await["playback_state"] == "playing";
        house.until("what plays", PATIENCE, plays).await;
        assert!(house.echos.plays(ECHO));
        assert_eq!(house.heard_at(ECHO), 1, "no start is made by that");
        house.play(KITCHEN, &tracks[1..2]).await;
        house.is(KITCHEN, "playing", "Tone 2").await;
        house.has_begun(ECHO, 2, 2).await;

        house.amazon().change_device(ECHO, |echo| "Esszimmer".clone_into(&mut echo.name));
        house.harness.api.get("/v1/devices?refresh=true").await;
        // The list is looked at every half a minute, and a report makes that time count.
        house.harness.pass(Duration::from_secs(31));
        assert_eq!(house.echos.nears_the_end(ECHO).await, None);
        let port = house.harness.state.renderers().report().address().unwrap().port();
        let description = format!("http://127.0.0.1:{port}/{}/description.xml", udn(ECHO));
        let is_described = async || {
            let answer = http_client().get(&description).send().await.unwrap();
            answer.text().await.unwrap().contains("<friendlyName>Esszimmer</friendlyName>")
        };
        house.until("the new name", PATIENCE, is_described).await;
        house.is(KITCHEN, "playing", "Tone 2").await;
        assert_eq!(house.heard_at(ECHO), 2, "it plays on");
        house.press(KITCHEN, "pause").await;
        house.echos.is_silent(ECHO).await;
        house.is(KITCHEN, "paused", "Tone 2").await;
        house.command_player(KITCHEN, "play", json!({})).await;
        house.is(KITCHEN, "playing", "Tone 2").await;
        house.has_begun(ECHO, 3, 3).await;
        assert_eq!(house.echos.titles(ECHO)[2], "Tone 2", "it is resumed once");

        // Music Assistant reads a description once for each connection. Its player keeps the name that it has once.
        house.queues.ma.look_for_renderers().await;
        let is_renamed = async || {
            let player = house.renderer_of_player(KITCHEN).await;
            player["name"] == "Esszimmer" && player["playback_state"] == "playing"
        };
        house.until("the new name in Music Assistant", PATIENCE, is_renamed).await;
        assert_eq!((house.heard_at(ECHO), house.echos.plays(ECHO)), (3, true), "it plays on");
        house.play(KITCHEN, &tracks[2..3]).await;
        house.is(KITCHEN, "playing", "Tone 3").await;
        house.has_begun(ECHO, 4, 4).await;
    });
}
