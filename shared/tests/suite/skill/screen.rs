//! What a screen shows beside the music.

#![expect(clippy::print_stderr, reason = "what the wait costs is for people to read")]

use std::time::{Duration, Instant};

use ma_alexa::playback::Metadata;
use serde_json::{Value, json};

use super::envelope::{Envelope, SKILL_ID};
use super::home::Home;

async fn shown(home: &Home, envelope: &Envelope) -> Value {
    home.ask(envelope).await["response"]["directives"][0]["audioItem"]["metadata"].clone()
}

fn names(title: &str, artist: &str, album: &str, image: &str) -> Metadata {
    let text = |text: &str| Some(text.to_owned());
    Metadata {
        title: text(title),
        artist: text(artist),
        album: text(album),
        image_url: text(image),
        image_grant: None,
    }
}

const PROXIED: &str = "http://192.168.1.5:8095/imageproxy/0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef?size=512&path=a%2Fb";

#[tokio::test]
async fn title_artist_and_cover_are_shown() {
    let home = Home::start();
    let names = names("Sinnerman", "Nina Simone", "Pastel Blues", PROXIED);
    home.push_path("flow/one/queue/item/Kitchen.flac", names).await;
    let cover = json!({
        "contentDescription": "Pastel Blues",
        "sources": [{ "url": "https://art.example.com/imageproxy/0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef" }],
    });
    assert_eq!(
        shown(&home, &Envelope::play_audio()).await,
        json!({ "title": "Sinnerman", "subtitle": "Nina Simone", "art": cover, "backgroundImage": cover })
    );
}

#[tokio::test]
async fn late_names_are_shown_by_the_next_play() {
    let home = Home::start();
    let play = home.playing("Kitchen").await;
    let names = names("Sinnerman & <b>Söhne</b>", "Nina Simone", "", "https://i.scdn.co/image/1");
    home.push_path("flow/one/queue/item/Kitchen.flac", names).await;
    let metadata =
        shown(&home, &Envelope::intent("AMAZON.ResumeIntent").after(&play.token, 9, "STOPPED")).await;
    assert_eq!(metadata["title"], "Sinnerman & <b>Söhne</b>");
    assert_eq!(metadata["art"], json!({ "sources": [{ "url": "https://i.scdn.co/image/1" }] }));
}

#[tokio::test]
async fn a_stream_without_a_title_is_named_after_its_player() {
    for (locale, title) in
        [("en-US", "Music on Küche 🎧"), ("de-DE", "Musik auf Küche 🎧"), ("xx-XX", "Music on Küche 🎧")]
    {
        let home = Home::start();
        home.push_path("flow/one/queue/item/Küche 🎧.flac", Metadata::default()).await;
        let metadata = shown(&home, &Envelope::play_audio().locale(locale)).await;
        assert_eq!(metadata, json!({ "title": title }), "{locale}");
    }
}

#[tokio::test]
async fn a_picture_that_no_echo_can_fetch_is_left_out() {
    for image in [PROXIED, "http://192.168.1.5/cover.png", "data:image/png;base64,AAAA", "not an address", ""]
    {
        let home =
            Home::start_with(&[("SKILL_ID", SKILL_ID), ("STREAM_BASE_URL", "https://music.example.com")]);
        home.push_path("flow/one/queue/item/Kitchen.flac", names("Sinnerman", "", "Pastel Blues", image))
            .await;
        assert_eq!(shown(&home, &Envelope::play_audio()).await, json!({ "title": "Sinnerman" }), "{image}");
    }
}

#[tokio::test]
async fn names_of_any_length_fit() {
    let home = Home::start();
    let long = "ü🎧".repeat(400);
    home.push_path("flow/one/queue/item/Kitchen.flac", names(&long, &long, &long, PROXIED)).await;
    let metadata = shown(&home, &Envelope::play_audio()).await;
    assert!(metadata["title"].as_str().unwrap().encode_utf16().count() <= 200);
}

/// What an Echo is shown of a start whose names come once it was read `reads` times, and how long it waits.
async fn shown_when_named(envelope: &Envelope, reads: Option<usize>) -> (Value, Duration, usize) {
    let home = Home::start();
    let path = "flow/one/queue/item/Kitchen.flac";
    home.push_path(path, Metadata::default()).await;
    home.pass(1);
    home.store.calls();
    let named = async {
        for _ in 0..reads.unwrap_or(0) {
            home.store.household_is_read().await;
        }
        if reads.is_some() {
            home.push_path(path, names("Sinnerman", "Nina Simone", "", "")).await;
        }
    };
    let began = Instant::now();
    let asked = async {
        let shown = shown(&home, envelope).await;
        (shown, began.elapsed())
    };
    let ((shown, took), ()) = tokio::join!(asked, named);
    let reads = home.store.calls().iter().filter(|call| **call == "household").count();
    (shown, took, reads)
}

fn with_viewport() -> Envelope {
    let mut envelope = Envelope::play_audio();
    envelope.0["context"]["Viewport"] = json!({ "shape": "RECTANGLE", "pixelWidth": 1024 });
    envelope
}

fn with_interface(interface: &str) -> Envelope {
    let mut envelope = Envelope::play_audio();
    envelope.0["context"]["System"]["device"]["supportedInterfaces"][interface] = json!({});
    envelope
}

#[tokio::test]
async fn an_echo_with_a_screen_waits_for_the_names_of_what_starts() {
    for envelope in [with_viewport(), with_interface("Alexa.Presentation.APL")] {
        let (metadata, took, reads) = shown_when_named(&envelope, Some(3)).await;
        eprintln!("names while it waits: answered after {took:?} and {reads} reads");
        assert_eq!((&metadata["title"], &metadata["subtitle"]), (&json!("Sinnerman"), &json!("Nina Simone")));
        assert!((3..=5).contains(&reads), "{reads}");
    }
}

#[tokio::test]
async fn no_echo_waits_longer_than_that_and_one_without_a_screen_not_at_all() {
    let (metadata, took, reads) = shown_when_named(&with_viewport(), None).await;
    eprintln!("no names: answered after {took:?} and {reads} reads");
    assert_eq!(metadata["title"], "Music on Kitchen");
    assert!(took >= Duration::from_millis(1150), "{took:?}");
    assert!((2..=7).contains(&reads), "{reads}");

    for envelope in [Envelope::play_audio(), with_interface("Alexa.Presentation.APLT")] {
        let (_, took, reads) = shown_when_named(&envelope, None).await;
        eprintln!("no screen: answered after {took:?} and {reads} read");
        assert_eq!(reads, 1);
    }
}

#[tokio::test]
async fn an_answer_does_not_wait_for_names_that_are_there_or_will_not_come() {
    let home = Home::start();
    home.push("Kitchen", "one").await;
    home.pass(9);
    home.store.calls();
    home.ask(&with_viewport()).await;
    home.push_path("flow/two/queue/item/Kitchen.flac", names("Sinnerman", "", "", "")).await;
    home.pass(1);
    home.ask(&with_viewport()).await;
    let reads = home.store.calls().iter().filter(|call| **call == "household").count();
    assert_eq!(reads, 2, "one for each play");
}
