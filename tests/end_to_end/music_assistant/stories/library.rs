//! The library of the home: pieces that are known by their sound.
#![expect(clippy::unwrap_used, reason = "what helpers need is there, or the test fails")]

use axum::Router;
use axum::http::header::CONTENT_TYPE;
use axum::routing::get;
use end_to_end::music_assistant::{Installation, MusicAssistant};
use end_to_end::tones::{Piece, wav};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::task::JoinSet;

/// The tracks.
pub(super) const PIECES: [Piece; 8] = [
    piece("Blue River", "Mara Holm", "Rivers", "Jazz"),
    piece("Red Harbour", "Mara Holm", "Rivers", "Jazz"),
    piece("Green Lantern", "Mara Holm", "Lanterns", "Jazz"),
    piece("Old Window", "Tom Falk", "Windows", "Rock"),
    piece("New Window", "Tom Falk", "Windows", "Rock"),
    piece("Silver Bridge", "Ida Kern", "Bridges", "Folk"),
    piece("Silver Bridge", "Otto Brand", "Crossings", "Folk"),
    piece("Golden Meadow", "Otto Brand", "Crossings", "Folk"),
];

/// The tracks of the playlist `Dinner`, by their numbers.
const DINNER: [usize; 2] = [3, 7];

/// The names of the audiobook, the podcast and the radio station, and their sounds.
pub(super) const AUDIOBOOK: &str = "The Long Orchard";
pub(super) const PODCAST: &str = "Evening Letters";
pub(super) const STATION: &str = "Lighthouse Radio";
const OTHERS: [(usize, &str); 3] = [(8, AUDIOBOOK), (9, PODCAST), (11, STATION)];

const fn piece(title: &'static str, artist: &'static str, album: &'static str, genre: &'static str) -> Piece {
    Piece { title, artist, album, genre }
}

/// The name of what has the sound with this number.
pub(super) fn title(number: usize) -> &'static str {
    let other = || OTHERS.iter().find(|(known, _)| *known == number).map(|(_, title)| *title);
    PIECES.get(number).map(|piece| piece.title).or_else(other).unwrap()
}

fn number(title: &str) -> usize {
    OTHERS.iter().find(|(_, known)| *known == title).unwrap().0
}

/// Adds all but the tracks.
pub(super) async fn complete(ma: &MusicAssistant, installation: &Installation, tasks: &mut JoinSet<()>) {
    make_playlist(ma).await;
    ma.command("music/library/add_item", json!({ "item": station(tasks).await })).await;
    let book = piece("The First Evening", "Nora Vale", AUDIOBOOK, "");
    ma.add(installation, "audiobooks", number(AUDIOBOOK), &book).await;
    let episode = piece("A Letter from the Coast", "Jon Ritter", PODCAST, "");
    ma.add(installation, "podcasts", number(PODCAST), &episode).await;
}

async fn make_playlist(ma: &MusicAssistant) {
    let made = ma.command("music/playlists/create_playlist", json!({ "name": "Dinner" })).await;
    let tracks = ma.command("music/tracks/library_items", json!({ "limit": PIECES.len() })).await;
    let uri = |number: usize| {
        let piece = &PIECES[number];
        let mut tracks = tracks.as_array().unwrap().iter();
        let found =
            tracks.find(|track| track["name"] == piece.title && track["artists"][0]["name"] == piece.artist);
        found.unwrap()["uri"].clone()
    };
    let uris: Vec<Value> = DINNER.into_iter().map(uri).collect();
    let args = json!({ "db_playlist_id": made["item_id"], "uris": uris });
    ma.command("music/playlists/add_playlist_tracks", args).await;
}

/// Puts a radio station on the air. Its address in Music Assistant.
async fn station(tasks: &mut JoinSet<()>) -> String {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let address = listener.local_addr().unwrap();
    let sound = wav(number(STATION), &piece(STATION, "", "", ""), 6);
    let headers = [("icy-name", STATION), (CONTENT_TYPE.as_str(), "audio/wav")];
    let router = Router::new().route("/live", get(async move || (headers, sound.clone())));
    tasks.spawn(async move { axum::serve(listener, router).await.unwrap() });
    format!("builtin://radio/http://{address}/live")
}
