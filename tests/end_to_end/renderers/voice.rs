//! A person speaks to an Echo that Music Assistant plays on as a renderer.
#![expect(clippy::unwrap_used, reason = "what helpers need is there, or the test fails")]

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use end_to_end::amazon::{FakeAmazon, serial};
use end_to_end::api::http_client;
use end_to_end::envelope::Envelope;
use end_to_end::music_assistant::ADMINISTRATOR;
use ma_alexa::renderer::udn;
use ma_alexa::skill::Skill;
use serde_json::{Value, json};

use super::echos::Echos;
use super::house::{House, in_a_house};
use super::household::Household;
use super::queues::{KITCHEN, LIVING_ROOM, PATIENCE};
use crate::amazon::harness::Harness;

/// The household with a skill that asks Music Assistant.
struct WithControl {
    harness: Arc<Harness>,
    skill: Skill,
}

#[async_trait]
impl Household for WithControl {
    fn amazon(&self) -> &FakeAmazon {
        &self.harness.amazon
    }

    async fn ask_skill(&self, envelope: &Envelope) -> Value {
        serde_json::to_value(self.skill.answer(&envelope.to_vec()).await.unwrap()).unwrap()
    }
}

/// The Echos of a house, by a skill whose home is connected to its Music Assistant.
async fn voice(house: &House) -> Echos {
    house.harness.make_credentials().await;
    let (name, password) = ADMINISTRATOR;
    let sign_in = json!({ "address": house.ma.api(), "username": name, "password": password });
    let (status, said) = house.harness.post("/v1/music-assistant/connect", &sign_in).await;
    assert_eq!(status, 200, "{said}");
    let control = Arc::new(house.harness.state.home_control().clone());
    let (harness, skill) = (Arc::clone(&house.harness), house.harness.skill_with_control(control));
    house.echos.answered_by(Arc::new(WithControl { harness, skill }))
}

/// An intent, with a value in its slot where it has one.
pub(super) fn intent(name: &str, slot: &str, value: &str) -> Value {
    let filled = json!({ "name": slot, "value": value, "confirmationStatus": "NONE", "source": "USER" });
    let slots = if slot.is_empty() { json!({}) } else { json!({ slot: filled }) };
    json!({ "name": name, "confirmationStatus": "NONE", "slots": slots })
}

/// A person says an intent. What the answer says.
async fn says(voice: &Echos, name: &str, slot: &str, value: &str) -> String {
    voice.says(serial::KITCHEN, intent(name, slot, value)).await
}

#[test]
fn the_answer_plays_what_music_assistant_starts() {
    in_a_house("renderers::voice::the_answer_plays_what_music_assistant_starts", async |house| {
        let (tracks, voice) = (house.tracks().await, voice(house).await);
        house.play(KITCHEN, &tracks[..4]).await;
        house.is(KITCHEN, "playing", "Tone 1").await;
        assert_eq!(house.heard_at(serial::KITCHEN), 1, "one sentence starts it");

        let mut titles = vec!["Tone 1"];
        for (button, title) in [("Next", "Tone 4"), ("Previous", "Tone 1")] {
            house.has_got(serial::KITCHEN, 64 * 1024).await;
            let press = || voice.is_pressed(serial::KITCHEN, button);
            tokio::join!(press(), press(), press());
            titles.push(title);
            assert_eq!(house.echos.titles(serial::KITCHEN), titles, "three times {button}: it is one jump");
            house.is(KITCHEN, "playing", title).await;
        }
        for (intent, slot, value, title) in [
            ("AMAZON.NextIntent", "", "", "Tone 2"),
            ("AMAZON.NextIntent", "", "", "Tone 3"),
            ("AMAZON.PreviousIntent", "", "", "Tone 2"),
            ("SkipForward", "duration", "PT30S", "Tone 2"),
            ("PlaySong", "song", "tone 4", "Tone 4"),
        ] {
            house.has_got(serial::KITCHEN, 64 * 1024).await;
            says(&voice, intent, slot, value).await;
            titles.push(title);
            assert_eq!(house.echos.titles(serial::KITCHEN), titles, "{intent}: it is in the answer");
            house.is(KITCHEN, "playing", title).await;
        }
        house.has_got(serial::KITCHEN, 64 * 1024).await;
        let streams = house.echos.streams(serial::KITCHEN);
        assert_ne!(streams[5], streams[6], "further on in a track is another stream");

        says(&voice, "PlayMusic", "query", &format!("tone 5 in the {LIVING_ROOM}")).await;
        house.is(LIVING_ROOM, "playing", "Tone 5").await;
        house.has_begun(serial::LIVING_ROOM, 1, 1).await;
        house.is(KITCHEN, "playing", "Tone 4").await;
        assert_eq!(house.heard_at(serial::KITCHEN), 1, "no further sentence was needed");
        assert_eq!(house.echos.titles(serial::KITCHEN), titles, "and nothing was started twice");
        everywhere_is_the_group_of_all_echos(house, &voice).await;
    });
}

/// Amazon's group is a renderer as any Echo, which starts each of its members.
async fn everywhere_is_the_group_of_all_echos(house: &House, voice: &Echos) {
    let plays = |serial: &str| house.echos.titles(serial).len();
    let before = [serial::KITCHEN, serial::LIVING_ROOM].map(plays);
    house
        .harness
        .change_settings(|settings| settings.renderers.on = vec![serial::EVERYWHERE.to_owned()])
        .await;
    // The list is looked at every half a minute, and a report makes that time count.
    house.harness.pass(Duration::from_secs(31));
    assert_eq!(house.echos.nears_the_end(serial::KITCHEN).await, None);
    let port = house.harness.state.renderers().report().address().unwrap().port();
    let description = format!("http://127.0.0.1:{port}/{}/description.xml", udn(serial::EVERYWHERE));
    let is_offered = async || http_client().get(&description).send().await.unwrap().status().is_success();
    house.until("the offer", PATIENCE, is_offered).await;
    house.ma.look_for_renderers().await;
    let is_found = async || house.available().await.iter().any(|name| name == "Everywhere (not in sync)");
    house.until("the group", PATIENCE, is_found).await;
    // The answer names them where Music Assistant replies at once. Real programs do not promise that.
    says(voice, "PlayMusic", "query", "tone 3 everywhere").await;
    for (serial, before) in [serial::KITCHEN, serial::LIVING_ROOM].into_iter().zip(before) {
        house.shows(serial, "Tone 3").await;
        house.until("one play", PATIENCE, async || plays(serial) == before + 1).await;
    }
}
