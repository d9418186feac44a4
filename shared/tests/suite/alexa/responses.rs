//! Answers as they stand on the wire.

use insta::assert_json_snapshot;
use ma_alexa::alexa::request::{AplRequest, IntentName, Request};
use ma_alexa::alexa::response::{
    AudioItemMetadata, AudioPlayerQueueResponse, CanFulfillResponse, ClearBehavior, DynamicEntities,
    ElicitSlot, EmptyResponse, Fulfillment, HttpsUrl, HttpsUrlError, Image, IndexListResponse,
    IntentResponse, InvalidToken, PlainText, PlayBehavior, PlayDirective, PlaybackStartedResponse, Response,
    Token, TokenListResponse,
};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::envelope;

fn url(text: &str) -> HttpsUrl {
    HttpsUrl::parse(text).unwrap()
}

fn token(text: &str) -> Token {
    Token::new(text).unwrap()
}

fn play(behavior: PlayBehavior) -> PlayDirective {
    PlayDirective {
        behavior,
        stream: url("https://ma.example.org/flow/s/q/i/kitchen.mp3"),
        token: token("token-2"),
        offset_ms: 41_250,
        metadata: AudioItemMetadata::of_track(
            Some("Time"),
            Some("Pink Floyd"),
            Some("The Dark Side of the Moon"),
            Some(url("https://ma.example.org/imageproxy?path=a")),
        ),
    }
}

fn enqueue() -> PlayBehavior {
    PlayBehavior::Enqueue { expected_previous_token: token("token-1") }
}

fn wire(answer: impl Into<Response>) -> Value {
    serde_json::to_value(answer.into()).unwrap()
}

#[test]
fn nothing_is_an_empty_response() {
    let nothing = r#"{"version":"1.0","response":{}}"#;
    for answer in [
        Response::from(EmptyResponse),
        Response::from(PlaybackStartedResponse::Nothing),
        Response::from(AudioPlayerQueueResponse::Nothing),
    ] {
        assert_eq!(serde_json::to_string(&answer).unwrap(), nothing);
    }
}

#[test]
fn speech_ends_the_session() {
    assert_json_snapshot!(wire(IntentResponse::say("Nothing plays & <nothing> will.")));
}

#[test]
fn an_end_without_a_word() {
    assert_eq!(
        wire(IntentResponse::end_session()),
        json!({"version": "1.0", "response": {"shouldEndSession": true}})
    );
}

#[test]
fn play_with_speech() {
    let answer = IntentResponse::play(play(PlayBehavior::ReplaceAll)).with_speech("Here it comes.");
    assert_json_snapshot!(wire(answer));
}

#[test]
fn play_without_metadata() {
    let directive = PlayDirective {
        metadata: AudioItemMetadata::default(),
        offset_ms: 0,
        ..play(PlayBehavior::ReplaceEnqueued)
    };
    assert_json_snapshot!(wire(IntentResponse::play(directive)));
}

#[test]
fn stop_ends_the_session() {
    assert_json_snapshot!(wire(IntentResponse::stop()));
}

#[test]
fn a_question_leaves_the_session_open() {
    assert_json_snapshot!(wire(IntentResponse::ask("Which player is this?", "Say the player's name.")));
}

#[test]
fn a_slot_is_asked_for() {
    let directive = ElicitSlot::new(IntentName::PairEcho, "player");
    assert_json_snapshot!(wire(IntentResponse::elicit_slot(
        directive,
        "Which player is this?",
        "Say the player's name."
    )));
}

