//! A person speaks to an Echo that Music Assistant plays on as a renderer.
#![expect(clippy::unwrap_used, reason = "what helpers need is there, or the test fails")]

use std::sync::Arc;

use async_trait::async_trait;
use end_to_end::amazon::{FakeAmazon, serial};
use end_to_end::envelope::Envelope;
use end_to_end::music_assistant::ADMINISTRATOR;
use ma_alexa::skill::Skill;
use serde_json::{Value, json};

use super::echos::Echos;
use super::house::{House, in_a_house};
use super::household::Household;
use super::queues::{KITCHEN, LIVING_ROOM};
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

/// A person says an intent, with a value in its slot where it has one.
async fn says(voice: &Echos, intent: &str, slot: &str, value: &str) {
    let filled = json!({ "name": slot, "value": value, "confirmationStatus": "NONE", "source": "USER" });
    let slots = if slot.is_empty() { json!({}) } else { json!({ slot: filled }) };
    let intent = json!({ "name": intent, "confirmationStatus": "NONE", "slots": slots });
    voice.says(serial::KITCHEN, intent).await;
}

#[test]
fn the_answer_plays_what_music_assistant_starts() {
    in_a_house("renderers::voice::the_answer_plays_what_music_assistant_starts", async |house| {
        let (tracks, voice) = (house.tracks().await, voice(house).await);
        house.play(KITCHEN, &tracks[..3]).await;
        house.is(KITCHEN, "playing", "Tone 1").await;
        assert_eq!(house.heard_at(serial::KITCHEN), 1, "one sentence starts it");

        let mut titles = vec!["Tone 1"];
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
        assert_ne!(streams[3], streams[4], "further on in a track is another stream");

        says(&voice, "PlayMusic", "query", &format!("tone 5 in the {LIVING_ROOM}")).await;
        house.is(LIVING_ROOM, "playing", "Tone 5").await;
        house.has_begun(serial::LIVING_ROOM, 1, 1).await;
        house.is(KITCHEN, "playing", "Tone 4").await;
        assert_eq!(house.heard_at(serial::KITCHEN), 1, "no further sentence was needed");
        assert_eq!(house.echos.titles(serial::KITCHEN), titles, "and nothing was started twice");
    });
}
