//! Every sample request is read as what it is.

use ma_alexa::alexa::Locale;
use ma_alexa::alexa::request::{
    AplRequest, IntentName, MediaErrorType, PlaybackButton, PlaybackEvent, PlayerActivity, Request,
    RequestEnvelope, SessionEndedReason, SessionErrorType, SkillEventKind, UnknownRequest,
};
use ma_alexa::clock::Timestamp;

use super::{envelope, sample_names, sample_value};

/// The sample's name, the request as [`label`] says it, and whether there is a session.
const SAMPLES: [(&str, &str, bool); 69] = [
    ("alexa-skill-event-proactive-subscription-changed", "skill event ProactiveSubscriptionChanged", false),
    ("alexa-skill-event-skill-account-linked", "skill event AccountLinked", false),
    ("alexa-skill-event-skill-disabled", "skill event Disabled", false),
    ("alexa-skill-event-skill-enabled", "skill event Enabled", false),
    ("alexa-skill-event-skill-permission-accepted", "skill event PermissionAccepted", false),
    ("alexa-skill-event-skill-permission-changed", "skill event PermissionChanged", false),
    ("apl-load-index-list-data", "apl index list playlists from 20", true),
    ("apl-load-token-list-data", "apl token list albums at page-2", true),
    ("apl-runtime-error", "apl error", true),
    ("apl-user-event", "apl user event ma-now-playing", true),
    ("audio-player-playback-failed-invalid-request", "Failed ma1.q7f3.0007.5c2e9a at 0", false),
    ("audio-player-playback-failed-service-unavailable", "Failed ma1.q7f3.0008.b41d07 at 0", false),
    ("audio-player-playback-failed-unknown", "Failed ma1.q7f3.0007.5c2e9a at 0", false),
    ("audio-player-playback-finished", "Finished ma1.q7f3.0007.5c2e9a at 215040", false),
    ("audio-player-playback-nearly-finished", "NearlyFinished ma1.q7f3.0007.5c2e9a at 3120", false),
    ("audio-player-playback-started", "Started ma1.q7f3.0007.5c2e9a at 0", false),
    ("audio-player-playback-started-resumed-offset", "Started ma1.q7f3.0007.5c2e9a at 41250", false),
    ("audio-player-playback-stopped", "Stopped ma1.q7f3.0007.5c2e9a at 41250", false),
    ("audio-player-playback-stopped-apl-device", "Stopped ma1.q7f3.0007.5c2e9a at 9000", false),
    ("can-fulfill-intent-request", "can fulfill Unknown(\"PlayArtistIntent\")", true),
    ("identify-echo", "intent IdentifyEcho", true),
    ("intent-amazon-cancel", "intent Cancel", true),
    ("intent-amazon-fallback", "intent Fallback", true),
    ("intent-amazon-help", "intent Help", true),
    ("intent-amazon-loop-off", "intent LoopOff", true),
    ("intent-amazon-loop-on", "intent LoopOn", true),
    ("intent-amazon-navigate-home", "intent NavigateHome", true),
    ("intent-amazon-next", "intent Next", true),
    ("intent-amazon-no", "intent No", true),
    ("intent-amazon-pause", "intent Pause", true),
    ("intent-amazon-pause-apl-device", "intent Pause", true),
    ("intent-amazon-previous", "intent Previous", true),
    ("intent-amazon-repeat", "intent Repeat", true),
    ("intent-amazon-resume", "intent Resume", true),
    ("intent-amazon-shuffle-off", "intent ShuffleOff", true),
    ("intent-amazon-shuffle-on", "intent ShuffleOn", true),
    ("intent-amazon-start-over", "intent StartOver", true),
    ("intent-amazon-stop", "intent Stop", true),
    ("intent-amazon-yes", "intent Yes", true),
    ("intent-confirmation-denied", "intent Unknown(\"TransferQueueIntent\")", true),
    ("intent-dialog-in-progress", "intent Unknown(\"PlayAlbumIntent\")", true),
    ("intent-empty-slot-dialog-started", "intent Unknown(\"PlayArtistIntent\")", true),
    ("intent-multi-value-slot", "intent Unknown(\"PlayArtistIntent\")", true),
    ("intent-play-artist-er-match", "intent Unknown(\"PlayArtistIntent\")", true),
    ("intent-play-artist-er-no-match", "intent Unknown(\"PlayArtistIntent\")", true),
    ("intent-play-de-DE", "intent Unknown(\"PlayQueryIntent\")", true),
    ("intent-play-dynamic-entity-match", "intent Unknown(\"PlayPlaylistIntent\")", true),
    ("intent-play-search-query", "intent Unknown(\"PlayQueryIntent\")", true),
    ("launch-request", "launch", true),
    ("launch-request-apl-device", "launch", true),
    ("launch-request-no-audio-player", "launch", true),
    ("launch-request-person-unit-linked", "launch", true),
    ("launch-request-unknown-fields", "launch", true),
    ("ma-pause", "intent MaPause", true),
    ("messaging-message-received", "message", false),
    ("pair-kitchen", "intent PairEcho", true),
    ("play-audio", "intent PlayAudio", true),
    ("playback-controller-next-command-issued", "button Next", false),
    ("playback-controller-pause-command-issued", "button Pause", false),
    ("playback-controller-play-command-issued", "button Play", false),
    ("playback-controller-previous-command-issued", "button Previous", false),
    ("playback-started", "Started ma1.q7f3.0007.5c2e9a at 0", false),
    ("session-ended-error-endpoint-timeout", "session ended Error", true),
    ("session-ended-error-invalid-response", "session ended Error", true),
    ("session-ended-exceeded-max-reprompts", "session ended ExceededMaxReprompts", true),
    ("session-ended-user-initiated", "session ended UserInitiated", true),
    ("session-resumed-request", "session resumed", true),
    ("system-exception-encountered-device-communication", "exception", false),
    ("system-exception-encountered-invalid-response", "exception", false),
];

