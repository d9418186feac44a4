//! Music by its name, and by what it is.

use super::home::{Home, KITCHEN, OFFICE};
use super::library::{AUDIOBOOK, PIECES, PODCAST, STATION};

/// A newer provider leaves its sentence out: the answer of the skill has the music, and names it.
pub(super) async fn in_the_answer(home: &Home) {
    each_kind_is_heard(home).await;
    a_question_is_asked(home).await;
    favourites_are_heard(home).await;
    the_queue_grows(home).await;
    what_cannot_be_goes_on(home).await;
}

/// The provider as it is stops what plays, and makes the Echo ask.
pub(super) async fn by_a_sentence(home: &Home) {
    let plays = async |sentence: &str, titles: &[&str]| home.plays(OFFICE, sentence, OFFICE, titles).await;
    plays("play the song red harbour", &["Red Harbour"]).await;
    plays("play songs by tom falk", &["Old Window", "New Window"]).await;
    plays("play the station lighthouse radio", &[STATION]).await;
    plays("play the album crossings", &["Silver Bridge", "Golden Meadow"]).await;
    home.says_what_plays(OFFICE, "Otto Brand").await;
}

async fn each_kind_is_heard(home: &Home) {
    let plays = async |sentence: &str, titles: &[&str]| home.plays(KITCHEN, sentence, KITCHEN, titles).await;
    plays("play blue river", &["Blue River"]).await;
    plays("play the song green lantern", &["Green Lantern"]).await;
    plays("play the album rivers", &["Blue River"]).await;
    plays("play songs by tom falk", &["Old Window", "New Window"]).await;
    plays("play my playlist dinner", &["Old Window"]).await;
    plays("next", &["Golden Meadow"]).await;
    plays("play the station lighthouse radio", &[STATION]).await;
    plays("play the audiobook the long orchard", &[AUDIOBOOK]).await;
    plays("play the podcast evening letters", &[PODCAST]).await;
    plays("play some jazz music", &["Blue River", "Red Harbour", "Green Lantern"]).await;
    let heard = plays("play silver bridge by otto brand", &["Silver Bridge"]).await;
    assert_eq!(PIECES[heard.piece].artist, "Otto Brand");
    let all: Vec<&str> = PIECES.iter().map(|piece| piece.title).collect();
    plays("play something random", &all).await;
    plays("shuffle rivers", &["Blue River", "Red Harbour"]).await;
    home.queue_is(KITCHEN, "shuffled queue", |queue| queue["shuffle_enabled"] == true).await;
    home.hears_words(KITCHEN, "shuffle off", "Okay").await;
    home.hears_words(KITCHEN, "play the album quartz and flagstones", "I found no music").await;
}

async fn a_question_is_asked(home: &Home) {
    let question = home.says(KITCHEN, "play the song silver bridge").await;
    assert!(question.speech.contains("Did you mean"), "{question:?}");
    home.echos.answers(KITCHEN, &question, "the second one").await;
    home.hears(KITCHEN, &["Silver Bridge"], "the second one").await;
}

async fn favourites_are_heard(home: &Home) {
    home.plays(KITCHEN, "play the song new window", KITCHEN, &["New Window"]).await;
    home.hears_words(KITCHEN, "i like this song", "Added").await;
    home.plays(KITCHEN, "play blue river", KITCHEN, &["Blue River"]).await;
    home.plays(KITCHEN, "play my favorites", KITCHEN, &["New Window"]).await;
    home.hears_words(KITCHEN, "unlike this song", "Removed").await;
    home.hears_words(KITCHEN, "play my favorites", "has no such music in its library yet").await;
}

async fn the_queue_grows(home: &Home) {
    home.plays(KITCHEN, "play blue river", KITCHEN, &["Blue River"]).await;
    home.hears_words(KITCHEN, "add old window to the queue", "Old Window").await;
    home.hears_words(KITCHEN, "play golden meadow next", "Golden Meadow by Otto Brand comes next").await;
    home.plays(KITCHEN, "next", KITCHEN, &["Golden Meadow"]).await;
    home.plays(KITCHEN, "next", KITCHEN, &["Old Window"]).await;
    home.says_what_plays(KITCHEN, "Old Window by Tom Falk").await;
    home.hears_words(KITCHEN, "who sings this", "Tom Falk").await;
}

/// No provider of this home finds music like other music.
async fn what_cannot_be_goes_on(home: &Home) {
    home.hears_words(KITCHEN, "play more like this", "isn't possible").await;
    home.hears_words(KITCHEN, "start a radio for blue river", "isn't possible").await;
    assert!(home.echos.plays(KITCHEN), "it plays on");
    home.says_what_plays(KITCHEN, "Old Window").await;
}
