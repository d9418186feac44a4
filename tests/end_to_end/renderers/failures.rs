//! Echos that do not play: Music Assistant sees it in time, the reason is shown, and the next play works.

use std::time::Duration;

use end_to_end::amazon::{Fault, serial};

use super::echos::Behavior;
use super::house::{House, in_a_house};
use super::queues::{KITCHEN, LIVING_ROOM, PATIENCE, STUDY};

/// A play fails for this reason. The reason says how soon, on a machine of any speed: `never_asked` is the only one that
/// waits, for the twelve seconds in which an Echo has to report.
async fn fails(house: &House, name: &str, serial: &str, code: &str) {
    let tracks = house.tracks().await;
    house.play(name, &tracks[..1]).await;
    house.is_idle(name).await;
    let problem = async || house.renderer(serial).await["problem"]["code"] == code;
    house.until(&format!("{code} of {name}"), PATIENCE, problem).await;
}

async fn plays(house: &House, name: &str) {
    let tracks = house.tracks().await;
    house.play(name, &tracks[..1]).await;
    house.is(name, "playing", "Tone 1").await;
}

#[test]
fn what_fails_is_shown_and_the_next_play_works() {
    in_a_house("renderers::failures::what_fails_is_shown_and_the_next_play_works", async |house| {
        // Amazon lists both of them as online, and one of them is not any more.
        house.echos.behave(Behavior::HearNothing);
        house.amazon().change_device(serial::LIVING_ROOM, |echo| echo.online = false);
        tokio::join!(
            fails(house, KITCHEN, serial::KITCHEN, "never_asked"),
            fails(house, LIVING_ROOM, serial::LIVING_ROOM, "device_offline"),
        );

        house.echos.behave(Behavior::CannotPlay("MEDIA_ERROR_INVALID_REQUEST"));
        fails(house, KITCHEN, serial::KITCHEN, "did_not_play").await;
        let problem = house.renderer(serial::KITCHEN).await["problem"].clone();
        let message = problem["message"].as_str().unwrap_or_default();
        assert!(message.contains("was refused the stream"), "{problem}");

        // What Amazon lists as offline stays a player, and is not tried.
        house.echos.behave(Behavior::Obey);
        assert!(house.available().await.iter().any(|name| name == STUDY));
        fails(house, STUDY, serial::STUDY, "device_offline").await;
        house.amazon().fault("/api/behaviors/preview", Fault::Forbidden, usize::MAX);
        fails(house, KITCHEN, serial::KITCHEN, "session_refused").await;
        house.amazon().heal();

        plays(house, KITCHEN).await;
        let is_healed = async || house.renderer(serial::KITCHEN).await["problem"].is_null();
        house.until("play without a problem", PATIENCE, is_healed).await;
        for (name, serial) in [(STUDY, serial::STUDY), (LIVING_ROOM, serial::LIVING_ROOM)] {
            house.amazon().change_device(serial, |echo| echo.online = true);
            // A list that says it is offline is believed for half a minute.
            house.harness.pass(Duration::from_secs(31));
            plays(house, name).await;
        }
    });
}
