//! What a screen shows beside the music.

use ma_alexa::playback::Metadata;
use serde_json::{Value, json};

use super::envelope::{Envelope, SKILL_ID};
use super::home::Home;

async fn shown(home: &Home, envelope: &Envelope) -> Value {
    home.ask(envelope).await["response"]["directives"][0]["audioItem"]["metadata"].clone()
}

fn names(title: &str, artist: &str, album: &str, image: &str) -> Metadata {
    let text = |text: &str| Some(text.to_owned());
    Metadata { title: text(title), artist: text(artist), album: text(album), image_url: text(image) }
}

const PROXIED: &str = "http://192.168.1.5:8095/imageproxy/1?size=512&path=a%2Fb";

#[tokio::test]
async fn title_artist_and_cover_are_shown() {
    let home = Home::start();
    let names = names("Sinnerman", "Nina Simone", "Pastel Blues", PROXIED);
    home.push_path("flow/one/queue/item/Kitchen.flac", names).await;
    let cover = json!({
        "contentDescription": "Pastel Blues",
        "sources": [{ "url": "https://art.example.com/imageproxy/1?size=512&path=a%2Fb" }],
    });
    assert_eq!(
        shown(&home, &Envelope::play_audio()).await,
        json!({ "title": "Sinnerman", "subtitle": "Nina Simone", "art": cover, "backgroundImage": cover })
    );
}

#[tokio::test]
async fn what_comes_later_is_shown_by_the_next_play() {
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
async fn what_has_no_title_is_named_after_its_player_in_the_language_of_the_echo() {
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
