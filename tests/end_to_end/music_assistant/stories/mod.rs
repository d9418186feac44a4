//! What people say, to the sound that they hear: each sentence goes as Alexa's request through the skill to a real Music
//! Assistant, and the piece is recognised in the stream that an Echo fetches then.

mod by_name;
mod echos;
mod failures;
mod home;
mod library;
mod provider;
mod rooms;
mod sentences;
mod transport;

use end_to_end::music_assistant::Installation;
use serde_json::json;
use tokio::time::timeout;

use home::{Home, KITCHEN, OFFICE};

use super::LONGEST;

/// One Music Assistant plays all of them: a start of it costs more than they do.
#[tokio::test(flavor = "multi_thread")]
async fn people_hear_what_they_ask_for() {
    let Some(installation) = Installation::find() else { return };
    let stories = async {
        let home = Home::start(&installation).await;
        // A room is known once Music Assistant played there.
        music_assistant_plays(&home, KITCHEN).await;
        music_assistant_plays(&home, OFFICE).await;
        tokio::join!(transport::in_the_answer(&home), transport::by_a_sentence(&home));
        tokio::join!(by_name::in_the_answer(&home), by_name::by_a_sentence(&home));
        rooms::obey(&home).await;
        tokio::join!(
            failures::an_answer_that_is_lost_heals(&home),
            failures::music_stops_after_a_while(&home)
        );
        failures::what_is_lost_on_the_way_is_said(&home).await;
        rooms::of_a_group_share_a_queue(&home).await;
        failures::music_assistant_starts_again(&home).await;
        for room in [KITCHEN, OFFICE] {
            home.is_all_seen(room).await;
        }
        home.says_what_starts_took();
    };
    assert!(timeout(LONGEST, stories).await.is_ok(), "not done within {LONGEST:?}");
}

/// Music Assistant plays the first four pieces in a room.
async fn music_assistant_plays(home: &Home, room: &str) {
    let ma = home.ma.read().await;
    let tracks = ma.command("music/tracks/library_items", json!({ "limit": 10 })).await;
    let mut uris = Vec::new();
    for piece in &library::PIECES[..4] {
        let track = tracks.as_array().into_iter().flatten().find(|track| track["name"] == piece.title);
        uris.extend(track.map(|track| track["uri"].clone()));
    }
    let args = json!({ "queue_id": room, "media": uris, "option": "replace" });
    ma.command("player_queues/play_media", args).await;
    drop(ma);
    home.hears(room, &["Blue River"], "a play of Music Assistant").await;
    assert_eq!(home.echos.sentences(room).last().map(String::as_str), Some("PlayAudio"), "it speaks");
}
