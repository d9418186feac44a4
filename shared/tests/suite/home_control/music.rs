//! Music that is heard: searches, choices and what is done with it.

use ma_alexa::control::{Action, ControlError, MusicKind, MusicRequest, MusicSource, MusicUse, Reply};
use serde_json::{Value, json};

use super::harness::{Home, finding, heard, starting, suggestion, used};
use crate::music_assistant::stand_in::{Household, media};

fn play(selection: MusicSource, used: MusicUse) -> Action {
    Action::Play(MusicRequest { selection, used, room: None })
}

/// The texts of the searches since the last look, and whether each is of the library alone.
fn searched(home: &Home) -> Vec<(String, bool)> {
    let asked = home.stand_in.asked().into_iter().filter(|(command, _)| command == "music/search");
    let text = |args: &Value| args["search_query"].as_str().unwrap().to_owned();
    asked.map(|(_, args)| (text(&args), args["providers"] == json!(["library"]))).collect()
}

#[tokio::test]
async fn the_library_goes_before_the_providers() {
    let home = Home::start(finding(json!({ "tracks": [media("Two", "library")] }))).await;
    assert_eq!(home.ask(heard("two")).await, starting("Two"));
    assert_eq!(searched(&home), [("two".to_owned(), true)]);

    home.stand_in.change(|household| {
        household.library_results = Some(json!({ "tracks": [media("Something Else Entirely", "library")] }));
        let mut train = media("Blue Train", "spotify");
        train["artists"] = json!([{ "name": "John Coltrane" }]);
        household.results = json!({ "tracks": [train] });
    });
    let Reply::Starting { music: Some(music), .. } = home.ask(heard("blue train by john coltrane")).await
    else {
        panic!("it is found")
    };
    assert_eq!(music.uri, "spotify://track/Blue Train");
    let texts = [
        ("blue train by john coltrane", true),
        ("blue train", true),
        ("blue train by john coltrane", false),
        ("blue train john coltrane", false),
    ];
    // Those of one place are sent at once.
    let mut searched = searched(&home);
    searched.sort_by_key(|(text, library)| (!library, text.len() != texts[0].0.len()));
    assert_eq!(searched, texts.map(|(text, library)| (text.to_owned(), library)));
}

#[tokio::test]
async fn each_use_has_its_command() {
    let home = Home::start(finding(json!({ "tracks": [media("Two", "library")] }))).await;
    let args = |option: &str| {
        json!({
            "queue_id": "Kitchen", "media": "library://track/Two", "option": option, "radio_mode": false,
        })
    };
    for (how, reply, option) in [
        (MusicUse::Play, starting("Two"), "replace"),
        (MusicUse::Next, Reply::QueuedNext(suggestion("Two")), "next"),
        (MusicUse::Add, Reply::Queued(suggestion("Two")), "add"),
    ] {
        assert_eq!(home.ask(used("two", None, how)).await, reply, "{how:?}");
        assert_eq!(home.change(), ("player_queues/play_media".to_owned(), args(option)), "{how:?}");
    }
    assert_eq!(home.ask(used("two", None, MusicUse::Shuffle)).await, starting("Two"));
    let shuffled = json!({ "queue_id": "Kitchen", "shuffle_enabled": true });
    let both = [
        ("player_queues/shuffle".to_owned(), shuffled),
        ("player_queues/play_media".to_owned(), args("replace")),
    ];
    assert_eq!(home.changes(), both, "the order is set before the music starts");
    home.stand_in.change(|household| household.queue["shuffle_enabled"] = json!(true));
    assert_eq!(home.ask(used("two", None, MusicUse::Shuffle)).await, starting("Two"));
    assert_eq!(home.changes().len(), 1, "it is shuffled already");
}

#[tokio::test]
async fn the_kind_that_was_said_is_searched_for() {
    let home = Home::start(Household::default()).await;
    for (kind, media_type, list) in [
        (MusicKind::Artist, "artist", "artists"),
        (MusicKind::Album, "album", "albums"),
        (MusicKind::Song, "track", "tracks"),
        (MusicKind::Playlist, "playlist", "playlists"),
        (MusicKind::Station, "radio", "radio"),
        (MusicKind::Genre, "genre", "genres"),
        (MusicKind::Audiobook, "audiobook", "audiobooks"),
        (MusicKind::Podcast, "podcast", "podcasts"),
    ] {
        home.stand_in.change(|household| household.results = json!({ list: [media("Jazz", "library")] }));
        let Reply::Starting { music: Some(music), .. } =
            home.ask(used("jazz", Some(kind), MusicUse::Play)).await
        else {
            panic!("{kind:?} is found")
        };
        assert_eq!((music.kind, music.title.as_str()), (Some(kind), "Jazz"));
        let asked = home.stand_in.asked();
        let (_, args) = asked.iter().find(|(command, _)| command == "music/search").unwrap();
        assert_eq!(args["media_types"], json!([media_type]));
    }
}

