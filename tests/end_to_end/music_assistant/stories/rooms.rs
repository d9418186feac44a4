//! Other rooms than that of the Echo that is spoken to.

use super::home::{Home, KITCHEN, OFFICE};

/// Two rooms play. What is asked for elsewhere is heard there alone.
pub(super) async fn obey(home: &Home) {
    let said = home.says(KITCHEN, "play red harbour in the office").await;
    assert!(said.speech.contains("Red Harbour by Mara Holm on Office"), "{said:?}");
    home.hears(OFFICE, &["Red Harbour"], "music elsewhere").await;
    assert!(home.echos.plays(KITCHEN), "this room plays on");
    home.says_what_plays(KITCHEN, "Old Window").await;
    home.queue_is(OFFICE, "music that plays", |queue| queue["state"] == "playing").await;
    home.hears_words(KITCHEN, "what is playing in the office", "Red Harbour").await;
    home.hears_words(KITCHEN, "play blue river next in the office", "Blue River").await;
    home.hears_words(KITCHEN, "add golden meadow to the queue in the office", "Golden Meadow").await;
    home.hears_words(KITCHEN, "what is playing in the office", "Red Harbour").await;

    let (kitchen, office) = tokio::join!(
        home.plays(KITCHEN, "play blue river", KITCHEN, &["Blue River"]),
        home.plays(OFFICE, "play golden meadow", OFFICE, &["Golden Meadow"]),
    );
    assert_ne!(kitchen.piece, office.piece, "each room has its own");

    home.hears_words(KITCHEN, "set the volume in the office to forty", "Okay").await;
    home.last_hears(OFFICE, "volume 40").await;
    home.hears_words(OFFICE, "set the volume in all rooms to ten", "Okay").await;
    for room in [KITCHEN, OFFICE] {
        home.last_hears(room, "volume 10").await;
    }

    // Music Assistant's stop right behind a start is taken for one of what played before.
    home.goes_on_for_a_while();
    home.hears_words(KITCHEN, "move the music to the office", "moves to Office").await;
    home.hears(OFFICE, &["Blue River"], "music that moved").await;
    home.is_silent(KITCHEN).await;
    home.hears_words(KITCHEN, "play red harbour everywhere", "I know no group with all players").await;

    home.goes_on_for_a_while();
    home.hears_words(KITCHEN, "stop the music in the office", "Okay").await;
    home.is_silent(OFFICE).await;

    home.plays(KITCHEN, "play blue river", KITCHEN, &["Blue River"]).await;
    home.plays(OFFICE, "play golden meadow", OFFICE, &["Golden Meadow"]).await;
    home.goes_on_for_a_while();
    home.hears_words(KITCHEN, "stop the music on all speakers", "Okay").await;
    home.is_silent(KITCHEN).await;
    home.is_silent(OFFICE).await;
}

/// Words for all rooms mean the biggest group of Music Assistant. A group of Echos has a queue there, and no sound: Music
/// Assistant has no stream of a group for its Alexa provider.
pub(super) async fn of_a_group_share_a_queue(home: &Home) {
    let group = home.make_group("Downstairs").await;
    home.hears_words(KITCHEN, "play red harbour everywhere", "Red Harbour by Mara Holm on Downstairs").await;
    home.queue_is(&group, "piece in the queue of the group", |queue| {
        queue["queue_id"] == group && queue["current_item"]["media_item"]["name"] == "Red Harbour"
    })
    .await;
    home.hears_words(KITCHEN, "add blue river to the queue in the downstairs", "Blue River").await;
    home.queue_is(&group, "second piece in it", |queue| queue["items"] == 2).await;
    home.remove_group(&group).await;
}