#[test]
fn names_are_for_a_question_alone() {
    let names =
        || DynamicEntities::new([("PLAYER_NAME", vec!["Kitchen".to_owned(), "Sonos Bath".to_owned()])]);
    let answer =
        wire(IntentResponse::ask("Which player is this?", "Say the player's name.").with_names(names()));
    let expected = json!({ "type": "Dialog.UpdateDynamicEntities", "updateBehavior": "REPLACE", "types": [{
        "name": "PLAYER_NAME",
        "values": [
            { "name": { "value": "Kitchen", "synonyms": [] } },
            { "name": { "value": "Sonos Bath", "synonyms": [] } },
        ],
    }] });
    assert_eq!(answer["response"]["directives"], json!([expected]));
    let slot = ElicitSlot::new(IntentName::PairEcho, "player");
    let asked = wire(IntentResponse::elicit_slot(slot, "Which?", "Which?").with_names(names()));
    assert_eq!(asked["response"]["directives"][0]["type"], "Dialog.ElicitSlot");
    assert_eq!(asked["response"]["directives"][1], expected);
    for closed in [
        IntentResponse::say("Done."),
        IntentResponse::stop(),
        IntentResponse::play(play(PlayBehavior::ReplaceAll)),
    ] {
        assert_eq!(wire(closed.clone().with_names(names())), wire(closed));
    }
}

#[test]
fn at_most_a_hundred_names_are_sent() {
    let many = |count: usize| (0..count).map(|number| format!("room {number}")).collect::<Vec<_>>();
    let count = |types: Vec<(&'static str, Vec<String>)>| {
        let names = DynamicEntities::new(types);
        let answer = wire(IntentResponse::ask("Which?", "Which?").with_names(names)).to_string();
        (answer.matches("\"value\"").count(), answer.len())
    };
    assert_eq!(count(vec![("A", many(60)), ("B", many(60))]).0, 100);
    assert_eq!(count(vec![("A", many(300)), ("B", many(60))]).0, 100);
    let (values, bytes) = count(vec![("A", vec!["ü".repeat(140); 100]), ("B", many(3))]);
    assert!(values == 29 + 3 && bytes < 16 * 1024, "{values} {bytes}");
    assert_eq!(DynamicEntities::new([("A", Vec::new()), ("B", Vec::new())]), None);
}

#[test]
fn a_started_stream_is_stopped_or_its_queue_cleared() {
    assert_json_snapshot!(wire(PlaybackStartedResponse::Stop));
    assert_json_snapshot!(wire(PlaybackStartedResponse::ClearQueue(ClearBehavior::Enqueued)));
}

#[test]
fn the_next_stream_is_queued_behind_the_present_one() {
    assert_json_snapshot!(wire(AudioPlayerQueueResponse::play(play(enqueue()))));
}

#[test]
fn a_button_stops_or_clears() {
    assert_json_snapshot!(wire(AudioPlayerQueueResponse::Stop));
    assert_json_snapshot!(wire(AudioPlayerQueueResponse::ClearQueue(ClearBehavior::All)));
}

#[test]
fn whether_an_intent_can_be_served() {
    let answer = CanFulfillResponse::new(Fulfillment::Maybe)
        .with_slot("artist", Fulfillment::Yes, true)
        .with_slot("room", Fulfillment::No, false);
    assert_json_snapshot!(wire(answer));
    assert_json_snapshot!(wire(CanFulfillResponse::new(Fulfillment::No)));
}

#[test]
fn a_list_gets_no_more() {
    let Request::Apl(AplRequest::LoadIndexListData(request)) = envelope("apl-load-index-list-data").request
    else {
        panic!("not a list")
    };
    assert_json_snapshot!(wire(IndexListResponse::empty(&request)));
    let Request::Apl(AplRequest::LoadTokenListData(request)) = envelope("apl-load-token-list-data").request
    else {
        panic!("not a list")
    };
    assert_json_snapshot!(wire(TokenListResponse::empty(&request)));
}

#[test]
fn long_speech_is_cut_between_characters() {
    assert_eq!(PlainText::new("ä".repeat(9000)).as_str(), "ä".repeat(8000));
    assert_eq!(PlainText::new("a".repeat(8000)).as_str().len(), 8000);
    // Characters that need two units in UTF-16 count as two.
    assert_eq!(PlainText::new(format!("a{}", "🎵".repeat(5000))).as_str(), format!("a{}", "🎵".repeat(3999)));
    let answer = wire(IntentResponse::ask("é".repeat(8001), "é".repeat(8001)));
    for text in ["/response/outputSpeech/text", "/response/reprompt/outputSpeech/text"] {
        assert_eq!(answer.pointer(text).unwrap().as_str().unwrap().chars().count(), 8000);
    }
}

