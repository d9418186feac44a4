//! Whatever is asked, in whatever order and state: the answer is one that Alexa takes.

use ma_alexa::account::{ChallengePurpose, OneTimeWord};
use ma_alexa::playback::Metadata;
use ma_alexa::skill::SkillIdPolicy;
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Value, json};

use super::envelope::{Envelope, SKILL_ID, play};
use super::home::Home;
use crate::api::store::StoreCondition;

/// One thing that happens in a home.
#[derive(Clone, Debug)]
enum Step {
    Push {
        path: String,
        title: Option<String>,
    },
    /// The Echo of a player is made to say the code with this number.
    Issue(usize, &'static str, ChallengePurpose),
    Ask(Box<Envelope>),
    /// A request about the play that was answered last.
    AboutTheLastPlay(Box<Envelope>),
    Pass(u64),
    Feel(StoreCondition),
}

const INTENTS: [&str; 29] = [
    "PlayAudio",
    "PlayAudio",
    "PlayAudio",
    "PlayAudio",
    "PlayAudio",
    "PairEcho",
    "PairEcho",
    "IdentifyEcho",
    "IdentifyEcho",
    "IdentifyEcho",
    "MaPause",
    "MaResume",
    "MaStop",
    "AMAZON.CancelIntent",
    "AMAZON.FallbackIntent",
    "AMAZON.HelpIntent",
    "AMAZON.LoopOnIntent",
    "AMAZON.NavigateHomeIntent",
    "AMAZON.NextIntent",
    "AMAZON.NoIntent",
    "AMAZON.PauseIntent",
    "AMAZON.RepeatIntent",
    "AMAZON.ResumeIntent",
    "AMAZON.ResumeIntent",
    "AMAZON.ShuffleOffIntent",
    "AMAZON.StartOverIntent",
    "AMAZON.StopIntent",
    "AMAZON.YesIntent",
    "",
];

const TYPES: [&str; 22] = [
    "LaunchRequest",
    "LaunchRequest",
    "LaunchRequest",
    "SessionEndedRequest",
    "SessionResumedRequest",
    "CanFulfillIntentRequest",
    "PlaybackController.PlayCommandIssued",
    "PlaybackController.PlayCommandIssued",
    "PlaybackController.PauseCommandIssued",
    "PlaybackController.NextCommandIssued",
    "PlaybackController.Sideways",
    "System.ExceptionEncountered",
    "Alexa.Presentation.APL.UserEvent",
    "Alexa.Presentation.APL.RuntimeError",
    "Alexa.Presentation.APL.LoadIndexListData",
    "Alexa.Presentation.APL.LoadTokenListData",
    "AlexaSkillEvent.SkillEnabled",
    "AlexaSkillEvent.SkillDisabled",
    "AlexaSkillEvent.SkillPermissionChanged",
    "Messaging.MessageReceived",
    "AudioPlayer.SomethingNew",
    "Something.New",
];

const LOCALES: [&str; 20] = [
    "ar-SA", "de-DE", "en-AU", "en-CA", "en-GB", "en-IN", "en-US", "es-ES", "es-MX", "es-US", "fr-CA",
    "fr-FR", "hi-IN", "it-IT", "ja-JP", "nl-NL", "pt-BR", "sv-SE", "x", "",
];

const ERRORS: [&str; 6] = [
    "MEDIA_ERROR_UNKNOWN",
    "MEDIA_ERROR_INVALID_REQUEST",
    "MEDIA_ERROR_SERVICE_UNAVAILABLE",
    "MEDIA_ERROR_INTERNAL_SERVER_ERROR",
    "MEDIA_ERROR_INTERNAL_DEVICE_ERROR",
    "NEW",
];

fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        select(vec!["Kitchen", "kitchen", "Office", "the", "", " "]).prop_map(str::to_owned),
        "\\PC{0,40}",
        Just("\u{0} <speak>&amp;</speak> 🎧".repeat(500)),
    ]
}

fn intent() -> impl Strategy<Value = Envelope> {
    let slots = prop_oneof![
        Just(None),
        text().prop_map(|heard| Some(json!({ "player": { "name": "player", "value": heard } }))),
        (0..3_usize).prop_map(|code| Some(
            json!({ "code": { "name": "code", "value": OneTimeWord::from_index(code).as_str() } })
        )),
        text().prop_map(|heard| Some(json!({ "code": { "name": "code", "value": heard } }))),
        Just(Some(json!({ "player": { "name": "player" }, "other": null, "third": 3 }))),
        Just(Some(json!("no slots"))),
    ];
    (select(&INTENTS[..]), slots, any::<bool>(), prop::option::of(text())).prop_map(
        |(name, slots, new, entity)| {
            let mut envelope = Envelope::intent(name).with("/session/new", json!(new));
            envelope.0["request"]["intent"]["slots"] = slots.unwrap_or_default();
            match entity {
                Some(entity) if envelope.0["request"]["intent"]["slots"]["player"].is_object() => {
                    envelope.known_as(&entity)
                }
                _ => envelope,
            }
        },
    )
}

fn of_a_type() -> impl Strategy<Value = Envelope> {
    (select(&TYPES[..]), "\\PC{0,40}", any::<Option<i64>>()).prop_map(|(name, text, number)| {
        let mut envelope = Envelope::told(name);
        for field in ["token", "correlationToken", "listId", "pageToken", "reason"] {
            envelope.0["request"][field] = json!(text);
        }
        envelope.0["request"]["startIndex"] = json!(number);
        envelope.0["request"]["intent"] = json!({ "name": "PairEcho", "slots": { &text: {} } });
        envelope.0["request"]["error"] = json!({ "type": text, "message": text });
        envelope
    })
}

