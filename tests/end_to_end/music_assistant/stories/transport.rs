//! What plays goes on, back and round, in the words of people.

use end_to_end::tones::PLACE;

use super::home::{Home, KITCHEN, OFFICE};

/// A newer provider leaves its sentence out: the answer of the skill has the music.
pub(super) async fn in_the_answer(home: &Home) {
    obeys(home, KITCHEN).await;
}

/// The provider as it is makes the Echo ask.
pub(super) async fn by_a_sentence(home: &Home) {
    quick_presses_are_one_jump(home, OFFICE).await;
    let plays = async |sentence: &str, title: &str| home.plays(OFFICE, sentence, OFFICE, &[title]).await;
    plays("next", "Red Harbour").await;
    plays("previous", "Blue River").await;
    let place = plays("skip forward thirty seconds", "Blue River").await.second;
    assert!((30..30 + 3 * PLACE).contains(&place), "{place}");
    assert_eq!(plays("start over", "Blue River").await.second, 0);
}

/// From the first item to the last one, and back to the first one. A slow press goes one item.
async fn quick_presses_are_one_jump(home: &Home, room: &str) {
    home.presses(room, "Next", 3, "Old Window").await;
    home.presses(room, "Previous", 1, "Green Lantern").await;
    home.presses(room, "Previous", 2, "Blue River").await;
}

async fn obeys(home: &Home, room: &str) {
    quick_presses_are_one_jump(home, room).await;
    let plays = async |sentence: &str, title: &str| home.plays(room, sentence, room, &[title]).await;
    plays("next", "Red Harbour").await;
    plays("next", "Green Lantern").await;
    plays("previous", "Red Harbour").await;
    let place = plays("skip forward thirty seconds", "Red Harbour").await.second;
    assert!((30..30 + 3 * PLACE).contains(&place), "{place}");
    let place = plays("skip back one minute", "Red Harbour").await.second;
    assert_eq!(place, 0, "it is the beginning at the most");
    assert_eq!(plays("start over", "Red Harbour").await.second, 0);
    assert_eq!(plays("repeat this", "Red Harbour").await.second, 0);

    home.hears_words(room, "loop on", "Okay").await;
    home.queue_is(room, "repeated queue", |queue| queue["repeat_mode"] == "all").await;
    home.hears_words(room, "loop this song", "Okay").await;
    home.queue_is(room, "repeated item", |queue| queue["repeat_mode"] == "one").await;
    home.hears_words(room, "loop off", "Okay").await;
    home.queue_is(room, "end of the repetition", |queue| queue["repeat_mode"] == "off").await;
    home.hears_words(room, "shuffle on", "Okay").await;
    home.queue_is(room, "shuffled queue", |queue| queue["shuffle_enabled"] == true).await;
    home.hears_words(room, "shuffle off", "Okay").await;
    home.queue_is(room, "queue in order", |queue| queue["shuffle_enabled"] == false).await;

    home.says(room, "pause").await;
    home.is_silent(room).await;
    home.queue_is(room, "paused queue", |queue| queue["state"] == "paused").await;
    assert!(!home.echos.sentences(room).contains(&"MaPause".to_owned()), "the pause needs no sentence");
    home.says(room, "resume").await;
    home.hears(room, &["Red Harbour"], "resume").await;

    plays("next", "Green Lantern").await;
    plays("next", "Old Window").await;
    home.queue_is(room, "last item", |queue| queue["next_item"].is_null()).await;
    home.hears_words(room, "next", "The queue ends here").await;
}