#[test]
fn blank_speech_is_left_out() {
    let answer = wire(IntentResponse::say(" \n"));
    assert_eq!(answer["response"], json!({"shouldEndSession": true}));
}

#[test]
fn lines_of_a_screen_are_cut_and_blank_ones_left_out() {
    let metadata = AudioItemMetadata {
        title: Some("ü".repeat(300)),
        subtitle: Some("  ".to_owned()),
        art: Some(Image { url: url("https://example.org/a.png"), content_description: Some(String::new()) }),
        background: None,
    };
    let answer = wire(IntentResponse::play(PlayDirective { metadata, ..play(PlayBehavior::ReplaceAll) }));
    let expected = json!({
        "title": "ü".repeat(200),
        "art": {"sources": [{"url": "https://example.org/a.png"}]},
    });
    assert_eq!(answer["response"]["directives"][0]["audioItem"]["metadata"], expected);
}

#[test]
fn a_track_without_names_shows_nothing() {
    assert_eq!(AudioItemMetadata::of_track(None, None, Some("album"), None), AudioItemMetadata::default());
}

#[test]
fn an_address_must_be_https() {
    assert_eq!(HttpsUrl::parse("http://example.org/a.mp3"), Err(HttpsUrlError::NotHttps));
    assert_eq!(HttpsUrl::parse("ftp://example.org/a.mp3"), Err(HttpsUrlError::NotHttps));
    assert_eq!(HttpsUrl::parse("/a.mp3"), Err(HttpsUrlError::NotAUrl));
    assert_eq!(HttpsUrl::parse("https://"), Err(HttpsUrlError::NotAUrl));
    assert_eq!(HttpsUrl::parse(""), Err(HttpsUrlError::NotAUrl));
    assert_eq!(url("HTTPS://Example.org/A.mp3").as_str(), "https://example.org/A.mp3");
}

#[test]
fn an_address_is_encoded_once() {
    let encoded = "https://example.org/K%C3%BCche%20%25.mp3?a=b%2Fc";
    assert_eq!(url("https://example.org/Küche %25.mp3?a=b%2Fc").as_str(), encoded);
    assert_eq!(url(encoded).as_str(), encoded);
}

#[test]
fn an_address_shows_its_host_alone() {
    let shown = format!("{:?}", play(enqueue()));
    assert!(shown.contains("HttpsUrl(https://ma.example.org/..)"), "{shown}");
    assert!(!shown.contains("kitchen.mp3") && !shown.contains("imageproxy"), "{shown}");
    assert!(!shown.contains("token-1") && !shown.contains("token-2"), "{shown}");
}

#[test]
fn a_token_has_1_to_1024_characters() {
    assert_eq!(Token::new(""), Err(InvalidToken::Empty));
    assert_eq!(Token::new(" "), Err(InvalidToken::Empty));
    assert_eq!(Token::new("ä".repeat(1024)).unwrap().as_str(), "ä".repeat(1024));
    assert_eq!(Token::new("a".repeat(1025)), Err(InvalidToken::TooLong));
}

#[test]
fn an_offset_fits_a_signed_number() {
    let directive = PlayDirective { offset_ms: u64::MAX, ..play(PlayBehavior::ReplaceAll) };
    let answer = wire(AudioPlayerQueueResponse::play(directive));
    let offset = &answer["response"]["directives"][0]["audioItem"]["stream"]["offsetInMilliseconds"];
    assert_eq!(offset, &json!(i64::MAX));
}