/// The variant of a request and what distinguishes it from others of the variant.
fn label(request: &Request) -> String {
    match request {
        Request::Launch => "launch".to_owned(),
        Request::Intent(request) => format!("intent {:?}", request.intent.name),
        Request::SessionEnded(request) => format!("session ended {:?}", request.reason),
        Request::SessionResumed => "session resumed".to_owned(),
        Request::CanFulfillIntent(request) => format!("can fulfill {:?}", request.intent.name),
        Request::AudioPlayer(event) => {
            format!("{:?} {} at {}", event.kind, event.token, event.offset_ms)
        }
        Request::PlaybackController(command) => format!("button {command:?}"),
        Request::ExceptionEncountered(_) => "exception".to_owned(),
        Request::Apl(AplRequest::UserEvent(event)) => format!("apl user event {}", event.token),
        Request::Apl(AplRequest::RuntimeError(_)) => "apl error".to_owned(),
        Request::Apl(AplRequest::LoadIndexListData(list)) => {
            format!("apl index list {} from {}", list.list_id, list.start_index)
        }
        Request::Apl(AplRequest::LoadTokenListData(list)) => {
            format!("apl token list {} at {}", list.list_id, list.page_token)
        }
        Request::SkillEvent(event) => format!("skill event {:?}", event.kind),
        Request::Message(_) => "message".to_owned(),
        Request::Unknown(request) => format!("unknown {}", request.request_type),
    }
}

#[test]
fn every_sample_is_in_the_table() {
    let names: Vec<_> = SAMPLES.iter().map(|(name, ..)| (*name).to_owned()).collect();
    assert_eq!(names, sample_names());
}

#[test]
fn every_sample_is_read_as_its_type() {
    for (name, expected, has_session) in SAMPLES {
        let envelope = envelope(name);
        assert_eq!(label(&envelope.request), expected, "{name}");
        assert_eq!(envelope.session.is_some(), has_session, "{name}");
        assert_eq!(envelope.version, "1.0", "{name}");
    }
}

#[test]
fn every_sample_names_itself_and_its_skill() {
    for (name, ..) in SAMPLES {
        let envelope = envelope(name);
        assert_eq!(envelope.request_id(), sample_value(name)["request"]["requestId"], "{name}");
        let skill = "amzn1.ask.skill.5d3b7c1e-0a4f-4c8d-9e21-7f6a5b4c3d2e";
        assert_eq!(envelope.application_id(), Some(skill), "{name}");
        assert!(envelope.timestamp().is_some(), "{name}");
        assert!(envelope.user_id().is_some(), "{name}");
    }
}

#[test]
fn a_type_that_is_not_known_is_kept_by_its_name() {
    let envelope = envelope("negative/unknown-request-type");
    let request_type = "Alexa.Future.SomethingNew".to_owned();
    assert_eq!(envelope.request, Request::Unknown(UnknownRequest { request_type }));
    assert!(envelope.device_id().is_some());
}

#[test]
fn a_new_member_of_a_known_family_is_unknown_too() {
    for request_type in [
        "AudioPlayer.PlaybackRewound",
        "PlaybackController.LoveCommandIssued",
        "AlexaSkillEvent.SkillRenamed",
        "Alexa.Presentation.APL.Later",
        "AudioPlayer",
        "",
    ] {
        let mut value = sample_value("launch-request");
        value["request"]["type"] = request_type.into();
        let envelope = RequestEnvelope::from_value(value).unwrap();
        assert_eq!(label(&envelope.request), format!("unknown {request_type}"));
    }
}

