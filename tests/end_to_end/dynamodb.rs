//! The binaries `skill` and `api` on a small Lambda, over DynamoDB in an emulator.
#![expect(clippy::unwrap_used, reason = "what helpers need is there, or the test fails")]

use end_to_end::emulator::Emulator;
use end_to_end::envelope::{ECHO, Envelope, Played, SKILL, nothing};
use end_to_end::runtime_api::Function;
use ma_alexa::clock::{Clock as _, SystemClock, SystemRandom};
use ma_alexa::playback::{PlayToken, PlayerId, StartReason};
use serde_json::{Value, json};

use super::flow;
use super::functions::Functions;

#[tokio::test(flavor = "multi_thread")]
async fn one_play_over_dynamodb() {
    let Some(emulator) = Emulator::find() else { return };
    let functions = Functions::start(&emulator).await;
    flow::one_play(&functions.api, async |envelope: Envelope| functions.ask(&envelope).await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_function_that_dies_has_forgotten_nothing() {
    let Some(emulator) = Emulator::find() else { return };
    let mut functions = Functions::start(&emulator).await;
    functions.api.push("Kitchen", "Aa2keUeZ", "Blue").await;
    let given = Played::of(&functions.ask(&Envelope::new("play-audio")).await);
    functions.skill.restart().await;
    functions.ask(&Envelope::report("PlaybackStopped", &given.token, 9_000)).await;
    let player = functions.api.player("Kitchen").await;
    let found = (&player["state"], &player["echo"], &player["offset_ms"]);
    assert_eq!(found, (&json!("stopped"), &json!(ECHO), &json!(9_000)));
    functions.skill.restart().await;
    let resume = Envelope::new("intent-amazon-resume");
    let answer = functions.ask(&resume).await;
    assert_eq!(Played::of(&answer).offset_ms, 0);
    assert!(answer["response"]["outputSpeech"]["text"].as_str().unwrap().contains("beginning"), "{answer}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_table_that_is_not_there_is_answered_in_words() {
    let Some(emulator) = Emulator::find() else { return };
    let variables = emulator.variables();
    let mut variables: Vec<(&str, &str)> =
        variables.iter().map(|(name, value)| (*name, value.as_str())).collect();
    variables.extend([("STORE_URL", "dynamodb://no-such-table"), ("SKILL_ID", SKILL)]);
    let skill = Function::start("skill", &variables).await;
    let answer = skill.invoke(&Envelope::new("play-audio").to_vec()).await.unwrap();
    let answer: Value = serde_json::from_slice(&answer).unwrap();
    assert!(answer["response"]["outputSpeech"]["text"].is_string(), "{answer}");
    assert_eq!(answer["response"]["shouldEndSession"], true);
    let report = Envelope::report("PlaybackStarted", &token(), 0).to_vec();
    let answer: Value = serde_json::from_slice(&skill.invoke(&report).await.unwrap()).unwrap();
    assert_eq!(answer, nothing());
}

/// A token of a play that there never was.
fn token() -> String {
    let key = PlayerId::from("Nowhere").key();
    PlayToken::issue(key, 1, SystemClock.now(), StartReason::Start, &SystemRandom).unwrap().encode()
}
