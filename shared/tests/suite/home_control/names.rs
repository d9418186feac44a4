//! The names of the library in memory.

use std::time::Duration;

use ma_alexa::control::{HomeNames, Reply};
use serde_json::{Value, json};

use super::harness::{Home, heard, house, player};
use crate::music_assistant::stand_in::{Household, Mood};

fn artist(name: &str) -> Value {
    json!({ "uri": format!("library://artist/{name}"), "name": name, "media_type": "artist", "provider": "library" })
}

/// A home whose searches find nothing.
async fn home(artists: &[Value]) -> Home {
    let library = json!({ "artists": artists }).into();
    Home::start(Household { results: json!({}), library, ..Household::default() }).await
}

fn pages(home: &Home) -> usize {
    home.stand_in.asked().iter().filter(|(command, _)| command == "music/artists/library_items").count()
}

#[tokio::test]
async fn a_misheard_name_is_found_by_its_sound() {
    let others = (0..600).map(|number| artist(&format!("Musician {number}")));
    let artists: Vec<Value> = others.chain([artist("Deák Bill"), artist("Ed Sheeran")]).collect();
    let home = home(&artists).await;
    for (text, uri) in
        [("deck bill", "library://artist/Deák Bill"), ("ed schieren", "library://artist/Ed Sheeran")]
    {
        let reply = home.ask_in("de-DE", heard(text)).await;
        let Reply::Starting { music: Some(music), .. } = &reply else { panic!("{text}: {reply:?}") };
        assert_eq!(music.uri, uri);
    }
    assert_eq!(pages(&home), 3, "they are read once, by pages");
    assert!(matches!(home.ask(heard("quartz and flagstones")).await, Reply::NotFound { .. }));
}

#[tokio::test]
async fn the_names_are_read_again_ten_minutes_later() {
    let home = home(&[artist("Deák Bill")]).await;
    let ask = async || home.ask_in("de-DE", heard("deck bill")).await;
    assert!(matches!(ask().await, Reply::Starting { .. }));
    assert_eq!(pages(&home), 1);
    home.stand_in.change(|household| household.library = json!({ "artists": [artist("Ed Sheeran")] }).into());
    home.clock.advance(Duration::from_secs(590));
    assert!(matches!(ask().await, Reply::Starting { .. }), "the old names are in use");
    assert_eq!(pages(&home), 0);
    home.clock.advance(Duration::from_secs(20));
    assert!(matches!(ask().await, Reply::Starting { .. }), "no person waits for the new ones");
    are_read(&home, 1).await;
    while !matches!(ask().await, Reply::NotFound { .. }) {
        tokio::task::yield_now().await;
    }
}

/// Waits until so many pages of artists were asked for.
async fn are_read(home: &Home, count: usize) {
    let mut read = pages(home);
    while read < count {
        tokio::task::yield_now().await;
        read += pages(home);
    }
}

/// A provider has most names that letters can spell.
#[tokio::test]
async fn a_misheard_name_of_the_library_goes_before_what_a_provider_has() {
    let home = home(&[artist("Deák Bill")]).await;
    assert!(matches!(home.ask_in("de-DE", heard("deck bill")).await, Reply::Starting { .. }));
    home.stand_in.change(|household| {
        household.library_results = Some(json!({}));
        let name = "Deck Billy";
        let other = json!({ "uri": "spotify://artist/1", "name": name, "media_type": "artist", "provider": "spotify" });
        household.results = json!({ "artists": [other] });
    });
    let reply = home.ask_in("de-DE", heard("deck bill")).await;
    let uris: Vec<String> = match reply {
        Reply::Starting { music: Some(music), .. } => vec![music.uri],
        Reply::Choose(several) => several.into_iter().map(|music| music.uri).collect(),
        other => panic!("{other:?}"),
    };
    assert!(uris.contains(&"library://artist/Deák Bill".to_owned()), "{uris:?}");
}

#[tokio::test]
async fn a_library_without_end_is_read_in_part() {
    let artists: Vec<Value> = (0..46_000).map(|number| artist(&format!("Musician {number}"))).collect();
    let home = home(&artists).await;
    let found = home.ask(heard("musician 17")).await;
    assert!(!matches!(found, Reply::Failed(_)), "{found:?}");
    // The read goes on behind the reply.
    are_read(&home, 180).await;
    home.ask(heard("musician 17")).await;
    assert_eq!(pages(&home), 0, "45,000 names at most");
}

#[tokio::test]
async fn a_read_that_ends_early_leaves_what_it_has_found() {
    let home = home(&[]).await;
    let half = json!({ "artists": [artist("Deák Bill")], "albums": "no list" });
    home.stand_in.change(|household| household.library = half.into());
    assert!(matches!(home.ask_in("de-DE", heard("deck bill")).await, Reply::Starting { .. }));
    // One that found less takes nothing away.
    home.stand_in.change(|household| household.library = json!({ "artists": "no list" }).into());
    home.clock.advance(Duration::from_mins(11));
    assert!(matches!(home.ask_in("de-DE", heard("deck bill")).await, Reply::Starting { .. }));
    are_read(&home, 1).await;
    assert!(matches!(home.ask_in("de-DE", heard("deck bill")).await, Reply::Starting { .. }));
}

#[tokio::test]
async fn alexa_learns_rooms_and_playlists_favourites_first() {
    let playlist = |name: &str, favorite: bool| {
        json!({ "uri": format!("library://playlist/{name}"), "name": name, "media_type": "playlist",
                "provider": "library", "favorite": favorite })
    };
    let lists = [playlist("Abba \u{1f3a7}", false), playlist("Zebra", true), playlist("Dinner", false)];
    let library = json!({ "playlists": lists }).into();
    let players = house(&[player("RINCON_1", "Sonos Bath"), player("RINCON_2", "sonos bath")]);
    let home = Home::start(Household { players, library, ..Household::default() }).await;
    let names = home.control.spoken_names().await.unwrap();
    assert_eq!(names, HomeNames::new(["Kitchen", "Sonos Bath"], ["Zebra", "Abba", "Dinner"]));
    home.stand_in.change(|household| household.mood = Mood::Garbage);
    assert!(home.control.spoken_names().await.is_err());
}

#[tokio::test]
async fn names_that_cannot_be_read_hinder_nothing() {
    let home = home(&[]).await;
    for broken in [json!({ "artists": [7, null, { "name": "no address" }] }), json!(7)] {
        home.stand_in.change(|household| household.library = broken.clone().into());
        home.clock.advance(Duration::from_mins(11));
        assert!(matches!(home.ask(heard("deck bill")).await, Reply::NotFound { .. }), "{broken}");
    }
    home.stand_in.change(|household| household.mood = Mood::Garbage);
    home.clock.advance(Duration::from_mins(11));
    assert!(matches!(home.ask(heard("deck bill")).await, Reply::Failed(_)));
}