#[test]
fn a_launch_says_where_and_when_and_in_which_language() {
    let envelope = envelope("launch-request");
    let device = envelope.device_id().unwrap().as_str();
    assert_eq!(device, "amzn1.ask.device.AMAZMADEUPDEVICE1EXAMPLEJ5L7N9P1R3S5U7V9X2");
    let endpoint = envelope.persistent_endpoint_id().unwrap().as_str();
    assert_eq!(endpoint, "amzn1.alexa.endpoint.did.AMAZMADEUPENDPOINT1EXAMPLE");
    let user = envelope.user_id().unwrap().as_str();
    assert_eq!(user, "amzn1.ask.account.AMAZMADEUPHOUSEHOLD1EXAMPLE7QH4Z2K6T3W5Y8B9C0D1F");
    assert_eq!(envelope.timestamp(), Timestamp::parse_rfc3339("2026-11-22T08:00:00Z"));
    assert_eq!(envelope.locale(), Some(&Locale::EnUs));
    assert!(envelope.is_new_session());
    assert!(envelope.supports_audio_player());
    let player = envelope.audio_player().unwrap();
    assert_eq!(player.player_activity, PlayerActivity::Idle);
    assert_eq!((player.token.as_deref(), player.offset_ms), (None, 0));
}

#[test]
fn an_echo_without_audio_player_is_recognised() {
    let envelope = envelope("launch-request-no-audio-player");
    assert!(!envelope.supports_audio_player());
    assert_eq!(envelope.audio_player(), None);
}

#[test]
fn a_skill_event_has_no_echo_and_no_language() {
    let envelope = envelope("alexa-skill-event-skill-disabled");
    assert_eq!(envelope.device_id(), None);
    assert_eq!(envelope.locale(), None);
    assert!(!envelope.is_new_session());
    let Request::SkillEvent(event) = envelope.request else { panic!("not a skill event") };
    assert_eq!(event.kind, SkillEventKind::Disabled);
    assert_eq!(event.created_at, Timestamp::parse_rfc3339("2026-11-22T07:59:58Z"));
}

#[test]
fn a_failure_names_the_failed_stream_and_the_one_that_plays() {
    let Request::AudioPlayer(event) = envelope("audio-player-playback-failed-service-unavailable").request
    else {
        panic!("not an audio player event")
    };
    assert_eq!(event.kind, PlaybackEvent::Failed);
    assert_eq!(event.token, "ma1.q7f3.0008.b41d07");
    assert_eq!(event.error.unwrap().error_type, MediaErrorType::ServiceUnavailable);
    let playing = event.current_playback_state.unwrap();
    assert_eq!(playing.token.as_deref(), Some("ma1.q7f3.0007.5c2e9a"));
    assert_eq!(playing.offset_ms, 180_500);
    assert_eq!(playing.player_activity, PlayerActivity::Playing);
}

#[test]
fn the_failures_differ_by_their_type() {
    for (name, expected) in [
        ("audio-player-playback-failed-unknown", MediaErrorType::Unspecified),
        ("audio-player-playback-failed-invalid-request", MediaErrorType::InvalidRequest),
    ] {
        let Request::AudioPlayer(event) = envelope(name).request else { panic!("not an audio player event") };
        assert_eq!(event.error.unwrap().error_type, expected);
    }
}

#[test]
fn a_refused_answer_names_its_request() {
    let Request::ExceptionEncountered(exception) =
        envelope("system-exception-encountered-invalid-response").request
    else {
        panic!("not an exception")
    };
    let cause = exception.cause_request_id();
    assert_eq!(cause, Some("amzn1.echo-api.request.00002329-1111-4222-8333-444455556666"));
    let error = exception.error.unwrap();
    assert_eq!(error.error_type, SessionErrorType::InvalidResponse);
    assert!(error.message.ends_with("may not contain an outputSpeech"));
}

#[test]
fn a_session_that_ended_says_why() {
    let Request::SessionEnded(ended) = envelope("session-ended-error-endpoint-timeout").request else {
        panic!("not the end of a session")
    };
    assert_eq!(ended.reason, SessionEndedReason::Error);
    assert_eq!(ended.error.unwrap().error_type, SessionErrorType::EndpointTimeout);
    let Request::SessionEnded(ended) = envelope("session-ended-user-initiated").request else {
        panic!("not the end of a session")
    };
    assert_eq!(ended.error, None);
}

#[test]
fn messages_and_touches_carry_their_payload() {
    let Request::Message(message) = envelope("messaging-message-received").request else {
        panic!("not a message")
    };
    assert_eq!(message.0["kind"], "queue-changed");
    let Request::Apl(AplRequest::UserEvent(event)) = envelope("apl-user-event").request else {
        panic!("not a touch")
    };
    assert_eq!(event.arguments.0[1], "next");
}

#[test]
fn names_of_intents_and_buttons_are_amazons() {
    assert_eq!(IntentName::from("AMAZON.PauseIntent"), IntentName::Pause);
    assert_eq!(IntentName::PairEcho.as_str(), "PairEcho");
    for name in ["PlayAudio", "MaPause", "MaResume", "MaStop", "PairEcho", "IdentifyEcho", "AMAZON.Later"] {
        assert_eq!(IntentName::from(name).as_str(), name);
    }
    assert!(matches!(IntentName::from("AMAZON.Later"), IntentName::Unknown(_)));
    let Request::PlaybackController(command) = envelope("playback-controller-play-command-issued").request
    else {
        panic!("not a button")
    };
    assert_eq!(command, PlaybackButton::Play);
}
