//! Requests of Alexa in the metrics of a process at home.
#![expect(clippy::float_cmp, reason = "counts are whole numbers")]

use std::sync::Arc;

use ma_alexa::telemetry::Metrics;

use super::envelope::{Envelope, SKILL_ID};
use super::home::{Home, START};
use crate::api::metrics::read;

#[tokio::test]
async fn requests_and_plays_are_counted_by_kinds_that_are_known() {
    let home = Home::start();
    home.push("Kitchen", "aaaa").await;
    let metrics = Arc::new(Metrics::exposed(START));
    let variables = [("SKILL_ID", SKILL_ID), ("STREAM_BASE_URL", "https://music.example.com")];
    let skill = home.counting_in(&variables, Arc::clone(&metrics));
    let answer = home.ask_of(&skill, &Envelope::play_audio()).await.unwrap();
    let token = super::envelope::play(&answer).unwrap().token;
    home.ask_of(&skill, &Envelope::event("Started", &token, 0)).await.unwrap();
    for error in ["MEDIA_ERROR_SERVICE_UNAVAILABLE", "PRIVATE_1", "PRIVATE_2"] {
        home.ask_of(&skill, &Envelope::failed(&token, error)).await.unwrap();
    }
    for unknown in ["PRIVATE.Request", "PRIVATE", "AudioPlayer.PRIVATE", "AlexaSkillEvent.PRIVATE"] {
        home.ask_of(&skill, &Envelope::told(unknown)).await.unwrap();
    }
    for _ in 0..3 {
        home.ask_of(&skill, &Envelope::launch().skill("amzn1.ask.skill.another")).await.unwrap_err();
    }

    let text = metrics.exposition().unwrap();
    assert!(!text.contains("PRIVATE"), "{text}");
    let series = read(&text);
    let counted: Vec<String> = series
        .iter()
        .filter(|(name, _)| name.contains("skill_requests") || name.contains("play"))
        .map(|(name, value)| format!("{name} {value}"))
        .collect();
    insta::assert_snapshot!(counted.join("\n"), @r#"
    ma_alexa_play_failures_total{code="MEDIA_ERROR_SERVICE_UNAVAILABLE"} 1
    ma_alexa_play_failures_total{code="other"} 2
    ma_alexa_plays_total 2
    ma_alexa_skill_requests_total{type="AlexaSkillEvent",outcome="answered"} 1
    ma_alexa_skill_requests_total{type="AudioPlayer.PlaybackFailed",outcome="answered"} 3
    ma_alexa_skill_requests_total{type="AudioPlayer.PlaybackStarted",outcome="answered"} 1
    ma_alexa_skill_requests_total{type="IntentRequest",outcome="answered"} 1
    ma_alexa_skill_requests_total{type="LaunchRequest",outcome="unknown_skill"} 3
    ma_alexa_skill_requests_total{type="other",outcome="answered"} 3
    "#);
    assert_eq!(series["ma_alexa_skill_request_duration_seconds_count"], 12.0);
}