fn report() -> impl Strategy<Value = Envelope> {
    let kind = select(vec!["Started", "NearlyFinished", "Stopped", "Finished", "Failed", "Failed"]);
    (kind, any::<u32>(), select(&ERRORS[..])).prop_map(|(kind, offset, error)| match kind {
        "Failed" => Envelope::failed("made-up", error),
        kind => Envelope::event(kind, "made-up", offset.into()),
    })
}

/// The surroundings of a request.
fn surrounded(envelope: impl Strategy<Value = Envelope>) -> impl Strategy<Value = Envelope> {
    let device = prop_oneof![
        8 => select(vec!["kitchen", "kitchen", "office", "bath"]).prop_map(Some),
        1 => Just(None),
    ];
    let audio = prop_oneof![8 => Just(true), 1 => Just(false)];
    (envelope, device, select(&LOCALES[..]), audio).prop_map(|(envelope, device, locale, audio)| {
        let envelope = envelope.locale(locale);
        let envelope = if audio { envelope } else { envelope.without_audio_player() };
        match device {
            Some(device) => envelope.from(device),
            None => envelope.with("/context/System/device", Value::Null),
        }
    })
}

fn step() -> impl Strategy<Value = Step> {
    let path = (select(vec!["flow", "single"]), 0..3_u8, select(vec!["Kitchen", "Office", "Büro 🎧"]))
        .prop_map(|(kind, session, player)| format!("{kind}/{session}/queue/item/{player}.flac"));
    let conditions = vec![
        StoreCondition::IsDown,
        StoreCondition::IsNewer,
        StoreCondition::IsMalformed,
        StoreCondition::ForgetsActivity,
        StoreCondition::Panics,
    ];
    let kind = prop_oneof![
        Just(ChallengePurpose::Identify),
        (0..3_u64).prop_map(|version| ChallengePurpose::Play { version }),
    ];
    let named = select(vec!["Kitchen", "Office", "Never pushed"]);
    prop_oneof![
        2 => (0..3_usize, named, kind).prop_map(|(code, player, kind)| Step::Issue(code, player, kind)),
        3 => (path, prop::option::of(text())).prop_map(|(path, title)| Step::Push { path, title }),
        6 => surrounded(intent()).prop_map(|envelope| Step::Ask(Box::new(envelope))),
        2 => surrounded(of_a_type()).prop_map(|envelope| Step::Ask(Box::new(envelope))),
        1 => surrounded(report()).prop_map(|envelope| Step::Ask(Box::new(envelope))),
        4 => surrounded(report()).prop_map(|envelope| Step::AboutTheLastPlay(Box::new(envelope))),
        1 => surrounded(intent()).prop_map(|envelope| Step::AboutTheLastPlay(Box::new(envelope))),
        3 => select(vec![1, 1, 1, 5, 5, 5, 40, 13 * 3600]).prop_map(Step::Pass),
        1 => select(conditions).prop_map(Step::Feel),
        2 => Just(Step::Feel(StoreCondition::Serves)),
    ]
}

/// Puts the token of a play in the place of the made-up one.
fn about(envelope: &Envelope, token: &str) -> Envelope {
    let mut envelope = envelope.clone();
    if envelope.0["request"].get("token").is_some() {
        envelope.0["request"]["token"] = json!(token);
    }
    if envelope.0["request"].get("currentPlaybackState").is_some() {
        envelope.0["request"]["currentPlaybackState"]["token"] = json!(token);
    }
    if envelope.0["context"].get("AudioPlayer").is_some() {
        return envelope.after(token, 7000, "PLAYING");
    }
    envelope
}

/// Does it all in a home in which some players play already; how many answers played.
async fn live_through(playing: &[&str], steps: &[Step]) -> usize {
    let home = Home::start();
    let another = home.another(&[("SKILL_ID", SKILL_ID)], SkillIdPolicy::KnownSkills);
    let mut last_play = "made-up".to_owned();
    for player in playing {
        last_play = home.playing(player).await.token;
    }
    let mut plays = 0;
    for step in steps {
        let envelope = match step {
            Step::Push { path, title } => {
                home.store.set_condition(StoreCondition::Serves);
                home.push_path(path, Metadata { title: title.clone(), ..Metadata::default() }).await;
                continue;
            }
            Step::Issue(code, player, kind) => {
                home.store.set_condition(StoreCondition::Serves);
                home.try_issue(*code, player, *kind).await;
                continue;
            }
            Step::Pass(seconds) => {
                home.pass(*seconds);
                continue;
            }
            Step::Feel(condition) => {
                home.store.set_condition(*condition);
                continue;
            }
            Step::Ask(envelope) => envelope.as_ref().clone(),
            Step::AboutTheLastPlay(envelope) => about(envelope, &last_play),
        };
        // Both hold the answers against the rules; the second process has no public address.
        let answer = home.ask(&envelope).await;
        home.ask_of(&another, &envelope).await.unwrap();
        if let Some(play) = play(&answer) {
            last_play = play.token;
            plays += 1;
        }
    }
    plays
}

#[test]
fn any_sequence_of_requests_gets_valid_answers() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let config = ProptestConfig { cases: 40, failure_persistence: None, ..ProptestConfig::default() };
    let mut runner = proptest::test_runner::TestRunner::new(config);
    let plays = std::cell::Cell::new(0);
    let households = select(vec![&[][..], &["Kitchen"], &["Kitchen", "Office"]]);
    runner
        .run(&(households, prop::collection::vec(step(), 1..24)), |(playing, steps)| {
            plays.set(plays.get() + runtime.block_on(live_through(playing, &steps)));
            Ok(())
        })
        .unwrap();
    assert!(plays.get() > 0, "nothing was ever played");
}