fn any_play() -> impl Strategy<Value = PlayDirective> {
    let behavior = prop_oneof![
        Just(PlayBehavior::ReplaceAll),
        Just(PlayBehavior::ReplaceEnqueued),
        "[!-~]{1,40}".prop_map(|text| PlayBehavior::Enqueue { expected_previous_token: token(&text) }),
    ];
    let text = || prop::option::of(".{0,300}");
    (behavior, any::<u64>(), text(), text(), text(), any::<bool>()).prop_map(
        |(behavior, offset_ms, title, artist, album, has_cover)| PlayDirective {
            offset_ms,
            metadata: AudioItemMetadata::of_track(
                title.as_deref(),
                artist.as_deref(),
                album.as_deref(),
                has_cover.then(|| url("https://example.org/cover.png")),
            ),
            ..play(behavior)
        },
    )
}

fn any_intent_answer() -> impl Strategy<Value = IntentResponse> {
    let text = || ".{0,60}";
    let answer = prop_oneof![
        text().prop_map(IntentResponse::say),
        any_play().prop_map(IntentResponse::play),
        Just(IntentResponse::stop()),
        (text(), text()).prop_map(|(speech, reprompt)| IntentResponse::ask(speech, reprompt)),
        (text(), text()).prop_map(|(speech, reprompt)| {
            IntentResponse::elicit_slot(ElicitSlot::new(IntentName::PairEcho, "player"), speech, reprompt)
        }),
    ];
    (answer, prop::option::of(text())).prop_map(|(answer, speech)| match speech {
        Some(speech) => answer.with_speech(speech),
        None => answer,
    })
}

fn has_null(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Array(elements) => elements.iter().any(has_null),
        Value::Object(entries) => entries.values().any(has_null),
        _ => false,
    }
}

/// What Alexa checks in the directives of any answer.
fn check_directives(answer: &Value) -> Result<(), TestCaseError> {
    prop_assert!(!has_null(answer), "{answer}");
    let directives = answer["response"]["directives"].as_array().cloned().unwrap_or_default();
    prop_assert!(directives.len() <= 1);
    for directive in directives.iter().filter(|directive| directive["type"] == "AudioPlayer.Play") {
        let stream = &directive["audioItem"]["stream"];
        let has_previous = stream.get("expectedPreviousToken").is_some();
        prop_assert_eq!(has_previous, directive["playBehavior"] == "ENQUEUE");
        prop_assert!(stream["offsetInMilliseconds"].as_i64().is_some_and(|offset| offset >= 0));
    }
    Ok(())
}

proptest! {
    #[test]
    fn no_answer_to_an_intent_opens_the_microphone_over_music(answer in any_intent_answer()) {
        let answer = wire(answer);
        check_directives(&answer)?;
        let response = answer["response"].as_object().unwrap();
        let directs_audio = answer["response"]["directives"][0]["type"]
            .as_str()
            .is_some_and(|name| name.starts_with("AudioPlayer."));
        let ends = response["shouldEndSession"].as_bool().unwrap();
        prop_assert!(ends || !directs_audio);
        prop_assert!(!ends || !response.contains_key("reprompt"));
    }

    #[test]
    fn an_answer_to_a_player_event_plays_without_a_word_and_closes_the_session(directive in any_play()) {
        let answer = wire(AudioPlayerQueueResponse::play(directive));
        check_directives(&answer)?;
        let members: Vec<_> = answer["response"].as_object().unwrap().keys().collect();
        prop_assert_eq!(members, ["directives", "shouldEndSession"]);
        prop_assert_eq!(&answer["response"]["shouldEndSession"], &json!(true));
    }

    #[test]
    fn a_play_directive_survives_the_wire(directive in any_play()) {
        let answer = wire(AudioPlayerQueueResponse::play(directive.clone()));
        let read: Value = serde_json::from_str(&answer.to_string()).unwrap();
        prop_assert_eq!(&read, &answer);
        let stream = &read["response"]["directives"][0]["audioItem"]["stream"];
        prop_assert_eq!(&stream["url"], directive.stream.as_str());
        prop_assert_eq!(&stream["token"], directive.token.as_str());
    }
}