#[tokio::test]
async fn of_two_that_may_be_meant_the_person_chooses() {
    let by = |artist: &str| {
        let mut media = media("Hello", "library");
        media["artists"] = json!([{ "name": artist }]);
        media["uri"] = json!(format!("library://track/{artist}"));
        media
    };
    let home = Home::start(finding(json!({ "tracks": [by("Adele"), by("Lionel Richie")] }))).await;
    let Reply::Choose(asked) = home.ask(heard("hello")).await else { panic!("two are meant") };
    let artists: Vec<_> = asked.iter().filter_map(|suggestion| suggestion.artist.as_deref()).collect();
    assert_eq!(artists, ["Adele", "Lionel Richie"]);
    assert_eq!(searched(&home).len(), 1, "both have the very name: the providers add none");
    let Reply::Starting { music: Some(music), .. } = home.ask(heard("hello by lionel richie")).await else {
        panic!("one is meant")
    };
    assert_eq!(music.uri, "library://track/Lionel Richie");
}

#[tokio::test]
async fn a_suggestion_is_played_by_its_address() {
    let home = Home::start(Household::default()).await;
    let suggested = |uri: &str| play(MusicSource::Suggested(uri.to_owned()), MusicUse::Play);
    assert_eq!(home.ask(suggested("library://track/Two")).await, starting("Two"));
    assert_eq!(home.change().1["media"], json!("library://track/Two"));
    let gone = Reply::Failed(ControlError::MusicGone);
    assert_eq!(home.ask(suggested("library://track/Gone")).await, gone);
    assert_eq!(home.ask(suggested("two")).await, Reply::Failed(ControlError::Failed));
    assert_eq!(home.changes().len(), 0, "a queue is not emptied for nothing");
}

#[tokio::test]
async fn favourites_and_chance_come_from_the_library() {
    let track = |number: usize, favorite: bool| {
        let mut media = media(&number.to_string(), "library");
        media["favorite"] = json!(favorite);
        media
    };
    let tracks: Vec<Value> = (0..120).map(|number| track(number, number < 2)).collect();
    let home =
        Home::start(Household { library: json!({ "tracks": tracks }).into(), ..Household::default() }).await;
    let started = Reply::Starting { music: None, room: None };
    assert_eq!(home.ask(play(MusicSource::Favourites, MusicUse::Play)).await, started);
    assert_eq!(home.change().1["media"], json!(["library://track/0", "library://track/1"]));
    assert_eq!(home.ask(play(MusicSource::Random, MusicUse::Play)).await, started);
    assert_eq!(home.change().1["media"].as_array().map(Vec::len), Some(50));
    home.stand_in
        .change(|household| household.library = json!({ "albums": [media("Blue", "library")] }).into());
    assert_eq!(home.ask(play(MusicSource::Favourites, MusicUse::Play)).await, started, "an album, then");
    assert_eq!(home.change().1["media"], json!("library://track/Blue"));
    home.stand_in.change(|household| household.library = json!({}).into());
    let none = Reply::NotFound { heard: String::new() };
    assert_eq!(home.ask(play(MusicSource::Favourites, MusicUse::Play)).await, none);
}

#[tokio::test]
async fn what_is_not_there_is_not_found() {
    let home = Home::start(finding(json!({}))).await;
    let none = |heard: &str| Reply::NotFound { heard: heard.to_owned() };
    assert_eq!(home.ask(heard("two")).await, none("two"));
    assert_eq!(home.ask(heard("  ")).await, none("  "));
    let long = "word ".repeat(1600);
    let Reply::NotFound { heard } = home.ask(heard(&long)).await else { panic!("it is not there") };
    assert_eq!(heard.chars().count(), 200);
    assert!(searched(&home).iter().all(|(text, _)| text.chars().count() <= 200));
    assert_eq!(home.changes().len(), 0);
}
