//! A person speaks to an Echo that Music Assistant plays on as a renderer.
#![expect(clippy::unwrap_used, reason = "what helpers need is there, or the test fails")]

use std::sync::Arc;

use async_trait::async_trait;
use end_to_end::amazon::{FakeAmazon, serial};
use end_to_end::envelope::Envelope;
use end_to_end::music_assistant::MusicAssistantApi;
use ma_alexa::control::{Action, Control, ControlError, ControlRequest, Reply};
use ma_alexa::skill::Skill;
use serde_json::{Value, json};

use super::echos::Echos;
use super::house::{House, in_a_house};
use super::household::Household;
use super::queues::{KITCHEN, Queues};
use crate::amazon::harness::Harness;

/// Asks Music Assistant by its API.
#[derive(Debug)]
struct ByApi(MusicAssistantApi);

#[async_trait]
impl Control for ByApi {
    async fn carry_out(&self, request: &ControlRequest) -> Reply {
        let command = match request.action {
            Action::Next => "next",
            Action::Previous => "previous",
            _ => return Reply::Failed(ControlError::NotPossible),
        };
        let queue = json!({ "queue_id": Queues::id(request.player.as_str()) });
        if self.0.command(&format!("player_queues/{command}"), queue).await {
            Reply::Starting { music: None, room: None }
        } else {
            Reply::Failed(ControlError::Failed)
        }
    }
}

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

/// The Echos of a house, by a skill that asks its Music Assistant.
fn voice(house: &House) -> Echos {
    let control = Arc::new(ByApi(house.ma.handle()));
    let (harness, skill) = (Arc::clone(&house.harness), house.harness.skill_with_control(control));
    house.echos.answered_by(Arc::new(WithControl { harness, skill }))
}

#[test]
fn the_answer_plays_what_music_assistant_starts() {
    in_a_house("renderers::voice::the_answer_plays_what_music_assistant_starts", async |house| {
        let (tracks, voice) = (house.tracks().await, voice(house));
        house.play(KITCHEN, &tracks[..3]).await;
        house.is(KITCHEN, "playing", "Tone 1").await;
        assert_eq!(house.heard_at(serial::KITCHEN), 1, "one sentence starts it");

        voice.asks(serial::KITCHEN, "AMAZON.NextIntent").await;
        assert_eq!(house.echos.titles(serial::KITCHEN), ["Tone 1", "Tone 2"], "it is in the answer");
        house.is(KITCHEN, "playing", "Tone 2").await;
        house.has_got(serial::KITCHEN, 64 * 1024).await;
        voice.asks(serial::KITCHEN, "AMAZON.NextIntent").await;
        house.is(KITCHEN, "playing", "Tone 3").await;
        house.has_got(serial::KITCHEN, 64 * 1024).await;
        assert_eq!(house.heard_at(serial::KITCHEN), 1, "no further sentence was needed");
        let titles = house.echos.titles(serial::KITCHEN);
        assert_eq!(titles, ["Tone 1", "Tone 2", "Tone 3"], "and nothing was started twice");
    });
}
